"""The pairs that a command asks for: files named on the command line, and entries of a settings file."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from equilingua.errors import InputError

if TYPE_CHECKING:
    from equilingua.pairs.store import ParallelPairs
    from equilingua.training.load import AskedTraining

Data = Annotated[
    Path | None,
    typer.Option(
        "--data", help="Folder of the pairs that a recipe or a settings file names.", envvar="EQUILINGUA_DATA"
    ),
]


def asked_pairs(asked: "AskedTraining", files: Sequence[str | Path], data: Path | None) -> "ParallelPairs":
    """The pairs of the entries of a settings file, then those of the files.

    Args:
        asked: a training, whose settings file may name pairs.
        files: pairs files.
        data: the folder that the names of the settings file are relative to.

    Raises:
        InputError: if no pairs are named, or a relative name has no folder.
    """
    from equilingua.mixtures.read import read_entries
    from equilingua.pairs.store import ParallelPairs
    from equilingua.processes import is_main_process

    if not files and not asked.entries:
        raise InputError("no pairs file given, and none is named by a settings file (pairs = [...])")
    relative = [file for entry in asked.entries for file in entry.files if not Path(file).is_absolute()]
    if relative and data is None:
        raise InputError(
            f"--data is missing: the folder that holds {relative[0]}, as the settings file names its pairs"
        )
    shown = asked.config.progress and is_main_process()
    stores = [read_entries(asked.entries, data=data or Path(), progress=shown)] if asked.entries else []
    if files:
        stores.append(ParallelPairs.read(*files, language=asked.config.squad_language, progress=shown))
    return ParallelPairs.joined(stores)
