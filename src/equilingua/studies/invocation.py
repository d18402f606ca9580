"""How a command asked for a study: kept in the study's folder, to be told to whoever goes on with it."""

import shlex
from dataclasses import dataclass
from pathlib import PurePath, PureWindowsPath


@dataclass(frozen=True, slots=True)
class Asked:
    """How a study was begun, as far as its folder says.

    Attributes:
        file: the study's file, as the command named it, or its name alone; None where nothing is known of it.
        changes: settings that the command changed, such as ``training.steps=50``.
    """

    file: str | None = None
    changes: tuple[str, ...] = ()

    def command(self, name: str, *, output: str) -> str:
        """The command that begins the study of that name, in which DATA stands for the folder of its data."""
        file = self.file or f"{name}.toml"
        if PurePath(file).is_absolute() or PureWindowsPath(file).is_absolute():
            file = PureWindowsPath(file).name
        changes = "".join(f" --set {_quoted(change)}" for change in self.changes)
        return f"equilingua study {shlex.quote(file)}{changes} --data DATA --output {shlex.quote(output)}"


def _quoted(change: str) -> str:
    """A change as the command takes it, in double quotes wherever they do."""
    return shlex.quote(change) if any(sign in change for sign in '"$`\\!') else f'"{change}"'
