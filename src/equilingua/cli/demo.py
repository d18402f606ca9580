"""``equilingua demo``: the main job on the built-in data."""

from pathlib import Path
from typing import Annotated

import typer

from equilingua.cli.console import echo, print_json
from equilingua.cli.options import AsJson

_NEXT = """
This is a miniature: machine-made questions about {facts} facts, encoders that only average token vectors, one seed.
It shows how the three ways to compose batches differ, not how good a retriever can be. Which of them comes out best
here says nothing about real data: questions made by the same templates in all languages may well put X-Y before Hybrid.
Results on real data: the README's section Results, and docs/studies.md.

With pairs of your own, `equilingua inspect`, `batches` and `train` go on from here (docs/pairs.md, docs/training.md).
Next:
  {compare}
  {report}
  {evaluate}"""


def demo_command(
    output: Annotated[Path, typer.Option("--output", help="Folder for models and results.")] = Path("runs/demo"),
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of initial weights and batches.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Train X-X-mono, X-Y and Hybrid on the built-in world facts and print the paper's table in miniature.

    Needs no network and no weights, and takes under three minutes on two cores. Run again, it takes what is finished.

    ```
    equilingua demo --output runs/demo
    ```
    """
    from rich.console import Console

    from equilingua.evaluation.compare import compare
    from equilingua.folders import command, free
    from equilingua.reports.tables import comparison_table, results_table
    from equilingua.studies.demo import ARMS, run_arm

    notes = Console(stderr=True)
    results = []
    for number, (kind, label) in enumerate(ARMS.items(), start=1):
        notes.print(f"{number} of {len(ARMS)}: {label}", highlight=False)
        results.append((label, run_arm(kind, output, seed=seed)))
    table = results_table(results)
    (*others, (_, hybrid)) = results
    comparisons = [compare(result, hybrid, measures=["mAP", "rank_distance"]) for _, result in others]
    (output / "table.md").write_text(f"{table.markdown()}\n", encoding="utf-8")
    if as_json:
        print_json({label: result.to_dict() for label, result in results})
        return
    table.show()
    for comparison in comparisons:
        comparison_table(comparison).show()
    first, *_, last = (output / kind / "result" for kind in ARMS)
    facts = max(hybrid.counts["queries"].values())
    model, again, page = output / [*ARMS][-1] / "model", free(Path("results/demo")), free(output / "report.html")
    echo(
        _NEXT.format(
            facts=facts,
            compare=command("compare", first, last),
            report=command("report", first, last, "--output", page),
            evaluate=command("evaluate", model, "--benchmark", "facts", "--output", again),
        )
    )
