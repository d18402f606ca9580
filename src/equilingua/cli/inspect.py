"""``equilingua inspect``: what pairs files hold."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from equilingua.cli import options
from equilingua.cli.console import FOUND_A_PROBLEM, markup, print_json

if TYPE_CHECKING:
    from rich.table import Table

    from equilingua.pairs.inspection import Inspection


def inspect_command(
    pairs: options.PairsFiles,
    languages: options.Languages = None,
    sources: options.Sources = None,
    where: options.Where = None,
    max_characters: options.MaxCharacters = None,
    squad_language: options.SquadLanguage = None,
    query_column: options.QueryColumn = None,
    passage_column: options.PassageColumn = None,
    language_column: options.LanguageColumn = None,
    id_column: options.IdColumn = None,
    as_json: options.AsJson = False,
) -> None:
    """Count what pairs files hold: sources, languages, ordered language pairs, gaps, duplicates, lines with problems.

    Exits with 1 if a line has a problem (broken JSON, empty text, unknown language ...); the counts are of the others.
    A pair with a text where most lines hold numbers is counted, as one without that column. Of each language some
    hundred texts are compared with its tag; where a tenth or more look like another language, a line says so.

    ```
    equilingua inspect squad.train.jsonl.gz squad.dev.jsonl.gz --where 'fi_match>=0.75'
    ```
    """
    columns = options.given_columns(locals())
    from dataclasses import asdict

    import typer
    from rich.console import Console

    from equilingua.errors import Problems
    from equilingua.pairs.inspection import inspect_pairs
    from equilingua.pairs.store import ParallelPairs

    problems = Problems(", ".join(str(path) for path in pairs))
    store = ParallelPairs.read(*pairs, language=squad_language, columns=columns, problems=problems)
    store = store.select(
        languages=options.split_names(languages), sources=sources, where=where or (), max_characters=max_characters
    )
    inspection = inspect_pairs(store)
    if as_json:
        counts = asdict(inspection)
        counts["language_pairs"] = {"-".join(pair): count for pair, count in inspection.language_pairs.items()}
        print_json(counts | {"problems": problems.count, "first_problems": problems.shown})
    else:
        console = Console()
        for title, table in _tables(inspection):
            console.print(f"\n{title}", style="italic", markup=False, highlight=False, soft_wrap=True)
            console.print(table, width=max(console.width, console.measure(table).minimum), crop=False)
        for line in _language_notes(inspection):
            console.print(line, style="yellow", markup=False, highlight=False, soft_wrap=True)
        if problems.count:
            console.print(markup(problems.report()), style="red", highlight=False, soft_wrap=True)
    if problems.count:
        raise typer.Exit(FOUND_A_PROBLEM)


def _tables(inspection: "Inspection") -> "list[tuple[str, Table]]":
    """Sources, languages, ordered language pairs, numeric columns and what is repeated: a title and a table each.

    A title in its table would be broken to the width of its columns.
    """
    from equilingua.languages import language_name

    queries, passages = inspection.queries, inspection.passages
    languages = [
        (tag, language_name(tag), *(f"{count:,}" for count in (queries.get(tag, 0), passages.get(tag, 0), missing)))
        for tag, missing in inspection.missing.items()
    ]
    numbers = [
        (one.name, f"{one.pairs:,}", f"{one.missing:,}", f"{one.low:g}", f"{one.mean:.4g}", f"{one.high:g}")
        for one in inspection.numbers
    ]
    titles = ("pairs", "pairs without it", "lowest", "mean", "highest")
    same_passage = "same passage (in any of its languages) as an earlier pair"
    repeats = [
        ("same id as an earlier pair", f"{inspection.repeated_ids:,}"),
        (same_passage, f"{inspection.repeated_passages:,}"),
        ("the same, and the same queries", f"{inspection.repeated_rows:,}"),
    ]
    sources = [(source, f"{count:,}") for source, count in inspection.sources.items()]
    return [
        (f"{inspection.pairs:,} pairs", _table(["source"], ["pairs"], sources)),
        ("languages", _table(["language", ""], ["queries", "passages", "pairs without both"], languages)),
        ("pairs by query language (rows) and passage language (columns)", _language_pairs(inspection)),
        *([("numeric columns (for --where)", _table(["column"], titles, numbers))] if numbers else []),
        ("duplicates", _table(["repeated"], ["pairs"], repeats)),
    ]


def _language_notes(inspection: "Inspection") -> Iterator[str]:
    """What the texts say of the languages that were given, a line each."""
    from equilingua.languages import language_name

    for side, doubts in inspection.doubts.items():
        for doubt in doubts:
            others = ", ".join(f"{language_name(tag)} ({tag}) {count:,}" for tag, count in doubt.others.items())
            country = f" {doubt.language!r} is the code of {doubt.country} too." if doubt.country else ""
            yield (
                f"\nNot all {side} given as {language_name(doubt.language)} ({doubt.language}) seem to be: of "
                f"{doubt.looked_at:,} looked at, {doubt.share:.0%} look like another language: {others}.{country}"
            )
    if inspection.unchecked:
        names = ", ".join(f"{language_name(tag)} ({tag})" for tag in inspection.unchecked)
        yield f"\nNot compared with their texts, because the detector does not know these languages: {names}."


def _table(words: Sequence[str], numbers: Sequence[str], rows: Iterable[Sequence[str]]) -> "Table":
    """Columns of words to the left, then columns of numbers to the right."""
    from rich.table import Table

    table = Table(*words)
    for column in numbers:
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(*map(markup, row))
    return table


def _language_pairs(inspection: "Inspection") -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    columns = sorted({passage for _, passage in inspection.language_pairs})
    table = Table("query", box=SIMPLE_HEAD, padding=0)
    for tag in columns:
        table.add_column(tag, justify="right", no_wrap=True)
    for query in sorted({query for query, _ in inspection.language_pairs}):
        counts = (inspection.language_pairs.get((query, passage), 0) for passage in columns)
        table.add_row(query, *(f"{count:,}" if count else "-" for count in counts))
    return table
