"""``results.jsonl``: what a study has found so far, one line an evaluation, only ever added to."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from equilingua.errors import InputError

LEDGER = "results.jsonl"


@dataclass(frozen=True, slots=True)
class Entry:
    """One evaluation of one arm and seed that is done.

    Attributes:
        study: name of the study that asked for it.
        arm: name of the arm.
        seed: of the training.
        evaluation: name of the evaluation.
        training_key: names the model.
        result_key: names the result, whose folder holds every query.
        measures: per setting, the macro means.
        seconds: spent on training and on evaluation; 0 for what another study had done already.
        provenance: versions, hardware and command of this process.
    """

    study: str
    arm: str
    seed: int
    evaluation: str
    training_key: str
    result_key: str
    measures: Mapping[str, Mapping[str, float]]
    seconds: Mapping[str, float]
    provenance: Mapping[str, Any]


def append(folder: Path, entry: Entry) -> None:
    """Add a line to the ledger of a study's folder, on disk before this returns."""
    line = json.dumps(asdict(entry), ensure_ascii=False).encode() + b"\n"
    path = folder / LEDGER
    folder.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        if file.tell() and not _ends_a_line(path):
            line = b"\n" + line  # a process that was killed in the midst of a line left a torn one
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def read(folder: Path) -> tuple[Entry, ...]:
    """The lines of a ledger, in their order; torn ones, which a killed process left, are passed over.

    Raises:
        InputError: if a whole line is no entry.
    """
    path = folder / LEDGER
    if not path.is_file():
        return ()
    entries = []
    for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
        try:
            content = json.loads(line)
        except ValueError:
            continue
        try:
            entries.append(Entry(**content))
        except TypeError as error:
            raise InputError(f"{path}:{number}: is no line of a study's results ({error}). Was it edited?") from error
    return tuple(entries)


def latest(entries: Iterable[Entry]) -> dict[tuple[str, int, str], Entry]:
    """The last line of every arm, seed and evaluation: a study whose settings were changed has older ones too."""
    found: dict[tuple[str, int, str], Entry] = {}
    for entry in entries:
        place = (entry.arm, entry.seed, entry.evaluation)
        found.pop(place, None)  # so that they stand in the order of their lines
        found[place] = entry
    return found


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
