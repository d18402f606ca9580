"""How batches are composed: the options of a stream, checked."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal, TypedDict, Unpack, cast, get_args

from equilingua.batching.alpha import Alpha, AlphaSchedule, parse_alpha
from equilingua.errors import InputError, did_you_mean

Kind = Literal["en-en", "x-x", "x-x-mono", "x-y", "hybrid", "within-batch"]
PairDrawing = Literal["uniform", "by-item"]
ShortLanguages = Literal["error", "skip"]

# The best alpha of the paper (arXiv 2408.10536).
HALF = AlphaSchedule("constant", ((0.0, 0.5),))


class BatchOptions(TypedDict, total=False):
    """The options of a ``BatchPlan``, see there, as they may be written.

    Alpha may be a number, the text of a schedule such as ``linear:1:0.3``, or a table of languages such as
    ``{"en": 0.8, "default": 0.5}`` (see ``LanguageAlphas``).
    """

    kind: Kind
    alpha: float | str | Mapping[str, float] | Alpha
    pair_drawing: PairDrawing
    language_temperature: float
    source_temperature: float
    short: ShortLanguages
    source_weights: Mapping[str, float] | None
    monolingual_sources: Sequence[str] | None
    cross_lingual_sources: Sequence[str] | None


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """How batches are composed (arXiv 2408.10536, section 3; LAReQA, arXiv 2004.05484, section 4).

    Attributes:
        kind: ``en-en``: English on both sides. ``x-x``: each example in one language, languages mixed over the batch (a
            baseline with a language shortcut). ``x-x-mono``: one language for the whole batch. ``x-y``: in each example
            the query's language differs from the passage's. ``hybrid``: each batch x-x-mono with probability alpha,
            else x-y. ``within-batch``: each example monolingual with probability alpha, else x-y, mixed in one batch.
        alpha: share of monolingual batches (hybrid) or examples (within-batch): constant, scheduled, or one
            for each language (``LanguageAlphas``).
        pair_drawing: how the languages of an x-y example are drawn. ``uniform``: an ordered language pair first, then
            an item that has it; ``by-item``: an item first, then one of its own ordered pairs.
        language_temperature: tau. A language (or ordered pair) is drawn with weight size ** tau: 0 is uniform, 1 is
            proportional to the items that have it.
        source_temperature: tau of the sources, the same way: 1 draws every item alike, 0 every source alike.
        short: what to do with a language that has items, but too few for a monolingual batch: ``error``, or ``skip``
            it in monolingual batches (it stays in x-y examples).
        source_weights: relative weight of each source, instead of the temperature; every source of the data must be
            named. Among the sources that have what an example asks for, one is drawn with its share of their weights,
            then one of its items. A source of weight 0 is left out.
        monolingual_sources: the sources whose pairs may stand in monolingual examples; None for all.
        cross_lingual_sources: the sources whose pairs may stand in cross-lingual examples; None for all.
    """

    kind: Kind = "hybrid"
    alpha: Alpha = HALF
    pair_drawing: PairDrawing = "uniform"
    language_temperature: float = 0.0
    source_temperature: float = 1.0
    short: ShortLanguages = "error"
    source_weights: Mapping[str, float] = field(default_factory=dict)
    monolingual_sources: tuple[str, ...] | None = None
    cross_lingual_sources: tuple[str, ...] | None = None

    @classmethod
    def of(cls, **options: Unpack[BatchOptions]) -> "BatchPlan":
        """The plan of these options, else of defaults; raises ``InputError`` for one unknown or out of range."""
        known = [option.name for option in fields(cls)]
        for name in options:
            if name not in known:
                raise InputError(f"no option of batches is called {name!r}. {did_you_mean(name, known)}")
        plain: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in options.items()}
        alpha = parse_alpha(options.get("alpha", HALF))
        return cls(**plain | {"alpha": alpha, "source_weights": options.get("source_weights") or {}})

    def __post_init__(self) -> None:
        choices = {"kind": Kind, "pair_drawing": PairDrawing, "short": ShortLanguages}
        for name, literal in choices.items():
            value, allowed = getattr(self, name), get_args(literal)
            if value not in allowed:
                raise InputError(f"{name.replace('_', ' ')} {value!r} is unknown. {did_you_mean(str(value), allowed)}")
        for name in ("language_temperature", "source_temperature"):
            if not 0 <= getattr(self, name) <= 10:
                raise InputError(f"{name.replace('_', ' ')} must lie in [0, 10], got {getattr(self, name):g}")
        self._check_sources()

    def _check_sources(self) -> None:
        for source, weight in self.source_weights.items():
            if not (weight >= 0 and math.isfinite(weight)):
                raise InputError(f"source weights: {source!r} must weigh 0 or more, got {weight:g}")
        if self.source_weights and not any(self.source_weights.values()):
            raise InputError("source weights: every source weighs 0, so none is left; give at least one more than 0")
        if self.source_weights and self.source_temperature != 1:
            raise InputError(
                f"source weights and source temperature ({self.source_temperature:g}) were both given: give one"
            )
        for name in ("monolingual_sources", "cross_lingual_sources"):
            if getattr(self, name) == ():
                raise InputError(f"{name.replace('_', ' ')}: name at least one, or leave it out to take all sources")

    @property
    def mixes(self) -> bool:
        """Whether alpha has a part in it."""
        return self.kind in ("hybrid", "within-batch")

    @property
    def needs_monolingual(self) -> bool:
        """Whether it ever draws monolingual examples."""
        return self.kind != "x-y" and not (self.mixes and self.alpha.bounds()[1] == 0)

    @property
    def needs_cross_lingual(self) -> bool:
        """Whether it ever draws cross-lingual examples."""
        return self.kind == "x-y" or (self.mixes and self.alpha.bounds()[0] < 1)

    @property
    def fills_batches_with_a_language(self) -> bool:
        """Whether some batches hold one language only."""
        return self.kind in ("en-en", "x-x-mono", "hybrid") and self.needs_monolingual

    def serves(self, source: str, *, monolingual: bool) -> bool:
        """Whether pairs of a source may stand in monolingual examples, or in cross-lingual examples."""
        placed = self.monolingual_sources if monolingual else self.cross_lingual_sources
        return (placed is None or source in placed) and self.source_weights.get(source, 1) > 0

    def check_sources(self, sources: Collection[str]) -> None:
        """Raise ``InputError`` if it names a source that the data lacks, or weighs only some of the data's sources."""
        for option, names in (
            ("source weights", self.source_weights),
            ("monolingual sources", self.monolingual_sources),
            ("cross-lingual sources", self.cross_lingual_sources),
        ):
            for name in names or ():
                if name not in sources:
                    raise InputError(f"{option}: no pair has the source {name!r}. {did_you_mean(name, sources)}")
        missing = sorted(set(sources) - set(self.source_weights)) if self.source_weights else []
        if missing:
            raise InputError(
                f"source weights: no weight for {', '.join(map(repr, missing))}. Give every source of the pairs a "
                "weight; 0 leaves one out."
            )

    def describe(self) -> dict[str, Any]:
        """The plan as plain values, to be written beside a result."""
        values = {option.name: getattr(self, option.name) for option in fields(self)}
        lists = {name: list(value) for name, value in values.items() if isinstance(value, tuple)}
        return values | lists | {"alpha": self.alpha.described(), "source_weights": dict(self.source_weights) or None}


def batch_options(record: Any) -> BatchOptions:
    """The options of batches that a record holds among others."""
    return cast(BatchOptions, {option.name: getattr(record, option.name) for option in fields(BatchPlan)})
