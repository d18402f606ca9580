"""The user's texts with a language each: detected where it is not given."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from equilingua.corpora.own import OwnData
from equilingua.corpora.texts import LanguageTexts
from equilingua.errors import InputError
from equilingua.language_detection import detect_languages
from equilingua.languages import UNDETERMINED, joined_languages


@dataclass(frozen=True, slots=True)
class Joined:
    """The tag that a language was joined with, and how many texts that was."""

    language: str
    count: int


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
        joined: tags that mean a language of the other side, which names it otherwise; ``languages`` has that name.
    """

    languages: dict[str, int]
    detected: int
    undetermined: int
    rare: dict[str, int]
    asked_again: int
    repeated: int
    joined: Mapping[str, Joined]

    @property
    def total(self) -> int:
        """Number of texts that take part."""
        return sum(self.languages.values())


def with_languages(data: OwnData) -> tuple[OwnData, TextCounts, TextCounts]:
    """The data with every language known, and the counts of passages and queries.

    The languages of the corpus, given or detected, are expected of the queries, and one that means a language of the
    corpus by another tag (``no`` where the corpus has ``nb``) is taken for that. Texts whose language is not known
    stand in no language's figures, so they are left out, and judgements of them too.

    Raises:
        InputError: if no passage or no query is left.
    """
    named = {tag for texts in (data.corpus, data.queries) for tag in texts.languages if tag is not None}
    corpus, passages = _in_known_languages(data.corpus, named, "passages", once=False)
    queries, counts = _in_known_languages(data.queries, {*named, *passages.languages}, "queries", once=True)
    joined = joined_languages(counts.languages, passages.languages)
    if joined:
        counts = replace(
            counts,
            languages=dict(Counter(joined.get(tag, tag) for tag in queries.languages if tag).most_common()),
            joined={tag: Joined(joined[tag], counts.languages[tag]) for tag in joined},
        )
        queries = replace(queries, languages=tuple(tag and joined.get(tag, tag) for tag in queries.languages))
    in_corpus, in_queries = set(corpus.ids), set(queries.ids)
    qrels = data.qrels and {
        query: {passage: grade for passage, grade in grades.items() if passage in in_corpus}
        for query, grades in data.qrels.items()
        if query in in_queries
    }
    return replace(data, corpus=corpus, queries=queries, qrels=qrels), passages, counts


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
        joined={},
    )


def _detected(texts: LanguageTexts, expected: set[str]) -> tuple[list[str], dict[str, int]]:
    """Every text's language, and the counts of languages that were detected too rarely to be believed."""
    unknown = [row for row, language in enumerate(texts.languages) if language is None]
    languages = [language or UNDETERMINED for language in texts.languages]
    if not unknown:
        return languages, {}
    detected = detect_languages([texts.texts[row] for row in unknown], expected=sorted(expected))
    for row, language in zip(unknown, detected.languages, strict=True):
        languages[row] = language
    return languages, dict(detected.rare)
