"""Copies of pairs with some of their texts replaced, such as by back-translations."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Literal

from equilingua.pairs.pair import PROVENANCES, ParallelPair, integer_key
from equilingua.pairs.store import ParallelPairs

Sides = Literal["queries", "passages", "both"]


def back_translated_copies(
    pairs: Iterable[ParallelPair], translations: ParallelPairs, *, side: Sides, source: str | None = None
) -> Iterator[tuple[ParallelPair, ParallelPair | None]]:
    """Each pair with its copy, in which texts are replaced by their back-translations; None where there are none.

    The copy keeps its id, so that it is the same item: never a negative of its original. It keeps the texts for which
    there is no back-translation, so that it serves across languages too. A language with a replaced text has the
    provenance ``back-translated``.

    Args:
        pairs: the originals.
        translations: pairs with the same ids, and texts in the same languages that went through another language.
        side: the texts that are replaced.
        source: of the copies; ``<source> back-translated`` by default.
    """
    positions = {_key_at(translations, position): position for position in range(len(translations))}
    for pair in pairs:
        position = positions.get(integer_key(pair.id))
        if position is None:
            yield pair, None
            continue
        found = translations[position]
        queries = _shared(found.queries, pair.queries) if side != "passages" else {}
        passages = _shared(found.passages, pair.passages) if side != "queries" else {}
        yield pair, with_texts(pair, queries, passages, source=source, kind="back-translated")


def with_texts(
    pair: ParallelPair, queries: Mapping[str, str], passages: Mapping[str, str], *, source: str | None, kind: str
) -> ParallelPair | None:
    """A copy of a pair with these texts in place of its own, or None if they change nothing.

    Its passage remains the same, in other words: it is no negative of another question on it.

    Args:
        pair: the original.
        queries: new queries by language.
        passages: new passages by language; of parallel sentences, whose query and passage are one text, either serves.
        source: of the copy; ``<source> <kind>`` by default.
        kind: how the texts were made, a provenance where ``PROVENANCES`` has it.
    """
    if pair.sentences:
        queries = passages = {**queries, **passages}
    copy = replace(
        pair,
        source=source or f"{pair.source} {kind}",
        queries={**pair.queries, **queries},
        passages={**pair.passages, **passages},
    )
    if copy.original_passage != pair.original_passage:
        copy = replace(copy, replaced_passage=pair.original_passage)
    if (copy.queries, copy.passages) == (dict(pair.queries), dict(pair.passages)):
        return None
    if kind in PROVENANCES:
        return replace(copy, provenance={**pair.provenance, **dict.fromkeys([*queries, *passages], kind)})
    return copy


def originals_and_copies(
    couples: Iterable[tuple[ParallelPair, ParallelPair | None]], *, mode: Literal["add", "replace"]
) -> Iterator[ParallelPair]:
    """The pairs with their copies after them (``add``), or with each copy in its original's place (``replace``)."""
    for pair, copy in couples:
        if copy is None or mode == "add":
            yield pair
        if copy is not None:
            yield copy


def _key_at(pairs: ParallelPairs, position: int) -> int:
    [(part, row)] = pairs.locate([position])
    return part.keys(row)[0]


def _shared(found: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    return {tag: text for tag, text in found.items() if tag in own}
