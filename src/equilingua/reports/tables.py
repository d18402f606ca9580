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
        header: one text a column; the first column is to the left, the others to the right.
        rows: as wide as the header.
        note: how to read it, printed below.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""

    def __str__(self) -> str:
        """Plain text in aligned columns."""
        return "\n\n".join(part for part in (self.title, text_table(self.header, self.rows), self.note) if part)

    def markdown(self) -> str:
        """A Markdown table, with the title above and the note below."""
        lines = [
            _escaped(self.header),
            ("---", *("--:" for _ in self.header[1:])),
            *(_escaped(row) for row in self.rows),
        ]
        table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        return "\n\n".join(part for part in (_escaped([self.title])[0], table, self.note) if part)

    def rich(self) -> "rich.table.Table":
        """A table for a rich console, with intervals below their values; ``show`` sees to it that it fits."""
        import rich.box
        import rich.markup
        import rich.table

        table = rich.table.Table(title=self.title, caption=self.note or None, box=rich.box.SIMPLE_HEAD)
        for place, name in enumerate(self.header):
            table.add_column(_cell(name), justify="right" if place else "left", no_wrap=True)
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
        header=tuple(header),
        rows=tuple(map(tuple, rows)),
        note="\n".join([note, "", *(f"- {line}" for line in comparison.summary().splitlines())]),
    )


def _means_note(intervals: bool) -> str:
    with_them = ", with 95 % bootstrap intervals over items" if intervals else ""
    return f"Macro means over languages or ordered pairs{with_them}."


def _escaped(row: Sequence[str]) -> tuple[str, ...]:
    """Cells that neither end early nor turn into HTML where Markdown is shown."""
    return tuple(" ".join(cell.split()).replace("|", "\\|").replace("<", "&lt;") for cell in row)


def _cell(text: str) -> str:
    from rich.markup import escape

    return escape(text.replace(" [", "\n["))
