"""Alpha, the share of monolingual batches: one for all languages, which may change over a training, or one for each."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from equilingua.errors import InputError, did_you_mean

_SHAPES = "a number, 'linear:START:END', 'cosine:START:END' or 'steps:VALUE@PROGRESS,...'"

# The key under which a table gives the alpha of the languages it does not name.
_DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class AlphaSchedule:
    """Alpha as a function of the training's progress, the same for every language.

    Attributes:
        shape: ``constant``, ``linear``, ``cosine`` or ``steps``.
        points: (progress, alpha) pairs, progress rising from 0 to at most 1, alpha in [0, 1]. Constant has one point;
            linear and cosine have a start and an end; steps holds each value until the next point.
    """

    shape: str
    points: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        for progress, alpha in self.points:
            if not 0 <= alpha <= 1:
                raise InputError(f"alpha must lie in [0, 1], got {alpha:g}: it is the share of monolingual batches")
            if not 0 <= progress <= 1:
                raise InputError(f"alpha schedule: progress must lie in [0, 1], got {progress:g}")
        starts = [progress for progress, _ in self.points]
        if not starts or starts[0] != 0 or starts != sorted(set(starts)):
            raise InputError(f"alpha schedule: progress must start at 0 and rise, got {starts}")

    @classmethod
    def parse(cls, text: str | float) -> "AlphaSchedule":
        """The schedule written as a number or a text; raises ``InputError`` if it reads otherwise or leaves [0, 1].

        >>> AlphaSchedule.parse("steps:1@0,0.3@0.5").at(0.7)
        0.3
        """
        if isinstance(text, bool):  # which Python takes for a number
            raise InputError(f"alpha {text!r}: give {_SHAPES}")
        try:
            shape, _, rest = str(text).partition(":")
            match shape:
                case "linear" | "cosine":
                    start, end = (float(value) for value in rest.split(":"))
                    return cls(shape, ((0.0, start), (1.0, end)))
                case "steps":
                    points = [item.split("@") for item in rest.split(",")]
                    return cls("steps", tuple((float(progress), float(alpha)) for alpha, progress in points))
                case _:
                    return cls("constant", ((0.0, float(text)),))
        # An InputError is a ValueError: without this, what is wrong with [0, 1] would be told as what cannot be read.
        except InputError:
            raise
        except (TypeError, ValueError) as error:
            raise InputError(f"alpha {text!r}: give {_SHAPES}") from error

    def at(self, progress: float) -> float:
        """Alpha at a progress from 0 (first step) to 1 (end), in [0, 1]; progress past the end counts as 1.

        >>> AlphaSchedule.parse("linear:1:0.5").at(0.5)
        0.75
        """
        progress = min(max(progress, 0.0), 1.0)
        start, end = self.points[0][1], self.points[-1][1]
        match self.shape:
            case "linear":
                return start + (end - start) * progress
            case "cosine":
                return end + (start - end) * (1 + math.cos(math.pi * progress)) / 2
            case _:
                return max((point for point in self.points if point[0] <= progress), key=lambda point: point[0])[1]

    def bounds(self) -> tuple[float, float]:
        """The lowest and the highest alpha it ever gives."""
        values = [alpha for _, alpha in self.points]
        return min(values), max(values)

    def highest(self, _: str) -> float:
        """The highest alpha that a language ever has."""
        return self.bounds()[1]

    def described(self) -> str:
        """The text that ``parse_alpha`` reads back."""
        if self.shape == "constant":
            return f"{self.points[0][1]:g}"
        if self.shape == "steps":
            return "steps:" + ",".join(f"{alpha:g}@{progress:g}" for progress, alpha in self.points)
        return f"{self.shape}:{self.points[0][1]:g}:{self.points[1][1]:g}"


@dataclass(frozen=True, slots=True)
class LanguageAlphas:
    """An alpha for each language, the same over the whole training.

    A language l is drawn with its weight w_l, and the batch (or example) is monolingual in it with probability alpha_l,
    else cross-lingual. So a share w_l * alpha_l is monolingual in l, and the sum of these is monolingual at all.

    Attributes:
        named: alpha by language, each in [0, 1].
        default: alpha of every other language; None if there may be none.
    """

    named: Mapping[str, float]
    default: float | None = None

    def __post_init__(self) -> None:
        if not self.named and self.default is None:
            raise InputError("alpha: an empty table; give alpha for languages, such as {en = 0.8, default = 0.5}")
        for language, alpha in self._table().items():
            if isinstance(alpha, bool) or not isinstance(alpha, int | float):
                raise InputError(
                    f"alpha of {language!r} must be a number in [0, 1], got {alpha!r}; a schedule holds for all "
                    "languages and stands in no table"
                )
            if not 0 <= alpha <= 1:
                raise InputError(f"alpha of {language!r} must lie in [0, 1], got {alpha:g}")

    def of(self, language: str) -> float:
        """Alpha of a language that ``check`` let pass."""
        alpha = self.named.get(language, self.default)
        if alpha is None:
            raise InputError(f"alpha: no number for {language!r}. Name it in the table, or give a default.")
        return alpha

    # A table does not change over a training, so what a language has is the highest it ever has.
    highest = of

    def bounds(self) -> tuple[float, float]:
        """The lowest and the highest alpha in the table."""
        values = self._table().values()
        return min(values), max(values)

    def check(self, languages: Collection[str]) -> None:
        """Raise ``InputError`` unless the table fits the languages that monolingual examples can be in.

        It may name no other, and must name them all if it has no default.
        """
        for language in self.named:
            if language not in languages:
                raise InputError(
                    f"alpha: no monolingual example can be in {language!r}. {did_you_mean(language, languages)}"
                )
        for language in sorted(languages):
            self.of(language)

    def described(self) -> dict[str, float]:
        """The table as plain values, which ``parse_alpha`` reads back."""
        return {language: float(alpha) for language, alpha in self._table().items()}

    def _table(self) -> dict[str, float]:
        return {**self.named, **({} if self.default is None else {_DEFAULT: self.default})}


Alpha = AlphaSchedule | LanguageAlphas


def parse_alpha(value: float | str | Mapping[str, float] | Alpha) -> Alpha:
    """Alpha written as a number, a schedule's text, or a table of languages with an optional ``default``.

    Raises:
        InputError: if it reads otherwise, or alpha leaves [0, 1].

    >>> parse_alpha({"en": 0.8, "default": 0.5}).of("zh")
    0.5
    """
    if isinstance(value, AlphaSchedule | LanguageAlphas):
        return value
    if isinstance(value, Mapping):
        named = {language: alpha for language, alpha in value.items() if language != _DEFAULT}
        return LanguageAlphas(named, value.get(_DEFAULT))
    return AlphaSchedule.parse(value)
