"""How alpha, the share of monolingual batches, changes over a training."""

import math
from dataclasses import dataclass

from equilingua.errors import InputError

_SHAPES = "a number, 'linear:START:END', 'cosine:START:END' or 'steps:VALUE@PROGRESS,...'"


@dataclass(frozen=True, slots=True)
class AlphaSchedule:
    """Alpha as a function of the training's progress.

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
    def parse(cls, text: "str | float | AlphaSchedule") -> "AlphaSchedule":
        """The schedule written as a number or a text.

        Raises:
            InputError: if it reads otherwise, or alpha leaves [0, 1].

        >>> AlphaSchedule.parse("steps:1@0,0.3@0.5").at(0.7)
        0.3
        """
        if isinstance(text, AlphaSchedule):
            return text
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

    def __str__(self) -> str:
        if self.shape == "constant":
            return f"{self.points[0][1]:g}"
        if self.shape == "steps":
            return "steps:" + ",".join(f"{alpha:g}@{progress:g}" for progress, alpha in self.points)
        return f"{self.shape}:{self.points[0][1]:g}:{self.points[1][1]:g}"
