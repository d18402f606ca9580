"""``equilingua inspect``: what pairs files hold."""

from equilingua.cli.console import FOUND_A_PROBLEM, print_json
from equilingua.cli.options import (
    AsJson,
    Languages,
    MaxCharacters,
    PairsFiles,
    Sources,
    SquadLanguage,
    Where,
    split_names,
)


def inspect_command(
    pairs: PairsFiles,
    languages: Languages = None,
    sources: Sources = None,
    where: Where = None,
    max_characters: MaxCharacters = None,
    squad_language: SquadLanguage = None,
    as_json: AsJson = False,
) -> None:
    """Count what pairs files hold: sources, languages, ordered language pairs, gaps, duplicates, lines with problems.

    Exits with 1 if a line has a problem (broken JSON, empty text, unknown language ...); the counts are of the others.
    A pair with a text where most lines hold numbers is counted, as one without that column.

    ```
    equilingua inspect squad.train.jsonl.gz squad.dev.jsonl.gz --where 'fi_match>=0.75'
    ```
    """
    from dataclasses import asdict

    import typer
    from rich.console import Console

    from equilingua.cli.inspection_tables import inspection_tables
    from equilingua.errors import Problems
    from equilingua.pairs.inspection import inspect_pairs
    from equilingua.pairs.store import ParallelPairs

    problems = Problems(", ".join(str(path) for path in pairs))
    found = ParallelPairs.read(*pairs, language=squad_language or "en", problems=problems)
    found = found.select(
        languages=split_names(languages), sources=sources, where=where or (), max_characters=max_characters
    )
    inspection = inspect_pairs(found)
    if as_json:
        counts = asdict(inspection)
        counts["language_pairs"] = {"-".join(pair): count for pair, count in inspection.language_pairs.items()}
        print_json(counts | {"problems": problems.count, "first_problems": problems.shown})
    else:
        console = Console()
        for title, table in inspection_tables(inspection):
            console.print(f"\n{title}", style="italic", markup=False, highlight=False, soft_wrap=True)
            console.print(table, width=max(console.width, console.measure(table).minimum), crop=False)
        if problems.count:
            console.print(problems.report(), style="red", markup=False, highlight=False, soft_wrap=True)
    if problems.count:
        raise typer.Exit(FOUND_A_PROBLEM)
