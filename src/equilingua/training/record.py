"""What is written beside a trained model: all it takes to say what it is, to make it again, to tell it from others."""

import json
from collections.abc import Iterator, Mapping, Set
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import TypeAdapter

from equilingua.documents import read_document
from equilingua.errors import InputError, foreign_errors
from equilingua.files import whole_file
from equilingua.overlap.compare import Overlap
from equilingua.pairs.selection import Selection
from equilingua.training.config import default_interval

if TYPE_CHECKING:
    from equilingua.pairs.store import ParallelPairs

RECORD_NAME = "training.json"
_SCHEMA = 1

# Options that do not change the weights, so a training may be resumed under other values of them. Validation is told
# apart by its content, not by the names of its files.
_FREE = frozenset(
    {"validation", "checkpoints_kept", "keep_checkpoints", "log_steps", "report_to", "progress", "workers"}
)

# What a model by name or folder is told apart by, beside its name.
_CONTENT = ("commit", "weights_sha256", "files_sha256")

# Raised when an option comes to mean something else, or the loss takes other candidates, so that trainings of before
# are not taken for those of now.
_MEANING = 2


@dataclass(frozen=True, slots=True)
class DataRecord:
    """The pairs that were used: a fingerprint of content and selection, and files by the SHA-256 of their content.

    ``stores`` and ``selections`` say where the cache had them, one store a file; nothing where that is not known.
    """

    fingerprint: str
    files: Mapping[str, str]
    pairs: int
    languages: tuple[str, ...]
    sources: tuple[str, ...]
    stores: tuple[str, ...] = ()
    selections: tuple[Selection, ...] = ()

    @classmethod
    def of(cls, pairs: "ParallelPairs") -> Self:
        """The record of some pairs."""
        files = {file.name: file.sha256 for file in pairs.files}
        places = pairs.stores, pairs.selections
        return cls(pairs.fingerprint, files, len(pairs), pairs.languages, pairs.sources, *places)

    def read(self) -> "ParallelPairs | None":
        """The pairs, if they lie in the cache still, else those of its files that are as they were; None where neither.

        What was made of files (back-translations, samples) is known again by the cache alone.
        """
        from equilingua.pairs.store import ParallelPairs, Source

        sources = [Source(name, sha) for name, sha in self.files.items()]
        if (pairs := ParallelPairs.kept(self.stores, sources, self.selections)) is not None:
            return pairs
        try:
            read = ParallelPairs.read(*self.files, progress=False)
            pairs = read.selected(self.selections)
        except InputError:
            return None
        return pairs if pairs.fingerprint == self.fingerprint else None

    def __str__(self) -> str:
        return f"{self.pairs:,} pairs of {', '.join(self.files)}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a training went.

    Attributes:
        steps: optimizer steps done.
        pairs: examples trained on, over all processes.
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
    history: tuple[Mapping[str, int | float], ...]


@dataclass(frozen=True, slots=True)
class TrainingRecord:
    """A training, as ``training.json`` has it.

    Attributes:
        status: ``running`` until the model lies in the folder, then ``finished``.
        model: what it started from.
        config: every option, with the values that were chosen for the encoder.
        prompts: what is put before queries and passages.
        batches: how batches are composed, their size over all processes (``rows``), and the steps.
        data: the training pairs.
        validation: the validation pairs; None without validation.
        validation_overlap: what of them was trained on.
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
    validation_overlap: Overlap | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain values, as they are written."""
        # Through JSON, so that tuples are lists, as the file has them.
        plain: dict[str, Any] = json.loads(json.dumps({"schema": _SCHEMA, **asdict(self)}))
        return plain

    def write(self, folder: Path) -> None:
        """Write it into a folder, whole or not at all."""
        with whole_file(folder / RECORD_NAME) as work:
            work.write_text(json.dumps(self.as_json(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def read_record(folder: str | Path) -> TrainingRecord | None:
    """The record in a folder, if there is one; raises ``InputError`` if it is unreadable or of another schema."""
    path = Path(folder) / RECORD_NAME
    if not path.is_file():
        return None
    with foreign_errors(f"{path}: is no training record", advice="Choose another output folder"):
        content = read_document(path)
        other_schema = isinstance(content, dict) and content.get("schema") != _SCHEMA
        record = None if other_schema else TypeAdapter(TrainingRecord).validate_python(content)
    if record is None:
        raise InputError(f"{path}: written by another version of equilingua; choose another output folder")
    return record


def identity(record: TrainingRecord) -> dict[str, Any]:
    """All that determines the weights a training ends with, save versions and hardware, as plain values."""
    plain = record.as_json()
    # Where the same content lies does not matter.
    unnamed = ("name", "revision") if any(name in plain["model"] for name in _CONTENT) else ()
    return {
        "model": {name: value for name, value in plain["model"].items() if name not in unnamed},
        "version": _MEANING,
        "config": {name: value for name, value in plain["config"].items() if name not in _FREE},
        "rows": record.batches["rows"],
        "data": record.data.fingerprint,
        "validation": record.validation and record.validation.fingerprint,
    }


def differences(recorded: TrainingRecord, now: TrainingRecord) -> Iterator[str]:
    """In what two trainings differ, so that one cannot go on with the other; what follows from the rest is not told."""
    plain = recorded.as_json(), now.as_json()
    untold = _FREE | _untold_of_models(recorded.model, now.model)
    config = _differing("config", plain, untold | {*_derived(recorded.config, now.config)})
    # The batches have the same options again, the size under another name.
    repeated = config | ({"rows"} if "batch_size" in config else set())
    model, batches = _differing("model", plain, untold), _differing("batches", plain, untold | repeated)
    for part, names in (("config", config), ("model", model), ("batches", batches)):
        for name in sorted(names):
            old, new = (record[part].get(name) for record in plain)
            yield f"{'' if part == 'config' else f'{part} '}{name}: recorded {old!r}, now {new!r}"
    data = (("data", recorded.data, now.data), ("validation", recorded.validation, now.validation))
    for part, before, after in data:
        if (before and before.fingerprint) != (after and after.fingerprint):
            yield f"{part}: recorded {before or 'none'}, now {after or 'none'}, which differ in content or selection"


def _differing(part: str, plain: tuple[dict[str, Any], dict[str, Any]], untold: Set[str]) -> set[str]:
    old, new = (record[part] for record in plain)
    return {name for name in {*old, *new} - untold if old.get(name) != new.get(name)}


def _derived(*configs: Mapping[str, Any]) -> Iterator[str]:
    """Options that follow, in every one of the configurations, from another that is told."""
    if all(config["validation_steps"] == default_interval(config["steps"]) for config in configs):
        yield "validation_steps"
    if all(config["checkpoint_steps"] == config["validation_steps"] for config in configs):
        yield "checkpoint_steps"


def _untold_of_models(recorded: Mapping[str, Any], now: Mapping[str, Any]) -> set[str]:
    """What need not be compared of two models: content that one of them does not tell; of one commit, its names."""
    # A hub that could not be asked then says nothing of whether the model is another one now.
    unknown = {name for name in _CONTENT if name not in recorded or name not in now}
    same_commit = "commit" not in unknown and recorded["commit"] == now["commit"]
    return unknown | ({"revision"} if same_commit else set())
