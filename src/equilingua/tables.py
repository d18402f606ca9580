"""Tables of text: a record that is printed, shown on a terminal or written as Markdown, and how numbers are spelled."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from equilingua.escaping import markdown_escaped, markdown_paragraphs, terminal_text

if TYPE_CHECKING:
    import rich.table


@dataclass(frozen=True, slots=True)
class Table:
    """A table of text.

    Attributes:
        title: what it shows.
        header: one text a column; the first column and those of words are to the left, the others to the right.
        rows: as wide as the header.
        note: how to read it, printed below.
        name: by which a document refers to it, such as ``exposure hybrid``; the title if not given.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    name: str = ""

    @property
    def text_columns(self) -> tuple[bool, ...]:
        """Of every column, whether it holds words (any cell begins with a letter) and not numbers; the first does."""
        return tuple(
            place == 0 or any(row[place][:1].isalpha() for row in self.rows) for place in range(len(self.header))
        )

    def __str__(self) -> str:
        """Plain text in aligned columns."""
        title, note = map(terminal_text, (self.title, self.note))
        return "\n\n".join(part for part in (title, aligned_text(self.header, self.rows), note) if part)

    def markdown(self) -> str:
        """A Markdown table, with the title above and the note below."""
        return "\n\n".join(part for part in (markdown_escaped(self.title), *self.markdown_parts()) if part)

    def markdown_parts(self) -> list[str]:
        """A Markdown table and the note, if there is one, without the title: for below a heading."""
        lines = [
            map(markdown_escaped, self.header),
            ("---" if text else "--:" for text in self.text_columns),
            *(map(markdown_escaped, row) for row in self.rows),
        ]
        table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        return [table, markdown_paragraphs(self.note)] if self.note else [table]

    def rich(self) -> "rich.table.Table":
        """A table for a rich console, with intervals below their values; ``show`` sees to it that it fits."""
        import rich.box
        import rich.markup
        import rich.table

        title, note = (rich.markup.escape(terminal_text(text)) for text in (self.title, self.note))
        table = rich.table.Table(title=title, caption=note or None, box=rich.box.SIMPLE_HEAD)
        for name, is_text in zip(self.header, self.text_columns, strict=True):
            table.add_column(_cell(name), justify="left" if is_text else "right", no_wrap=True)
        for row in self.rows:
            table.add_row(*map(_cell, row))
        return table

    def show(self) -> None:
        """Print on standard output: as a rich table on a terminal that is wide enough, else as plain text."""
        from rich.console import Console

        console = Console()
        table = self.rich()
        needed = console.measure(table, options=console.options.update(width=10_000)).minimum
        if console.is_terminal and needed <= console.width:
            console.print(table)
        else:
            console.print(f"\n{self}", markup=False, highlight=False, soft_wrap=True)


def value_text(value: float, interval: tuple[float, float] | None, *, form: str = ",.3f") -> str:
    """A value with its interval, as every table has it; the value alone where there is none.

    >>> value_text(0.798, (0.781, 0.8142)), value_text(1234.4, None, form=",.0f")
    ('0.798 [0.781, 0.814]', '1,234')
    """
    return f"{value:{form}}" if interval is None else f"{value:{form}} [{interval[0]:{form}}, {interval[1]:{form}}]"


def aligned_text(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The rows under their header as plain text; the first column to the left, the others to the right.

    >>> print(aligned_text(["setting", "mAP"], [["monolingual", ".798"]]))
    setting       mAP
    monolingual  .798
    """
    shown = [[terminal_text(" ".join(cell.split("\n"))) for cell in row] for row in (header, *rows)]
    widths = [max(len(row[column]) for row in shown) for column in range(len(header))]
    lines = []
    for row in shown:
        first, *others = zip(row, widths, strict=True)
        cells = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _cell(text: str) -> str:
    from rich.markup import escape

    return escape(terminal_text(text).replace(" [", "\n["))
