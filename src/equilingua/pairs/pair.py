"""The record that everything starts from: one parallel pair."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ParallelPair:
    """A question and its passage, each written in one or more languages.

    Attributes:
        id: language-free identity; pairs with equal id are translations of one another, never each other's negatives.
        source: the data set it comes from; batches can weight sources.
        queries: query text per language (canonical BCP 47 tags).
        passages: passage text per language; its languages may differ from those of ``queries``.
        negatives: hard negatives per language, each a passage that does not answer the query.
        provenance: per language ``native``, ``machine``, ``back-translated`` or ``glossed`` (word by word); empty where
            not known.
        numbers: numeric columns to filter by, such as an alignment score.
        sentences: True for parallel sentences (one text per language serves as query and passage): such a pair is used
            only across languages, because a text is trivially its own answer.
        replaced_passage: of a copy, the text that stood for the passage in its original, where it has another now.
    """

    id: str
    source: str
    queries: Mapping[str, str]
    passages: Mapping[str, str]
    negatives: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    provenance: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)
    sentences: bool = False
    replaced_passage: str | None = field(default=None, repr=False)
