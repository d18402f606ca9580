"""The output folder of a training: the model in it, checkpoints under it, the record beside it, each whole or absent.

A checkpoint is whole once a last file says what it consists of, a model once the files are there that make its folder
one: whenever the process dies, nothing half-written is taken for whole.
"""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from equilingua.documents import read_document
from equilingua.errors import InputError, foreign_errors
from equilingua.files import check_place, file_mode, remove_if_empty, remove_written, whole_file
from equilingua.runtime import is_main_process
from equilingua.training.record import RECORD_NAME, Outcome, TrainingRecord, differences, read_record

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

CHECKPOINT = "checkpoint-"
"""What the trainer puts before the step in the name of a checkpoint's folder."""

_MARK = "complete.json"

# A folder is a model once these are there, so they are put there last.
_LAST = ("config.json", "config_sentence_transformers.json", "modules.json")

# What a training leaves that was killed as it wrote its record.
_HALF_WRITTEN = f".{RECORD_NAME}.*"

_LOCK = ".training.lock"

_STATUS = {
    "running": "an unfinished training. Go on with it (resume=True, --resume)",
    "finished": "a finished training. Take it as it is (resume=True, --resume, with the same options)",
}


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A whole checkpoint.

    Attributes:
        folder: where it lies.
        step: optimizer steps done.
        seconds: training time until then, over all resumptions.
        finished: whether nothing is left to train.
    """

    folder: Path
    step: int
    seconds: float
    finished: bool

    def mark(self) -> None:
        """Write, once everything else of it is written, what it consists of."""
        mark = asdict(self) | {"files": _sizes(self.folder)}
        del mark["folder"]
        with whole_file(self.folder / _MARK) as work:
            work.write_text(json.dumps(mark))


def read_checkpoint(folder: Path) -> Checkpoint | None:
    """The checkpoint of a folder; None if there is none, or not every file of it is there in full."""
    if not (folder / _MARK).is_file():
        return None
    with foreign_errors(f"{folder / _MARK}: marks no checkpoint", advice=f"Remove {folder}, or train without --resume"):
        mark = read_document(folder / _MARK)
        whole = mark.pop("files").items() <= _sizes(folder).items()
        return Checkpoint(folder, **mark) if whole else None


def _listed(folder: Path) -> list[str] | None:
    """The files that the mark of a checkpoint lists, whether they are as they were or not; None without a mark."""
    try:
        return list(read_document(folder / _MARK)["files"])
    except (ValueError, KeyError, TypeError):
        return None


def _sizes(folder: Path) -> dict[str, int]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != _MARK)
    return {str(path.relative_to(folder)): path.stat().st_size for path in files}


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A folder that one training owns."""

    path: Path

    @property
    def checkpoints(self) -> Path:
        """Where checkpoints lie while training."""
        return self.path / "checkpoints"

    def earlier(self, record: TrainingRecord, *, resume: bool, overwrite: bool) -> TrainingRecord | None:
        """The record of the training to go on with; None to start from the beginning.

        With ``resume`` a training that was begun here goes on; with ``overwrite`` it is removed, and no other process
        may be at it. ``record`` is of the training that is asked for.

        Raises:
            InputError: if the folder holds a training and neither was asked for, holds anything else, is a file,
                cannot be made, or holds a training that differs from the one to be resumed.
        """
        held = read_record(self.path)
        if not is_main_process():
            # The main process may be about to begin or to clear; what it refuses ends all of them.
            return held if resume else None
        # A folder without a record may be anyone's, so nothing in it is ever overwritten.
        if held is None:
            self._refuse_foreign_files()
            check_place(self.path / RECORD_NAME)
            return None
        if overwrite:
            self._clear(held)
            return None
        if not resume:
            raise InputError(
                f"{self.path}: already holds {_STATUS[held.status]}, replace it (overwrite=True, --overwrite), or "
                "choose another output folder."
            )
        if differing := [f"  {difference}" for difference in differences(held, record)]:
            first = f"{self.path}: cannot resume, the training recorded there is another one:"
            last = "Give the recorded values, or choose another output folder."
            raise InputError("\n".join([first, *differing, last]))
        return held

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep every other training out of the folder; a lock that goes with the process, however it ends.

        Raises:
            InputError: if another training is at work in it, or it is a file or cannot be written to.
        """
        if not is_main_process():
            yield
            return
        self._refuse_file()
        check_place(self.path / RECORD_NAME)
        self.path.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.path / _LOCK)
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise InputError(
                f"{self.path}: another training is at work in it. Wait until it ends, or choose another output folder"
            ) from error
        try:
            yield
        finally:
            # Before it is let go, so that nobody else can hold it meanwhile.
            (self.path / _LOCK).unlink(missing_ok=True)
            lock.release()
            remove_if_empty(self.path)

    def newest_checkpoint(self) -> Checkpoint | None:
        """The whole checkpoint with the most steps, half-written ones being removed; None if there is none."""
        read = {folder: read_checkpoint(folder) for folder in self._checkpoint_folders()}
        for folder, checkpoint in read.items():
            if checkpoint is None and is_main_process():
                shutil.rmtree(folder)
        return max(filter(None, read.values()), key=lambda checkpoint: checkpoint.step, default=None)

    def _checkpoint_folders(self) -> list[Path]:
        folders = self.checkpoints.glob(f"{CHECKPOINT}*")
        return [folder for folder in folders if folder.name.removeprefix(CHECKPOINT).isdigit()]

    def write(self, record: TrainingRecord) -> None:
        """Write the record of a training that runs, where a killed one may have left a half-saved model."""
        if is_main_process():
            # No other process may be at this training, so what is half-written was left by one that died.
            for left in self.path.glob(".model.*.partial"):
                shutil.rmtree(left)
            for left in self.path.glob(_HALF_WRITTEN):
                left.unlink()
            record.write(self.path)

    def finish(self, model: "SentenceTransformer", record: TrainingRecord, outcome: Outcome) -> TrainingRecord:
        """Save the model, and then the record that says so.

        The folder is no model before the last of its files is there. A file of the same name that no training wrote is
        kept under another name.
        """
        done = replace(record, status="finished", outcome=outcome)
        if not is_main_process():
            return done
        held = read_record(self.path)
        own = set(held.files) if held is not None else set()
        work = Path(tempfile.mkdtemp(dir=self.path, prefix=".model.", suffix=".partial"))
        try:
            model.save_pretrained(str(work))
            names = [str(path.relative_to(work)) for path in work.rglob("*") if path.is_file()]
            # Before any is moved: if this process dies meanwhile, the next one knows which files are of a training.
            replace(record, files=tuple(sorted(own.union(names)))).write(self.path)
            # Each file is moved in one step, but not all in one: the folder reads as a model only after the last.
            for name in sorted(names, key=lambda name: (_LAST.index(name) if name in _LAST else -1, name)):
                target = self.path / name
                if name not in own and target.exists():
                    target.rename(_free_name(target))
                target.parent.mkdir(parents=True, exist_ok=True)
                (work / name).chmod(file_mode())  # safetensors keeps its files from everyone else
                (work / name).replace(target)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        done = replace(done, files=tuple(sorted(names)))
        done.write(self.path)
        return done

    def remove_checkpoints(self) -> None:
        """Remove what only resuming needs; whatever else lies there stays."""
        if not is_main_process():
            return
        for folder in self._checkpoint_folders():
            files = _listed(folder)
            if files is None:  # cut off as it was written
                shutil.rmtree(folder, ignore_errors=True)
            else:
                remove_written(folder, [*files, _MARK])
        remove_if_empty(self.checkpoints)

    def _refuse_file(self) -> None:
        if self.path.exists() and not self.path.is_dir():
            raise InputError(f"{self.path}: is a file, not a folder. Choose another output folder.")

    def _refuse_foreign_files(self) -> None:
        self._refuse_file()
        held = self.path.iterdir() if self.path.is_dir() else ()
        names = sorted(path.name for path in held if path.name != _LOCK and not path.match(_HALF_WRITTEN))
        if names:
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            raise InputError(
                f"{self.path}: holds files that no training of this folder made ({', '.join(names[:3])}{more}); they "
                "could be overwritten. Choose a new or an empty output folder."
            )

    def _clear(self, record: TrainingRecord) -> None:
        remove_written(self.path, record.files)
        self.remove_checkpoints()
        (self.path / RECORD_NAME).unlink()


def _free_name(path: Path) -> Path:
    """A name for a file that stands in the way: ``README.md.kept``, or with a number behind it."""
    names = (path.with_name(f"{path.name}.kept{number or ''}") for number in count())
    return next(name for name in names if not name.exists())
