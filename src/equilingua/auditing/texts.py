"""The user's texts with a language each: detected where it is not given, doubted where a detector finds another one."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from equilingua.auditing.findings import Finding, counted, worded
from equilingua.auditing.language_detection import detect_languages, detectable_languages
from equilingua.auditing.standings import FEW_QUERIES, SMALL
from equilingua.benchmarks.benchmark import Queries
from equilingua.benchmarks.own import OwnData
from equilingua.benchmarks.texts import LanguageTexts
from equilingua.errors import InputError
from equilingua.languages import UNDETERMINED

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


@dataclass(frozen=True, slots=True)
class TextCounts:
    """What the texts of one side (queries or passages) are.

    Attributes:
        languages: texts per language that take part, most first.
        detected: how many of those that take part have a language that was detected, not given.
        undetermined: texts left out because their language could not be told.
        rare: texts left out because the detector found their language in a few texts only, per language.
        asked_again: queries left out because their item is asked in their (detected) language already.
        repeated: texts that an earlier text equals.
    """

    languages: dict[str, int]
    detected: int
    undetermined: int
    rare: dict[str, int]
    asked_again: int
    repeated: int

    @property
    def total(self) -> int:
        """Number of texts that take part."""
        return sum(self.languages.values())


def with_languages(data: OwnData) -> tuple[OwnData, TextCounts, TextCounts]:
    """The data with every language known, and the counts of passages and queries.

    Texts whose language is not known stand in no language's figures, so they are left out, and judgements of them too.

    Raises:
        InputError: if no passage or no query is left.
    """
    given = {tag for texts in (data.corpus, data.queries) for tag in texts.languages if tag is not None}
    corpus, passages = _in_known_languages(data.corpus, given, "passages", once=False)
    queries, counts = _in_known_languages(data.queries, given | set(passages.languages), "queries", once=True)
    in_corpus, asked = set(corpus.ids), set(queries.ids)
    qrels = data.qrels and {
        query: {passage: grade for passage, grade in grades.items() if passage in in_corpus}
        for query, grades in data.qrels.items()
        if query in asked
    }
    return replace(data, corpus=corpus, queries=queries, qrels=qrels), passages, counts


def text_findings(passages: TextCounts, queries: TextCounts, evaluated: Mapping[str, Queries]) -> Iterator[Finding]:
    """What the texts themselves limit.

    Args:
        passages: counts of the corpus.
        queries: counts of all queries.
        evaluated: the queries of each language that are evaluated.
    """
    for side, counts in (("Passages", passages), ("Queries", queries)):
        if counts.undetermined:
            yield worded("undetermined", side=side, count=counts.undetermined)
        if counts.rare:
            figures = {"count": sum(counts.rare.values()), "counted": counted(counts.rare)}
            yield worded("rare", *counts.rare, side=side, **figures)
    if queries.asked_again:
        yield worded("asked again", count=queries.asked_again)
    for language, texts in sorted(evaluated.items()):
        if (count := len(texts.ids)) < FEW_QUERIES:
            yield worded("few queries", language, count=count, queries="query" if count == 1 else "queries")
        if language not in passages.languages:
            yield worded("no passages", language)
    if passages.repeated > SMALL * passages.total:
        yield worded("repeated", count=passages.repeated, total=passages.total)


def doubt_findings(texts: LanguageTexts, side: str, *, seed: int) -> Iterator[Finding]:
    """A note on every given language for which another is detected in a notable share of its long enough texts.

    Args:
        texts: as they were read, with the languages that their rows give.
        side: passages or queries.
        seed: of the texts drawn where a language has many.
    """
    sample = _sample(texts, seed=seed)
    if not sample:
        return
    detected = detect_languages([text for _, text in sample], expected={_primary(given) for given, _ in sample})
    others: dict[str, Counter[str]] = {}
    for (given, _), tag, confidence in zip(sample, detected.languages, detected.confidences, strict=True):
        if confidence >= SURE and not _agree(tag, given):
            others.setdefault(given, Counter())[tag] += 1
    looked_at = Counter(given for given, _ in sample)
    for given, tags in sorted(others.items()):
        share = tags.total() / looked_at[given]
        if tags.total() >= FEWEST and share >= DOUBTED:
            named = counted(dict(tags.most_common()))
            yield worded("doubted", given, side=side, looked_at=looked_at[given], share=share, others=named)


def _in_known_languages(
    texts: LanguageTexts, expected: set[str], side: str, *, once: bool
) -> tuple[LanguageTexts, TextCounts]:
    """The texts of a known language; ``once``: the first only, where several of an item have the same."""
    languages, rare = _detected(texts, expected)
    known = [row for row, language in enumerate(languages) if language != UNDETERMINED]
    rows = known
    if once:
        first: dict[tuple[str, str], int] = {}
        for row in known:
            first.setdefault((texts.items[row], languages[row]), row)
        rows = [*first.values()]
    if not rows:
        raise InputError(
            f"the language of none of the {len(languages):,} {side} could be told: add a field 'language' (BCP 47, "
            "such as 'en') to each"
        )
    kept = LanguageTexts(
        ids=tuple(texts.ids[row] for row in rows),
        texts=tuple(texts.texts[row] for row in rows),
        languages=tuple(languages[row] for row in rows),
        items=tuple(texts.items[row] for row in rows),
    )
    return kept, TextCounts(
        languages=dict(Counter(languages[row] for row in rows).most_common()),
        detected=sum(texts.languages[row] is None for row in rows),
        undetermined=len(languages) - len(known) - sum(rare.values()),
        rare=rare,
        asked_again=len(known) - len(rows),
        repeated=len(kept.texts) - len(set(kept.texts)),
    )


def _detected(texts: LanguageTexts, expected: set[str]) -> tuple[list[str], dict[str, int]]:
    """Every text's language, and the counts of languages that were detected too rarely to be believed."""
    unknown = [row for row, language in enumerate(texts.languages) if language is None]
    languages = [language or UNDETERMINED for language in texts.languages]
    if not unknown:
        return languages, {}
    detected = detect_languages([texts.texts[row] for row in unknown], expected=expected)
    for row, language in zip(unknown, detected.languages, strict=True):
        # A given zh-CN is what a detected zh means, where no other Chinese is given.
        variants = [tag for tag in expected if _primary(tag) == language]
        languages[row] = variants[0] if len(variants) == 1 else language
    return languages, dict(detected.rare)


def _sample(texts: LanguageTexts, *, seed: int) -> list[tuple[str, str]]:
    """Given language and text of some long enough rows of every language that the detector knows."""
    rows_of: dict[str, list[int]] = {}
    for row, tag in enumerate(texts.languages):
        if tag is not None:
            rows_of.setdefault(tag, []).append(row)
    detectable = {_primary(tag) for tag in detectable_languages()}
    sample = []
    for tag, rows in sorted(rows_of.items()):
        if _primary(tag) in detectable:
            order = np.random.default_rng([seed]).permutation(rows).tolist()
            long = (texts.texts[row] for row in order if len(texts.texts[row].encode()) >= LONG_ENOUGH)
            sample += [(tag, text) for text in islice(long, LOOKED_AT)]
    return sample


def _primary(tag: str) -> str:
    return tag.split("-")[0]


def _agree(detected: str, given: str) -> bool:
    """Whether a detected language speaks for the given one, or for nothing."""
    both = {_primary(detected), _primary(given)}
    return detected == UNDETERMINED or len(both) == 1 or any(both <= alike for alike in _ALIKE)
