"""The user's texts with a language each, found by a detector where it is not given."""

from collections import Counter
from dataclasses import dataclass, replace

from equilingua.auditing.language_detection import detect_languages
from equilingua.benchmarks.own import LanguageTexts, OwnData
from equilingua.errors import InputError
from equilingua.languages import UNDETERMINED


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
    known = {tag for texts in (data.corpus, data.queries) for tag in texts.languages if tag is not None}
    corpus, passages = _known(data.corpus, known, "passages", once=False)
    queries, asked = _known(data.queries, known | set(passages.languages), "queries", once=True)
    kept, left = set(corpus.ids), set(queries.ids)
    qrels = data.qrels and {
        query: {passage: grade for passage, grade in grades.items() if passage in kept}
        for query, grades in data.qrels.items()
        if query in left
    }
    return replace(data, corpus=corpus, queries=queries, qrels=qrels), passages, asked


def _known(texts: LanguageTexts, expected: set[str], what: str, *, once: bool) -> tuple[LanguageTexts, TextCounts]:
    """The texts of a known language; ``once``: the first only, where several of an item have the same."""
    languages, rare = _detected(texts, expected)
    rows, seen = [], set[tuple[str, str]]()
    told = 0
    for row, (language, item) in enumerate(zip(languages, texts.items, strict=True)):
        if language != UNDETERMINED:
            told += 1
            if not once or (item, language) not in seen:
                rows.append(row)
                seen.add((item, language))
    if not rows:
        raise InputError(
            f"the language of none of the {len(languages):,} {what} could be told: add a field 'language' (BCP 47, "
            "such as 'en') to each"
        )
    counts = Counter(languages[row] for row in rows)
    kept = LanguageTexts(
        ids=tuple(texts.ids[row] for row in rows),
        texts=tuple(texts.texts[row] for row in rows),
        languages=tuple(languages[row] for row in rows),
        items=tuple(texts.items[row] for row in rows),
    )
    return kept, TextCounts(
        languages=dict(counts.most_common()),
        detected=sum(texts.languages[row] is None for row in rows),
        undetermined=len(languages) - told - sum(rare.values()),
        rare=rare,
        asked_again=told - len(rows),
        repeated=len(kept.texts) - len(set(kept.texts)),
    )


def _detected(texts: LanguageTexts, expected: set[str]) -> tuple[list[str], dict[str, int]]:
    unknown = [row for row, language in enumerate(texts.languages) if language is None]
    languages = [language or UNDETERMINED for language in texts.languages]
    if not unknown:
        return languages, {}
    found = detect_languages([texts.texts[row] for row in unknown], expected=expected)
    for row, language in zip(unknown, found.languages, strict=True):
        languages[row] = _as_given(language, expected)
    return languages, dict(found.rare)


def _as_given(detected: str, expected: set[str]) -> str:
    """The given language that a detected one belongs to: ``zh-CN`` for ``zh``, where no other Chinese is given."""
    variants = [tag for tag in expected if tag.split("-")[0] == detected]
    return variants[0] if len(variants) == 1 else detected
