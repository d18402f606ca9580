"""What all reports share: the formats, chosen by suffix, how tables and words become text, and short names."""

import itertools
import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from equilingua.errors import InputError
from equilingua.escaping import markdown_escaped
from equilingua.files import whole_file
from equilingua.reports.latex import latex_escaped, latex_table, table_label
from equilingua.tables import Table

_WITH_FOLDER = re.compile(r"(?P<model>.*?)(?: \((?P<folder>[^()]*)\))?")


@dataclass(frozen=True, slots=True)
class Words:
    """A part of a report that is told in words: a heading, and the items of a list."""

    title: str
    lines: tuple[str, ...]


Block = Table | Words


class Document(Protocol):
    """What can be written as a report."""

    @property
    def title(self) -> str:
        """Of the whole report."""

    def blocks(self) -> Sequence[Block]:
        """Tables and words, in order, for Markdown and LaTeX."""

    def csv(self) -> str:
        """Every number, in long format."""

    def html(self) -> str:
        """The page."""


def write_document(document: Document, path: str | Path) -> Path:
    """Write a report, whole or not at all, in the format of the suffix; gives the path.

    Raises:
        InputError: if the suffix is not one of .html, .md, .tex, .csv, or a library that HTML needs is missing.
    """
    path = Path(path)
    check_format(path)
    text = _FORMATS[path.suffix](document)
    with whole_file(path) as work:
        work.write_text(text, encoding="utf-8")
    return path


def check_format(path: Path) -> None:
    """Refuse a file whose suffix names no format, best before anything is read.

    Raises:
        InputError: if its suffix is not one of those known.
    """
    if path.suffix not in _FORMATS:
        raise InputError(f"{path}: a report is written as one of {', '.join(_FORMATS)}: name the file so")


def short_labels(labels: Sequence[str]) -> dict[str, str]:
    """Per label, the shortest end of its path (the last folder, if that will do) that no other label ends in.

    A label ``model (folder)`` has both shortened. Addresses with a scheme (``://``), and labels that are no paths, stay
    as they are.

    >>> short_labels(["/data/runs/hybrid", "/data/runs/x-y", "bm25"])
    {'/data/runs/hybrid': 'hybrid', '/data/runs/x-y': 'x-y', 'bm25': 'bm25'}
    >>> list(short_labels(["one/model", "two/model"]).values())
    ['one/model', 'two/model']
    """
    return {label: _shortest(label, [other for other in labels if other != label]) for label in labels}


def full_names(short: Mapping[str, str]) -> list[Words]:
    """What short names stand for, as the last part of a report; none where no name was shortened."""
    lines = tuple(f"{name}: {full}" for full, name in short.items() if full != name)
    return [Words("Full names", lines)] if lines else []


def markdown_text(title: str, blocks: Iterable[Block]) -> str:
    """A Markdown document with a heading for every table and list."""
    parts = [f"# {markdown_escaped(title)}"]
    for block in blocks:
        parts.append(f"## {markdown_escaped(block.title)}")
        if isinstance(block, Table):
            parts += block.markdown_parts()
        else:
            parts.append("\n".join(f"- {markdown_escaped(line)}" for line in block.lines))
    return "\n\n".join(parts) + "\n"


def latex_text(blocks: Iterable[Block]) -> str:
    r"""LaTeX to be input into a paper: tables that ``\ref`` finds by labels of their own, and lists."""
    parts = ["% Needs \\usepackage{booktabs,graphicx}; several languages ask for lualatex or xelatex.\n"]
    labels: set[str] = set()
    for block in blocks:
        if isinstance(block, Table):
            label = unused(table_label(block), labels)
            labels.add(label)
            parts.append(latex_table(block, label=label))
        else:
            items = [rf"\item {latex_escaped(line)}" for line in block.lines]
            head = rf"\paragraph{{{latex_escaped(block.title)}}}"
            parts.append("\n".join([head, r"\begin{itemize}", *items, r"\end{itemize}"]) + "\n")
    return "\n".join(parts)


def unused(name: str, taken: Container[str]) -> str:
    """The name, with a number behind it where it is taken already."""
    names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
    return next(each for each in names if each not in taken)


def _shortest(label: str, others: Sequence[str]) -> str:
    for depth in range(1, label.count("/") + label.count("\\") + 1):
        short = _end(label, depth)
        if short not in [_end(other, depth) for other in others]:
            return short
    return label


def _end(label: str, depth: int) -> str:
    """The label with so many folders of its paths, counted from their ends."""
    match = _WITH_FOLDER.fullmatch(label)
    if match is None or match["folder"] is None:
        return _path_end(label, depth)
    return f"{_path_end(match['model'], depth)} ({_path_end(match['folder'], depth)})"


def _path_end(path: str, depth: int) -> str:
    if "://" in path:
        return path
    parts = [part for part in re.split(r"[/\\]", path) if part]
    return "/".join(parts[-depth:]) if len(parts) > depth else path


_FORMATS: dict[str, Callable[[Document], str]] = {
    ".html": lambda document: document.html(),
    ".md": lambda document: markdown_text(document.title, document.blocks()),
    ".tex": lambda document: latex_text(document.blocks()),
    ".csv": lambda document: document.csv(),
}
