"""Which pairs, languages and sources of a store are used."""

import operator
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from equilingua.errors import InputError, did_you_mean
from equilingua.pairs.parts import Part
from equilingua.pairs.profiles import CodedPart, Profile

_COMPARISONS: dict[str, Callable[[NDArray[np.float64], float], NDArray[np.bool_]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """A bound on a numeric column; pairs that do not have the column are kept."""

    column: str
    comparison: str
    value: float

    @classmethod
    def parse(cls, text: str) -> "Condition":
        """The condition written as ``column comparison number``; raises ``InputError`` if the text reads otherwise.

        >>> Condition.parse("fi_match>=0.75")
        Condition(column='fi_match', comparison='>=', value=0.75)
        """
        match = re.fullmatch(r"\s*([^\s<>=!]+)\s*(>=|<=|==|!=|>|<)\s*(\S+)\s*", text)
        try:
            if match:
                return cls(match[1], match[2], float(match[3]))
        except ValueError:
            pass
        allowed = " ".join(_COMPARISONS)
        raise InputError(
            f"condition {text!r}: write a column, one of {allowed}, and a number, such as 'fi_match>=0.75'"
        )

    def holds(self, part: Part) -> NDArray[np.bool_]:
        """Whether each row of a part is kept."""
        numbers = part.numbers(self.column)
        if numbers is None:
            return np.ones(len(part), dtype=bool)
        return np.isnan(numbers) | _COMPARISONS[self.comparison](numbers, self.value)

    def __str__(self) -> str:
        return f"{self.column}{self.comparison}{self.value:g}"


@dataclass(frozen=True, slots=True)
class Selection:
    """What is kept of a store; None keeps all. ``ParallelPairs.select`` says what each does, and reads them."""

    languages: tuple[str, ...] | None = None
    sources: tuple[str, ...] | None = None
    where: tuple[Condition, ...] = ()
    max_characters: int | None = None

    def describe(self) -> str:
        """What is wanted, in words for an error.

        >>> Selection(languages=("fi",), where=(Condition.parse("fi_match>=0.75"),)).describe()
        'languages fi, fi_match>=0.75'
        """
        wanted = [
            f"languages {', '.join(self.languages)}" if self.languages is not None else "",
            f"sources {', '.join(self.sources)}" if self.sources is not None else "",
            *map(str, self.where),
            f"at most {self.max_characters:,} characters" if self.max_characters is not None else "",
        ]
        return ", ".join(filter(None, wanted))

    def check(self, *, languages: Collection[str], sources: Collection[str], numbers: Collection[str]) -> None:
        """Raise ``InputError`` if something is wanted that the pairs do not have at all."""
        columns = tuple(condition.column for condition in self.where)
        for what, names, present in (
            ("language", self.languages, languages),
            ("source", self.sources, sources),
            ("numeric column", columns, numbers),
        ):
            for name in names or ():
                if name not in present:
                    raise InputError(f"no pair has the {what} {name!r}. {did_you_mean(name, present)}")

    def apply(self, part: Part, coded: CodedPart) -> CodedPart:
        """The part's profiles with all that is not selected left out."""
        codes = coded.codes.copy()
        for condition in self.where:
            codes[~condition.holds(part)] = -1
        coded = CodedPart(coded.profiles, codes)
        if self.max_characters is not None:
            coded = _without_long_texts(part, coded, self.max_characters)
        return self._restrict(coded)

    def _restrict(self, coded: CodedPart) -> CodedPart:
        languages = self.languages
        profiles: dict[Profile, int] = {}
        recode = np.full(len(coded.profiles) + 1, -1, dtype=np.int32)  # the last entry serves code -1
        for code, profile in enumerate(coded.profiles):
            kept = profile if languages is None else profile.keeping(lambda _, tag: tag in languages)
            if kept.language_pairs() and (self.sources is None or profile.source in self.sources):
                recode[code] = profiles.setdefault(kept, len(profiles))
        return CodedPart(tuple(profiles), recode[coded.codes])


def _without_long_texts(part: Part, coded: CodedPart, characters: int) -> CodedPart:
    """The part with each too long text taken out of its row's profile."""
    long: dict[int, set[tuple[str, str]]] = {}
    languages = {tag for profile in coded.profiles for tag in (*profile.query_languages, *profile.passage_languages)}
    # A pair stays in its other languages, so a long text changes its profile and not the pair.
    for side in ("query", "passage"):
        for tag in sorted(languages):
            for row in np.flatnonzero(part.too_long(side, tag, characters)).tolist():
                long.setdefault(row, set()).add((side, tag))
    profiles = {profile: code for code, profile in enumerate(coded.profiles)}
    codes = coded.codes.copy()
    for row, taken in long.items():
        if codes[row] >= 0:
            shorter = coded.profiles[codes[row]].keeping(lambda *text, taken=taken: text not in taken)
            codes[row] = profiles.setdefault(shorter, len(profiles))
    return CodedPart(tuple(profiles), codes)
