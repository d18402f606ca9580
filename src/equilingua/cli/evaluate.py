"""``equilingua evaluate``: a model on a benchmark, in all three settings."""

from pathlib import Path
from typing import Annotated

import typer

from equilingua.cli.options import AsJson, Languages, split_names


def evaluate_command(
    model: Annotated[str, typer.Argument(help="Model folder, or name on the hub.", show_default=False)],
    benchmark: Annotated[
        str, typer.Option(help="xquad-r, mlqa-r, facts (built in), or a folder in LAReQA format.", show_default=False)
    ],
    output: Annotated[Path, typer.Option(help="Folder for result.json and per_query.parquet.", show_default=False)],
    data: Annotated[
        Path | None,
        typer.Option(help="Folder that holds the benchmark's folder.", envvar="EQUILINGUA_DATA", show_default=False),
    ] = None,
    languages: Languages = None,
    precision: Annotated[str, typer.Option(help="Of the encoder: auto, fp32 or bf16.")] = "auto",
    batch_size: Annotated[int, typer.Option(min=1, help="Texts a forward pass.")] = 64,
    seed: Annotated[int, typer.Option(help="Of the bootstrap that the intervals come from.")] = 0,
    resamples: Annotated[int, typer.Option(min=0, help="Of the bootstrap; 0 for no intervals.")] = 1000,
    trec: Annotated[bool, typer.Option("--trec", help="Also write TREC runs and qrels, to OUTPUT/trec.")] = False,
    trec_depth: Annotated[int, typer.Option(min=1, help="Passages a query in the runs.")] = 100,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a result that OUTPUT holds.")] = False,
    revision: Annotated[
        str | None, typer.Option("--revision", help="Commit, tag or branch of the model on the hub.")
    ] = None,
    trust_remote_code: Annotated[
        bool, typer.Option("--trust-remote-code", help="Let code that comes with the model run.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Evaluate a model in the monolingual, cross-lingual and multilingual setting.

    Every text is encoded once; all settings, language pairs and the mixed pool come from one pass.

    Example: `equilingua evaluate runs/hybrid --benchmark xquad-r --data data --output results/hybrid`
    """
    from equilingua.cli.console import print_json
    from equilingua.evaluation.benchmark_vectors import benchmark_vectors
    from equilingua.evaluation.evaluate import evaluate
    from equilingua.evaluation.loading import load_benchmark
    from equilingua.evaluation.result_files import TREC, check_output
    from equilingua.evaluation.trec import export_trec
    from equilingua.reports.tables import settings_table
    from equilingua.retrieval.precision import check_precision
    from equilingua.training.models import load_model

    check_output(output, overwrite=overwrite)
    check_precision(precision)
    loaded = load_benchmark(benchmark, data=data, languages=split_names(languages) or None)
    encoder = load_model(model, revision=revision, trust_remote_code=trust_remote_code)
    name = f"{model}@{revision}" if revision else model
    vectors = benchmark_vectors(encoder, loaded, batch_size=batch_size, precision=precision, model_name=name)
    result = evaluate(vectors, loaded, seed=seed, resamples=resamples)
    result.save(output, overwrite=overwrite)
    if trec:
        export_trec(vectors, loaded, output / TREC, depth=trec_depth)
    if as_json:
        print_json(result.to_dict())
    else:
        settings_table(result).show()
        typer.echo(f"Written to {output}", err=True)
