"""``equilingua audit``: a retriever on one's own corpus and queries."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from equilingua.cli import endpoint_options, options


def audit_command(
    corpus: Annotated[
        list[Path],
        typer.Option(
            help="Passages: a table (.jsonl, .csv, .tsv, .parquet, ...) with id, text, language; repeatable.",
            show_default=False,
        ),
    ],
    queries: Annotated[
        list[Path], typer.Option(help="Queries: a table with id, text, language; repeatable.", show_default=False)
    ],
    output: Annotated[Path, typer.Option(help="Folder for the audit.", show_default=False)],
    model: options.ModelOrRun = None,
    run: options.Run = None,
    nothing_found: options.NothingFound = False,
    qrels: Annotated[
        Path | None,
        typer.Option(help="Judgements: TSV, TREC or JSON lines. Without them only exposure is measured."),
    ] = None,
    query_column: options.QueryColumn = None,
    passage_column: options.PassageColumn = None,
    language_column: options.LanguageColumn = None,
    id_column: options.IdColumn = None,
    grade_column: options.GradeColumn = None,
    baseline: Annotated[
        str, typer.Option(help="A second retriever to stand beside it (bm25, run:PATH, ...), or none.")
    ] = "bm25",
    measure: Annotated[str, typer.Option(help="By which query languages stand.")] = "nDCG@10",
    depth: Annotated[int, typer.Option(min=1, help="First places whose languages are counted.")] = 10,
    min_grade: options.MinGrade = 1,
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
    resamples: Annotated[int, typer.Option(min=1, help="Of the bootstrap.")] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap, and of the texts whose language is doubted.")] = 0,
    revision: options.Revision = None,
    trust_remote_code: options.TrustRemoteCode = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an audit that OUTPUT holds.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """Tell whether a retriever treats all languages of a corpus alike, where it fails, and what to do about it.

    Languages that the files do not give are detected. Exits with 1 if a problem was found; 0 also where there was too
    little to tell one, which the first line says.

    ```
    equilingua audit runs/hybrid --corpus docs.jsonl --queries queries.jsonl --qrels qrels.tsv --output audit
    equilingua audit --run fused.trec --corpus docs.jsonl --queries queries.jsonl --qrels qrels.tsv --output audit
    ```
    """
    arguments = locals()
    from equilingua.auditing.audit import audit
    from equilingua.auditing.record import check_audit_output
    from equilingua.cli.console import FOUND_A_PROBLEM, echo, print_json
    from equilingua.folders import report_command_of
    from equilingua.retrieval.registry import printed_name

    check_audit_output(output, overwrite=overwrite)
    encoding = options.encode_options(arguments)
    audited = options.chosen_retriever(
        model, run, nothing_found=nothing_found, revision=revision, trust_remote_code=trust_remote_code
    )
    audited = endpoint_options.applied(audited, arguments)
    encoding.check(audited)
    options.tell_notes(audited, encoding)
    record = audit(
        audited,
        corpus,
        queries,
        qrels,
        baseline=None if baseline == "none" else baseline,
        measure=measure,
        depth=depth,
        min_grade=min_grade,
        model_name=printed_name(model, revision=revision) if model else None,
        resamples=resamples,
        seed=seed,
        columns=options.given_columns(arguments),
        **asdict(encoding),
    )
    record.save(output, overwrite=overwrite)
    if as_json:
        print_json(record.to_dict())
    else:
        echo(str(record))
        echo(f"\nWritten to {output}\nNext: {report_command_of(output)}", err=True)
    if record.problems:
        raise typer.Exit(FOUND_A_PROBLEM)
