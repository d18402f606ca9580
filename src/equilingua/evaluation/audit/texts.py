"""The user's texts with a language each, found by a detector where it is not given."""

from collections import Counter
from dataclasses import dataclass, replace

from equilingua.errors import InputError
from equilingua.evaluation.benchmarks.own import LanguageTexts, OwnData
from equilingua.evaluation.detection import UNDETERMINED, detect_languages

FEWEST_QUERIES = 2


@dataclass(frozen=True, slots=True)
class TextCounts:
    """What the texts of one side (queries or passages) are.

    Attributes:
        languages: texts per language, most first; ``und`` for those whose language could not be told.
        detected: how many languages were found by the detector, the others being given.
        repeated: texts that an earlier text equals.
    """

    languages: dict[str, int]
    detected: int
    repeated: int

    @property
    def total(self) -> int:
        """Number of texts."""
        return sum(self.languages.values())


def with_languages(data: OwnData) -> tuple[OwnData, TextCounts, TextCounts]:
    """The data with every language known, and the counts of passages and queries.

    Queries of undetermined language are left out, because they stand in no language's mean; passages stay in the pool
    under ``und``, because they compete all the same. A query whose detected language its item already has is left out
    too: it would be asked twice in it.

    Raises:
        InputError: if no query is left.
    """
    corpus, passages = _known(data.corpus)
    queries, counts = _known(data.queries)
    kept, seen = [], set[tuple[str, str | None]]()
    for row, (language, item) in enumerate(zip(queries.languages, queries.items, strict=True)):
        if language != UNDETERMINED and (item, language) not in seen:
            kept.append(row)
            seen.add((item, language))
    if not kept:
        raise InputError(
            f"the language of none of the {counts.total:,} queries could be told: add a field 'language' (BCP 47, such "
            "as 'en') to each"
        )
    columns = {name: tuple(getattr(queries, name)[row] for row in kept) for name in LanguageTexts.__slots__}
    return replace(data, corpus=corpus, queries=LanguageTexts(**columns)), passages, counts


def _known(texts: LanguageTexts) -> tuple[LanguageTexts, TextCounts]:
    unknown = [row for row, language in enumerate(texts.languages) if language is None]
    languages = list(texts.languages)
    if unknown:
        found = detect_languages([texts.texts[row] for row in unknown])
        for row, language in zip(unknown, found.languages, strict=True):
            languages[row] = language
    known = replace(texts, languages=tuple(languages))
    counts = Counter(str(language) for language in languages)
    return known, TextCounts(dict(counts.most_common()), len(unknown), len(texts.texts) - len(set(texts.texts)))
