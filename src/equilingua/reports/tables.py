"""Results side by side, in the paper's layout: for the terminal, as plain text, as Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from equilingua.evaluation.comparison import Comparison, comparison_rows
from equilingua.evaluation.result import EvaluationResult, setting_rows, with_interval
from equilingua.evaluation.settings import CROSS_LINGUAL, MONOLINGUAL, MULTILINGUAL
from equilingua.evaluation.text_table import text_table

if TYPE_CHECKING:
    import rich.table

# With as many relevant passages as languages, R@1 of the multilingual setting cannot pass 1 / languages: R@10 is told.
COLUMNS = (
    ("mAP Mo", MONOLINGUAL, "mAP", 3),
    ("mAP Cr", CROSS_LINGUAL, "mAP", 3),
    ("mAP Mul", MULTILINGUAL, "mAP", 3),
    ("R@1 Mo", MONOLINGUAL, "R@1", 3),
    ("R@1 Cr", CROSS_LINGUAL, "R@1", 3),
    ("R@10 Mul", MULTILINGUAL, "R@10", 3),
    ("rank distance", MULTILINGUAL, "rank_distance", 0),
)


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
        return "\n\n".join(part for part in (self.title, text_table(self.header, self.rows), self.note) if part)

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
        return [table, self.note.replace("<", "&lt;")] if self.note else [table]

    def rich(self) -> "rich.table.Table":
        """A table for a rich console, with intervals below their values; ``show`` sees to it that it fits."""
        import rich.box
        import rich.markup
        import rich.table

        title, note = map(rich.markup.escape, (self.title, self.note))
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


def results_table(results: Sequence[tuple[str, EvaluationResult]]) -> Table:
    """The paper's table: one row a result, macro means with their 95 % intervals.

    Args:
        results: label and result of each row; all on the same benchmark.

    Source: layout of Elmahdy et al. 2024 (arXiv 2408.10536), tables 2 to 4.
    """
    benchmarks = ", ".join(dict.fromkeys(result.benchmark for _, result in results))
    languages = ", ".join(dict.fromkeys(str(len(result.languages)) for _, result in results))
    rows = [
        (label, *(with_interval(result, setting, measure, decimals=digits) for _, setting, measure, digits in COLUMNS))
        for label, result in results
    ]
    return Table(
        title=f"{benchmarks}, {languages} languages",
        header=("", *(name for name, *_ in COLUMNS)),
        rows=tuple(rows),
        name="results",
        note=(
            "Mo monolingual, Cr cross-lingual, Mul multilingual setting; mAP without cut-off. "
            f"{_means_note(any(result.intervals for _, result in results))} Rank distance: lower is better."
        ),
    )


def settings_table(result: EvaluationResult) -> Table:
    """One result, one row a setting: what ``print(result)`` shows, as a table."""
    header, *rows = setting_rows(result)
    return Table(
        title=result.headline,
        header=tuple(header),
        rows=tuple(map(tuple, rows)),
        note=_means_note(bool(result.intervals)),
    )


def comparison_table(comparison: Comparison) -> Table:
    """Differences between results, one row a pair of them, setting and measure; below, what they allow to be said."""
    header, *rows = comparison_rows(comparison)
    note = (
        "* p < .05: two-sided permutation test over items, corrected by Holm's method within a measure. "
        "d_z: the difference in standard deviations between items. Won, tied and lost: of the items."
    )
    if comparison.margins:
        margins = ", ".join(f"{name} {margin:g}" for name, margin in comparison.margins.items())
        note += f" Not worse, equivalent: p below .05 rules out a loss, or any difference, of the margin ({margins})."
    return Table(
        title=comparison.title,
        name="comparison",
        header=tuple(header),
        rows=tuple(map(tuple, rows)),
        note="\n".join([note, "", *(f"- {line}" for line in comparison.summary().splitlines())]),
    )


def markdown_escaped(text: str) -> str:
    r"""Text on one line that neither ends a cell early nor turns into HTML where Markdown is shown.

    >>> markdown_escaped("a|b <i>")
    'a\\|b &lt;i>'
    """
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _means_note(intervals: bool) -> str:
    with_them = ", with 95 % bootstrap intervals over items" if intervals else ""
    return f"Macro means over languages or ordered pairs{with_them}."


def _cell(text: str) -> str:
    from rich.markup import escape

    return escape(text.replace(" [", "\n["))
