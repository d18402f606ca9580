"""The tables that ``inspect`` prints."""

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from equilingua.languages import language_name
from equilingua.pairs.inspection import Inspection


def inspection_tables(inspection: Inspection) -> list[tuple[str, Table]]:
    """Sources, languages, ordered language pairs, numeric columns and what is repeated: a title and a table each.

    A title in its table would be broken to the width of its columns.
    """
    numbers = [("numeric columns (for --where)", _numbers(inspection))] if inspection.numbers else []
    return [
        (f"{inspection.pairs:,} pairs", _sources(inspection)),
        ("languages", _languages(inspection)),
        ("pairs by query language (rows) and passage language (columns)", _language_pairs(inspection)),
        *numbers,
        ("duplicates", _repeats(inspection)),
    ]


def _sources(inspection: Inspection) -> Table:
    table = Table("source")
    table.add_column("pairs", justify="right")
    for source, count in inspection.sources.items():
        table.add_row(escape(source), f"{count:,}")
    return table


def _languages(inspection: Inspection) -> Table:
    table = Table("language", "")
    for column in ("queries", "passages", "pairs without both"):
        table.add_column(column, justify="right")
    for tag, missing in inspection.missing.items():
        counts = (inspection.queries.get(tag, 0), inspection.passages.get(tag, 0), missing)
        table.add_row(tag, language_name(tag), *(f"{count:,}" for count in counts))
    return table


def _language_pairs(inspection: Inspection) -> Table:
    columns = sorted({passage for _, passage in inspection.language_pairs})
    table = Table("query", box=SIMPLE_HEAD, padding=0)
    for tag in columns:
        table.add_column(tag, justify="right", no_wrap=True)
    for query in sorted({query for query, _ in inspection.language_pairs}):
        counts = (inspection.language_pairs.get((query, passage), 0) for passage in columns)
        table.add_row(query, *(f"{count:,}" if count else "-" for count in counts))
    return table


def _numbers(inspection: Inspection) -> Table:
    table = Table("column")
    for title in ("pairs", "pairs without it", "lowest", "mean", "highest"):
        table.add_column(title, justify="right")
    for column in inspection.numbers:
        cells = (
            f"{column.pairs:,}",
            f"{column.missing:,}",
            f"{column.low:g}",
            f"{column.mean:.4g}",
            f"{column.high:g}",
        )
        table.add_row(escape(column.name), *cells)
    return table


def _repeats(inspection: Inspection) -> Table:
    table = Table("repeated")
    table.add_column("pairs", justify="right")
    table.add_row("same id as an earlier pair", f"{inspection.repeated_ids:,}")
    table.add_row(
        "same passage (by its English text, or the first language's) as an earlier pair",
        f"{inspection.repeated_passages:,}",
    )
    table.add_row("the same, and the same queries", f"{inspection.repeated_rows:,}")
    return table
