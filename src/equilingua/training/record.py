"""What is written beside a trained model: everything needed to say what it is, and to do it again."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from equilingua.errors import InputError
from equilingua.files import whole_file

if TYPE_CHECKING:
    from equilingua.pairs.store import ParallelPairs

RECORD_NAME = "training.json"
_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class DataRecord:
    """The pairs that were used.

    Attributes:
        fingerprint: of content and selection.
        files: file names and the SHA-256 of their content.
        pairs: how many.
        languages: which.
        sources: which.
    """

    fingerprint: str
    files: Mapping[str, str]
    pairs: int
    languages: tuple[str, ...]
    sources: tuple[str, ...]

    @classmethod
    def of(cls, pairs: "ParallelPairs") -> Self:
        """The record of some pairs."""
        files = {file.name: file.sha256 for file in pairs.files}
        return cls(pairs.fingerprint, files, len(pairs), pairs.languages, pairs.sources)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a training went.

    Attributes:
        steps: optimizer steps done.
        pairs: training examples, over all processes.
        seconds: training time, without validation and saving.
        pairs_per_second: ``pairs`` by ``seconds``.
        stopped_early: whether validation ended it before all its steps.
        best_step: step of the model that was kept; None without validation.
        best_validation_loss: its loss; None without validation.
        history: log entries: step, and training loss with learning rate, or validation loss.
    """

    steps: int
    pairs: int
    seconds: float
    pairs_per_second: float
    stopped_early: bool
    best_step: int | None
    best_validation_loss: float | None
    history: tuple[Mapping[str, float], ...]


@dataclass(frozen=True, slots=True)
class TrainingRecord:
    """A training, as ``training.json`` has it.

    Attributes:
        status: ``running`` until the model lies in the folder, then ``finished``.
        model: what it started from.
        config: every setting, with the values that were chosen for the encoder.
        prompts: what is put before queries and passages.
        batches: how batches are composed, their size over all processes, and the steps.
        data: the training pairs.
        validation: the validation pairs; None without validation.
        device: what it ran on.
        versions: of Python and the packages.
        files: the model's files in the folder, once finished.
        outcome: how it went, once finished.
    """

    status: Literal["running", "finished"]
    model: Mapping[str, Any]
    config: Mapping[str, Any]
    prompts: Mapping[str, str]
    batches: Mapping[str, Any]
    data: DataRecord
    validation: DataRecord | None
    device: Mapping[str, Any]
    versions: Mapping[str, str]
    files: tuple[str, ...] = ()
    outcome: Outcome | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain values, as they are written."""
        plain: dict[str, Any] = json.loads(json.dumps({"schema": _SCHEMA, **asdict(self)}))
        return plain

    def write(self, folder: Path) -> None:
        """Write it into a folder, whole or not at all."""
        with whole_file(folder / RECORD_NAME) as work:
            work.write_text(json.dumps(self.as_json(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def read_record(folder: str | Path) -> TrainingRecord | None:
    """The record in a folder; None if there is none.

    Raises:
        InputError: if it is there but cannot be read, or is of another schema.
    """
    path = Path(folder) / RECORD_NAME
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content.pop("schema") != _SCHEMA:
            raise InputError(f"{path}: written by another version of equilingua; choose another output folder")
        outcome = content.pop("outcome")
        return TrainingRecord(
            **content
            | {
                "data": _data(content["data"]),
                "validation": content["validation"] and _data(content["validation"]),
                "files": tuple(content["files"]),
                "outcome": outcome and Outcome(**outcome | {"history": tuple(outcome["history"])}),
            }
        )
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise InputError(f"{path}: is no training record ({error}); choose another output folder") from error


def _data(content: dict[str, Any]) -> DataRecord:
    return DataRecord(**content | {name: tuple(content[name]) for name in ("languages", "sources")})
