"""How far the units are that are being worked on, told by the files they leave behind."""

from dataclasses import dataclass

from equilingua.studies.units import Trained, Unit
from equilingua.studies.workspace import Workspace
from equilingua.training.record import read_record


@dataclass(frozen=True, slots=True)
class Working:
    """A unit that is being worked on.

    Attributes:
        unit: what is being made and evaluated.
        doing: what is done of it now, in words.
        step: the newest checkpoint's; 0 before the first, and once training is over.
        steps: of the training; 0 where nothing is being trained.
    """

    unit: Unit
    doing: str
    step: int = 0
    steps: int = 0


def working_on(unit: Unit, workspace: Workspace, *, steps: int) -> Working:
    """How far a unit is.

    Args:
        unit: one that a worker is at.
        workspace: where it works.
        steps: of its training; not looked at where it is not trained.
    """
    if isinstance(unit.making, Trained) and not workspace.is_trained(unit.key):
        folder = workspace.training(unit.key)
        if read_record(folder) is None:
            return Working(unit, "reading pairs and model", 0, steps)
        names = (path.name.rpartition("-")[2] for path in folder.glob("checkpoints/checkpoint-*"))
        step = max((int(name) for name in names if name.isdigit()), default=0)
        return Working(unit, f"training, past step {step:,} of {steps:,}", step, steps)
    left = (planned.config.key for planned in unit.evaluations if not workspace.is_evaluated(planned.key))
    name = next(left, None)
    return Working(unit, "finishing" if name is None else f"evaluating on {name}")
