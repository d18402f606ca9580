"""The output folder of a training: the model in it, checkpoints under it, the record beside it."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from equilingua.errors import InputError
from equilingua.files import check_place, file_mode
from equilingua.processes import is_main_process
from equilingua.training.config import default_interval, load_config
from equilingua.training.record import RECORD_NAME, Outcome, TrainingRecord, read_record

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# Settings that do not change the weights, so a run may be resumed under other values of them. Validation is told apart
# by its content, not by the names of its files.
_FREE = frozenset(
    {"validation", "checkpoints_kept", "keep_checkpoints", "log_steps", "report_to", "progress", "workers"}
)

# What a model by name or folder is told apart by, beside its name.
_CONTENT = ("commit", "weights_sha256", "files_sha256")

# Settings that the batches have under another name.
_IN_BATCHES = {"batch_size": "rows"}

# Raised when a default of the settings changes, or what a setting means.
_IDENTITY = 1

# A folder is a model once these are there, so they are put there last.
_LAST = ("config.json", "config_sentence_transformers.json", "modules.json")

# What a training leaves that was killed as it wrote its record.
_HALF_WRITTEN = f".{RECORD_NAME}.*"

_STATUS = {
    "running": "an unfinished training. Go on with it (resume=True, --resume)",
    "finished": "a finished training. Take it as it is (resume=True, --resume, with the same settings)",
}


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A folder that one training owns.

    Attributes:
        path: the folder.
    """

    path: Path

    @property
    def checkpoints(self) -> Path:
        """Where checkpoints lie while training."""
        return self.path / "checkpoints"

    def earlier(self, record: TrainingRecord, *, resume: bool, overwrite: bool) -> TrainingRecord | None:
        """The record of the training to go on with; None to start from the beginning.

        Args:
            record: the training that is asked for.
            resume: go on with a training that was begun here.
            overwrite: remove the training that lies here; another process must not be at it.

        Raises:
            InputError: if the folder holds a training and neither was asked for, holds anything else, is a file,
                cannot be made, or holds a training that differs from the one to be resumed.
        """
        found = read_record(self.path)
        if not is_main_process():
            # The main process may be about to begin or to clear; what it refuses ends all of them.
            return found if resume else None
        if found is None:
            self._refuse_foreign_files()
            check_place(self.path / RECORD_NAME)
            return None
        if overwrite:
            self._clear(found)
            return None
        if not resume:
            raise InputError(
                f"{self.path}: already holds {_STATUS[found.status]}, replace it (overwrite=True, --overwrite), or "
                "choose another output folder."
            )
        differences = list(_differences(found, record))
        if differences:
            raise InputError(
                "\n".join(
                    [
                        f"{self.path}: cannot resume, the training recorded there is another one:",
                        *(f"  {difference}" for difference in differences),
                        "Give the recorded values, or choose another output folder.",
                    ]
                )
            )
        return found

    def write(self, record: TrainingRecord) -> None:
        """Write the record of a training that runs, where a killed one may have left a half-saved model."""
        if is_main_process():
            for left in self.path.glob(".model.*.partial"):
                shutil.rmtree(left)
            for left in self.path.glob(_HALF_WRITTEN):
                left.unlink()
            record.write(self.path)

    def finish(self, model: "SentenceTransformer", record: TrainingRecord, outcome: Outcome) -> TrainingRecord:
        """Save the model, and then the record that says so."""
        record = replace(record, status="finished", outcome=outcome)
        if is_main_process():
            record = replace(record, files=self._put_model(model))
            record.write(self.path)
        return record

    def remove_checkpoints(self) -> None:
        """Remove what only resuming needs."""
        if is_main_process():
            shutil.rmtree(self.checkpoints, ignore_errors=True)

    def _put_model(self, model: "SentenceTransformer") -> tuple[str, ...]:
        """Save a model so that the folder is no model before it is whole; returns its files."""
        work = Path(tempfile.mkdtemp(dir=self.path, prefix=".model.", suffix=".partial"))
        try:
            model.save_pretrained(str(work))
            names = [str(path.relative_to(work)) for path in work.rglob("*") if path.is_file()]
            names.sort(key=lambda name: (_LAST.index(name) if name in _LAST else -1, name))
            for name in names:
                (self.path / name).parent.mkdir(parents=True, exist_ok=True)
                (work / name).chmod(file_mode())  # safetensors keeps its files from everyone else
                (work / name).replace(self.path / name)
            return tuple(sorted(names))
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _refuse_foreign_files(self) -> None:
        if self.path.exists() and not self.path.is_dir():
            raise InputError(f"{self.path}: is a file, not a folder. Choose another output folder.")
        found = [path for path in self.path.iterdir() if not path.match(_HALF_WRITTEN)] if self.path.is_dir() else []
        names = sorted(path.name for path in found)
        if names:
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            raise InputError(
                f"{self.path}: holds files that no training of this folder made ({', '.join(names[:3])}{more}); they "
                "could be overwritten. Choose a new or an empty output folder."
            )

    def _clear(self, record: TrainingRecord) -> None:
        for name in (*_LAST, *record.files):
            file = (self.path / name).resolve()
            if file.is_relative_to(self.path.resolve()):  # a record may come from anywhere
                file.unlink(missing_ok=True)
        self.remove_checkpoints()
        (self.path / RECORD_NAME).unlink()


