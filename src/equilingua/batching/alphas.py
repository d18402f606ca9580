"""Alpha, the share of monolingual batches: one for all languages, or one for each."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from equilingua.batching.schedules import AlphaSchedule
from equilingua.errors import InputError, did_you_mean

# The key under which a table gives the alpha of the languages it does not name.
_DEFAULT = "default"


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

    def bounds(self) -> tuple[float, float]:
        """The lowest and the highest alpha in the table."""
        values = self._table().values()
        return min(values), max(values)

    def check(self, languages: Collection[str]) -> None:
        """Check the table against the data.

        Args:
            languages: those that monolingual examples can be in.

        Raises:
            InputError: if it names another language, or leaves one of these out and has no default.
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
    if isinstance(value, LanguageAlphas):
        return value
    if isinstance(value, Mapping):
        named = {language: alpha for language, alpha in value.items() if language != _DEFAULT}
        return LanguageAlphas(named, value.get(_DEFAULT))
    return AlphaSchedule.parse(value)
