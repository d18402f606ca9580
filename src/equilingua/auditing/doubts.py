"""Languages that rows give, doubted where a detector finds another one."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice

import numpy as np

from equilingua.auditing.findings import Finding
from equilingua.auditing.language_detection import detect_languages, detectable_languages
from equilingua.benchmarks.own import LanguageTexts
from equilingua.languages import UNDETERMINED, language_name

LONG_ENOUGH = 40
"""Bytes (UTF-8) of the shortest texts looked at: of names and numbers a detector knows little."""

LOOKED_AT = 200
"""The most texts of a language that are looked at, drawn at random."""

SURE = 0.8
"""Confidence of the detector from which on another language counts."""

DOUBTED = 0.1
"""Share of the texts looked at from which on another language is told."""

FEWEST = 3
"""Texts in another language below which nothing is told, whatever their share."""

# Written so alike, in short texts, that the detector takes one for the other.
_ALIKE = (
    frozenset({"no", "nb", "nn", "da", "sv"}),
    frozenset({"sh", "sr", "hr", "bs", "sl"}),
    frozenset({"id", "ms", "jv", "su"}),
    frozenset({"gl", "pt", "es", "ast"}),
    frozenset({"cs", "sk"}),
    frozenset({"ru", "uk", "be", "bg", "mk"}),
    frozenset({"zh", "yue", "wuu"}),
)


def doubt_findings(texts: LanguageTexts, what: str, *, seed: int) -> Iterator[Finding]:
    """A note on every given language for which another is detected in a notable share of its long enough texts.

    Args:
        texts: as they were read, with the languages that their rows give.
        what: passages or queries.
        seed: of the texts drawn where a language has many.
    """
    looked_at = _looked_at(texts, seed=seed)
    if not looked_at:
        return
    found = detect_languages([text for _, text in looked_at], expected={_primary(given) for given, _ in looked_at})
    others: dict[str, Counter[str]] = {}
    for (given, _), tag, confidence in zip(looked_at, found.languages, found.confidences, strict=True):
        if confidence >= SURE and not _agree(tag, given):
            others.setdefault(given, Counter())[tag] += 1
    counts = Counter(given for given, _ in looked_at)
    for language, of_others in sorted(others.items()):
        share = of_others.total() / counts[language]
        if of_others.total() >= FEWEST and share >= DOUBTED:
            told = ", ".join(f"{language_name(tag)} {count:,}" for tag, count in of_others.most_common())
            yield Finding(
                "note",
                (language,),
                f"Not all {what} given as {language_name(language)} seem to be: of {counts[language]:,} looked at, "
                f"{share:.0%} look like another language ({told}).",
                "Look at some of these rows. Where the field 'language' is wrong, mend it, or leave it out: then the "
                "language is detected.",
            )


def _looked_at(texts: LanguageTexts, *, seed: int) -> list[tuple[str, str]]:
    """Given language and text of some long enough rows of every language that the detector knows."""
    of_language: dict[str, list[int]] = {}
    for row, tag in enumerate(texts.languages):
        if tag is not None:
            of_language.setdefault(tag, []).append(row)
    known = {_primary(tag) for tag in detectable_languages()}
    drawn = []
    for tag, rows in sorted(of_language.items()):
        if _primary(tag) in known:
            order = np.random.default_rng([seed]).permutation(rows).tolist()
            long = (texts.texts[row] for row in order if len(texts.texts[row].encode()) >= LONG_ENOUGH)
            drawn += [(tag, text) for text in islice(long, LOOKED_AT)]
    return drawn


def _primary(tag: str) -> str:
    return tag.split("-")[0]


def _agree(detected: str, given: str) -> bool:
    """Whether a detected language speaks for the given one, or for nothing."""
    both = {_primary(detected), _primary(given)}
    return detected == UNDETERMINED or len(both) == 1 or any(both <= alike for alike in _ALIKE)