def identity(record: TrainingRecord) -> dict[str, Any]:
    """All that determines the weights a training ends with, save versions and hardware, as plain values.

    A setting that has its default is left out, so that one which a later version adds does not make another training of
    those that do not use it.
    """
    plain = record.as_json()
    defaults = load_config().model_dump(mode="json")
    given = {name: value for name, value in plain["config"].items() if name not in defaults or value != defaults[name]}
    model = dict(plain["model"])
    if any(name in model for name in _CONTENT):
        for name in ("name", "revision"):  # where the same content lies does not matter
            model.pop(name, None)
    return {
        "model": model,
        "version": _IDENTITY,
        "config": {name: value for name, value in given.items() if name not in _FREE},
        "rows": plain["batches"]["rows"],
        "data": plain["data"]["fingerprint"],
        "validation": plain["validation"] and plain["validation"]["fingerprint"],
    }


def _differences(found: TrainingRecord, asked: TrainingRecord) -> Iterator[str]:
    plain = found.as_json(), asked.as_json()
    # A record that an earlier version wrote lacks later settings: they had the value that is now the default.
    plain[0]["config"] = load_config().model_dump(mode="json") | plain[0]["config"]
    set_aside = _FREE | _set_aside(found.model, asked.model)
    set_aside |= set(_derived(*(record["config"] for record in plain)))
    told: set[str] = set()
    for title, prefix in (("config", ""), ("model", "model "), ("batches", "batches ")):
        recorded, now = (record[title] for record in plain)
        differing = {name for name in {*recorded, *now} - set_aside if recorded.get(name) != now.get(name)}
        if title == "config":
            told = differing | {_IN_BATCHES[name] for name in differing & {*_IN_BATCHES}}
        elif title == "batches":
            differing -= told
        for name in sorted(differing):
            yield f"{prefix}{name}: recorded {recorded.get(name)!r}, now {now.get(name)!r}"
    for title in ("data", "validation"):
        recorded, now = (record[title] or {} for record in plain)
        if recorded.get("fingerprint") != now.get("fingerprint"):
            yield f"{title}: recorded {_named(recorded)}, now {_named(now)}, which differ in content or selection"


def _derived(*configs: Mapping[str, Any]) -> Iterator[str]:
    """Settings that follow, in every one of the configurations, from another that is told."""
    if all(config["validation_steps"] == default_interval(config["steps"]) for config in configs):
        yield "validation_steps"
    if all(config["checkpoint_steps"] == config["validation_steps"] for config in configs):
        yield "checkpoint_steps"


def _set_aside(recorded: Mapping[str, Any], now: Mapping[str, Any]) -> set[str]:
    """What need not be compared of two models: content that one of them does not tell; of one commit, its names."""
    unknown = {name for name in _CONTENT if name not in recorded or name not in now}
    same_commit = "commit" not in unknown and recorded["commit"] == now["commit"]
    return unknown | ({"revision"} if same_commit else set())


def _named(data: Mapping[str, Any]) -> str:
    return f"{data['pairs']:,} pairs of {', '.join(data['files'])}" if data else "none"
