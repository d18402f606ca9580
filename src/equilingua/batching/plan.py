"""What a batch stream is asked to be."""

from dataclasses import dataclass
from typing import Literal, get_args

from equilingua.batching.schedules import AlphaSchedule
from equilingua.errors import InputError, did_you_mean

Kind = Literal["en-en", "x-x", "x-x-mono", "x-y", "hybrid", "within-batch"]
PairDrawing = Literal["uniform", "by-item"]
ShortLanguages = Literal["error", "skip"]

# The best alpha of the paper (arXiv 2408.10536).
HALF = AlphaSchedule("constant", ((0.0, 0.5),))


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """How batches are composed (arXiv 2408.10536, section 3; LAReQA, arXiv 2004.05484, section 4).

    Attributes:
        kind: ``en-en``: English on both sides. ``x-x``: each row in one language, languages mixed over the batch (a
            baseline with a language shortcut). ``x-x-mono``: one language for the whole batch. ``x-y``: in each row
            the query's language differs from the passage's. ``hybrid``: each batch x-x-mono with probability alpha,
            else x-y. ``within-batch``: each row monolingual with probability alpha, else x-y, mixed in one batch.
        alpha: share of monolingual batches (hybrid) or rows (within-batch), constant or scheduled.
        pair_drawing: how the languages of an x-y row are drawn. ``uniform``: an ordered language pair first, then an
            item that has it; ``by-item``: an item first, then one of its own ordered pairs.
        language_temperature: tau. A language (or ordered pair) is drawn with weight size ** tau: 0 is uniform, 1 is
            proportional to the items that have it.
        source_temperature: tau of the sources, the same way: 1 draws every item alike, 0 every source alike.
        short: what to do with a language that has items, but too few for a monolingual batch: ``error``, or ``skip``
            it in monolingual batches (it stays in x-y rows).
    """

    kind: Kind = "hybrid"
    alpha: AlphaSchedule = HALF
    pair_drawing: PairDrawing = "uniform"
    language_temperature: float = 0.0
    source_temperature: float = 1.0
    short: ShortLanguages = "error"

    def __post_init__(self) -> None:
        choices = {"kind": Kind, "pair_drawing": PairDrawing, "short": ShortLanguages}
        for field, literal in choices.items():
            value, allowed = getattr(self, field), get_args(literal)
            if value not in allowed:
                raise InputError(f"{field.replace('_', ' ')} {value!r} is unknown. {did_you_mean(str(value), allowed)}")
        for field in ("language_temperature", "source_temperature"):
            if not 0 <= getattr(self, field) <= 10:
                raise InputError(f"{field.replace('_', ' ')} must lie in [0, 10], got {getattr(self, field):g}")

    @property
    def monolingual(self) -> bool:
        """Whether some batches hold one language only."""
        return self.kind in ("en-en", "x-x-mono") or (self.kind == "hybrid" and self.alpha.bounds()[1] > 0)

    def describe(self) -> dict[str, str | float]:
        """The plan as plain values, to be written beside a result."""
        return {
            "kind": self.kind,
            "alpha": str(self.alpha),
            "pair_drawing": self.pair_drawing,
            "language_temperature": self.language_temperature,
            "source_temperature": self.source_temperature,
            "short": self.short,
        }
