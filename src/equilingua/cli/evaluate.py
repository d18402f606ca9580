"""``equilingua evaluate``: a model on a benchmark, in all three settings."""

from pathlib import Path
from typing import Annotated

import typer

from equilingua.cli import endpoint_options, options
from equilingua.errors import InputError


def evaluate_command(
    benchmark: Annotated[
        str, typer.Option(help="A name (`equilingua benchmarks` lists them), mteb:TASK, or a path.", show_default=False)
    ],
    output: Annotated[Path, typer.Option(help="Folder for result.json and per_query.parquet.", show_default=False)],
    model: options.ModelOrRun = None,
    run: options.Run = None,
    nothing_found: options.NothingFound = False,
    data: Annotated[
        Path | None,
        typer.Option(help="Folder that holds the benchmark's files.", envvar="EQUILINGUA_DATA", show_default=False),
    ] = None,
    languages: options.Languages = None,
    query_column: options.QueryColumn = None,
    passage_column: options.PassageColumn = None,
    language_column: options.LanguageColumn = None,
    id_column: options.IdColumn = None,
    grade_column: options.GradeColumn = None,
    precision: options.Precision = "auto",
    batch_size: options.BatchSize = 64,
    cache: options.UseCache = False,
    processes: options.Processes = 1,
    query_prompt: options.QueryPrompt = None,
    passage_prompt: options.PassagePrompt = None,
    truncate_dim: options.TruncateDim = None,
    similarity: options.Similarity = None,
    endpoint_body: endpoint_options.EndpointBody = None,
    query_body: endpoint_options.QueryBody = None,
    passage_body: endpoint_options.PassageBody = None,
    dimensions: endpoint_options.Dimensions = None,
    long_texts: endpoint_options.LongTexts = None,
    timeout: endpoint_options.Timeout = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap that the intervals come from.")] = 0,
    resamples: Annotated[int, typer.Option(min=0, help="Of the bootstrap; 0 for no intervals.")] = 1000,
    probes: Annotated[
        bool, typer.Option("--probes", help="Also probe the vectors for language (an encoder's only).")
    ] = False,
    min_grade: options.MinGrade = 1,
    name: Annotated[
        str | None, typer.Option("--name", help="What results call the model.", show_default="the model as given")
    ] = None,
    trec: Annotated[bool, typer.Option("--trec", help="Also write TREC runs and qrels, to OUTPUT/trec.")] = False,
    trec_depth: Annotated[int, typer.Option(min=1, help="Passages a query in the runs.")] = 100,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a result that OUTPUT holds.")] = False,
    revision: options.Revision = None,
    trust_remote_code: options.TrustRemoteCode = False,
    as_json: options.AsJson = False,
) -> None:
    """Evaluate a model in the monolingual, cross-lingual and multilingual setting.

    Every text is encoded once; all settings, language pairs and the mixed pool come from one pass.

    ```
    equilingua evaluate runs/hybrid --benchmark xquad-r --data data --output results/hybrid
    equilingua evaluate --run fused.trec --benchmark xquad-r --data data --output results/fused
    ```
    """
    arguments = locals()
    from equilingua.benchmarks.load import load_benchmark
    from equilingua.cli.console import echo, print_json
    from equilingua.evaluation.evaluate import evaluate
    from equilingua.evaluation.overlap import trained_on
    from equilingua.evaluation.result import TREC, check_output
    from equilingua.evaluation.scorer import benchmark_scorer
    from equilingua.evaluation.trec import check_ids, export_trec
    from equilingua.reports.tables import settings_table
    from equilingua.retrieval.registry import printed_name

    if trec and run:
        raise InputError("--trec: would write runs, and these are given (--run). Leave it out")
    check_output(output, overwrite=overwrite)
    encoding = options.encode_options(arguments)
    columns = options.given_columns(arguments)
    loaded = load_benchmark(benchmark, data=data, languages=options.split_names(languages) or None, columns=columns)
    for note in loaded.notes:
        echo(f"{loaded.name}: {note}", err=True)
    if trec:
        check_ids(loaded)
    chosen = options.chosen_retriever(
        model, run, nothing_found=nothing_found, revision=revision, trust_remote_code=trust_remote_code
    )
    chosen = endpoint_options.applied(chosen, arguments)
    encoding.check(chosen)
    options.tell_notes(chosen, encoding)
    model_name = name or (printed_name(model, revision=revision) if model else None)
    scorer = benchmark_scorer(chosen, loaded, encoding, model_name=model_name)
    training = trained_on(model, loaded)
    result = evaluate(
        scorer, loaded, seed=seed, resamples=resamples, probes=probes, training=training, min_grade=min_grade
    )
    result.save(output, overwrite=overwrite)
    if trec:
        export_trec(scorer, loaded, output / TREC, depth=trec_depth)
    if as_json:
        print_json(result.to_dict())
    else:
        settings_table(result).show()
        echo(f"Written to {output}", err=True)
