"""Given languages compared with their texts: which of them look like another language."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from equilingua.language_detection import WRITTEN_ALIKE, detect_languages, detectable_languages
from equilingua.languages import UNDETERMINED, country_of, same_language

LOOKED_AT = 200
"""The most texts of a given language that are compared with it, drawn at random."""

COMPARABLE = 40
"""Bytes (UTF-8) of the shortest texts compared: in names and numbers a detector finds what it likes."""

CONTRARY = 0.8
"""Confidence from which on another language than the one given counts."""

DOUBTED = 0.1
"""Share of the texts looked at from which on another language is told."""

FEWEST = 3
"""Texts in another language below which nothing is told, whatever their share."""

EXAMPLES = 3
"""Of those texts that are named."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A given language whose texts seem to be in others.

    Attributes:
        language: the tag given.
        looked_at: how many of its texts were.
        others: how many of those look like each other language, most first.
        country: of the language given, where it is the code of a country whose language most of the others are.
        examples: places of some of those texts among the texts given, to be looked at.
    """

    language: str
    looked_at: int
    others: Mapping[str, int]
    country: str | None
    examples: tuple[int, ...] = field(default=(), compare=False)

    @property
    def share(self) -> float:
        """Of the texts looked at, those that look like another language; 0 to 1."""
        return sum(self.others.values()) / self.looked_at


@dataclass(frozen=True, slots=True)
class Comparison:
    """Given languages compared with the texts: the doubts, and the languages that the detector does not know."""

    doubts: tuple[Doubt, ...]
    unchecked: tuple[str, ...]


def compare_languages(texts: Mapping[str, Sequence[str]], *, seed: int = 0) -> Comparison:
    """Given languages for which another is detected in a notable share of their texts.

    Up to 200 texts of at least 40 bytes of each are drawn. One whose tag is the code of a country with another language
    is compared too where the detector does not know it: ``kr`` is Kanuri, and most often meant to be Korean.

    Args:
        texts: by the tag given.
        seed: of the texts drawn.
    """
    doubts: list[Doubt] = []
    unchecked: list[str] = []
    for tag, given in sorted(texts.items()):
        order = np.random.default_rng([seed]).permutation(len(given)).tolist()
        drawn = ((row, given[row]) for row in order if len(given[row].encode()) >= COMPARABLE)
        sample = dict(islice(drawn, LOOKED_AT))
        doubt = _doubt(tag, sample) if sample else None
        if doubt:
            doubts.append(doubt)
        elif sample and not _known(tag):
            unchecked.append(tag)
    return Comparison(tuple(doubts), tuple(unchecked))


def _doubt(tag: str, sample: Mapping[int, str]) -> Doubt | None:
    """What speaks against a language of these texts, by their places; None for too little."""
    country, known = country_of(tag), _known(tag)
    spoken = country.languages if country and tag not in country.languages else ()
    if not known and not spoken:
        return None
    detected = detect_languages([*sample.values()], expected=[tag] if known else ())
    contrary = {
        row: language
        for row, language, confidence in zip(sample, detected.languages, detected.confidences, strict=True)
        if confidence >= CONTRARY and not _agree(language, tag) and (known or same_language(language, spoken))
    }
    if len(contrary) < max(FEWEST, DOUBTED * len(sample)):
        return None
    others = dict(Counter(contrary.values()).most_common())
    meant = country if same_language(next(iter(others)), spoken) else None
    return Doubt(tag, len(sample), others, meant.name if meant else None, tuple(islice(contrary, EXAMPLES)))


def _known(tag: str) -> bool:
    """Whether the detector has the language of a tag."""
    return same_language(tag, detectable_languages()) is not None


def _agree(detected: str, declared: str) -> bool:
    """Whether a detected language speaks for the given one, or for nothing."""
    if detected == UNDETERMINED or same_language(detected, [declared]):
        return True
    both = {detected.split("-")[0], declared.split("-")[0]}
    return any(both <= alike for alike in WRITTEN_ALIKE)
