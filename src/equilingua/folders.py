"""What a folder holds that a command was given, and the commands that fit it, as they can be run."""

import json
import shlex
from itertools import count
from pathlib import Path
from typing import Literal

FolderKind = Literal["audit", "result", "study", "studies", "model", "arm"]
"""What `audit`, `evaluate`, `study` (its page, or all it worked on), `train` and `demo` (one of its arms) write."""

AUDIT, RESULT, STUDY = "audit.json", "result.json", "study.json"
MODEL_FILES = ("training.json", "modules.json", "config.json", "adapter_config.json")
"""Of which a model's folder has one at least: a training's record, or what the libraries load."""

_CALLED = {
    "audit": "an audit",
    "result": "a result",
    "study": "a study",
    "studies": "a folder of studies",
    "model": "a model",
    "arm": "an arm of the demo",
}


def folder_kind(folder: Path) -> FolderKind | None:
    """What lies in a folder; None if it is nothing that a command of this package wrote, and no model."""
    marks: tuple[tuple[FolderKind, str], ...] = (("audit", AUDIT), ("result", RESULT), ("study", STUDY))
    for kind, name in marks:
        if (folder / name).is_file():
            return kind
    if any((folder / name).is_file() for name in MODEL_FILES):
        return "model"
    if (folder / "result" / RESULT).is_file() and (folder / "model").is_dir():
        return "arm"
    return "studies" if any(folder.glob(f"*/{STUDY}")) else None


def no_model(folder: Path) -> str:
    """Why a folder cannot be a retriever, and what fits it; empty if it may be one."""
    kind = folder_kind(folder)
    if kind == "model" or not folder.is_dir():
        return ""
    if kind is None:
        return (
            f"{folder}: holds no model (none of {', '.join(MODEL_FILES[1:])}). Give a folder that holds a "
            "sentence-transformers or transformers model"
        )
    if kind == "arm":
        return f"{folder}: is an arm of the demo, which holds a model: give {folder / 'model'}"
    of = _model_of(folder, kind)
    return f"{folder}: is {_CALLED[kind]}, not a model. {of}{_shown(folder, kind)}"


def no_result(folder: Path) -> str:
    """Why a folder cannot be shown or compared as a result, and what fits it; empty if it may be one."""
    kind = folder_kind(folder)
    if kind in ("result", "arm") or (folder / "result" / RESULT).is_file():
        return ""
    if kind == "audit":
        return f"{folder}: is an audit without judgements, so it holds no result. {_shown(folder, kind)}"
    if kind == "model":
        evaluated = command(
            "evaluate", folder, "--benchmark", "facts", "--output", free(Path("results") / _name(folder))
        )
        return (
            f"{folder}: is a model, not a result. Evaluate it first, on the built-in benchmark or another: {evaluated}"
        )
    return "" if kind is None else f"{folder}: is {_CALLED[kind]}, not a result. {_shown(folder, kind)}"


def command(*words: str | Path) -> str:
    """A command as it can be typed.

    >>> command("report", Path("my audit"), "--output", "audit.html")
    "equilingua report 'my audit' --output audit.html"
    """
    return shlex.join(["equilingua", *map(str, words)])


def free(path: Path) -> Path:
    """The path, with a number before its suffix if something is there already: a command refuses to replace it."""
    names = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in count(2))
    return path if not path.exists() else next(name for name in names if not name.exists())


def report_command_of(folder: Path) -> str:
    """The command that makes a page of a folder."""
    return command("report", folder, "--output", free(Path(f"{_name(folder)}.html")))


def _shown(folder: Path, kind: FolderKind) -> str:
    shown = sorted(file.parent for file in folder.glob(f"*/{STUDY}"))[0] if kind == "studies" else folder
    return f"To look at it: {report_command_of(shown)}"


def _model_of(folder: Path, kind: FolderKind) -> str:
    """Which model a result or an audit is of, where its file says so."""
    try:
        name = json.loads((folder / {"audit": AUDIT, "result": RESULT}[kind]).read_bytes())["model"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""
    return f"It is of {name!r}. "


def _name(folder: Path) -> str:
    return folder.resolve().name or "report"
