"""Where studies work: models and results, each named by all that determines it, and a folder for every study."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Key = str
"""Names an outcome by all that determines it: 20 hexadecimal digits."""

SHARED_FOLDERS = ("trainings", "evaluations")
"""Of a workspace, beside those of its studies."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where studies work; those that share one share their trainings and results.

    Attributes:
        folder: the output folder.
    """

    folder: Path

    def is_trained(self, key: Key) -> bool:
        """Whether a training is finished."""
        from equilingua.training.record import read_record

        record = read_record(self.training(key))
        return record is not None and record.status == "finished"

    def is_evaluated(self, key: Key) -> bool:
        """Whether an evaluation is finished: the file that is looked for is written last, and whole."""
        from equilingua.evaluation.result import RESULT

        return (self.result(key) / RESULT).is_file()

    def training(self, key: Key) -> Path:
        """The folder of a trained model."""
        return self.folder / "trainings" / key

    def result(self, key: Key) -> Path:
        """The folder of an evaluation's result."""
        return self.folder / "evaluations" / key

    def study(self, name: str) -> Path:
        """The folder of a study, which holds its record."""
        return self.folder / name


def key_of(what: Mapping[str, Any]) -> Key:
    """The key of what these plain values determine.

    >>> key_of({"a": 1, "b": [2]}) == key_of({"b": [2], "a": 1})
    True
    """
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:20]
