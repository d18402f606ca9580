"""``equilingua search``: the best passages of a large corpus, as a TREC run."""

import re
from pathlib import Path
from typing import Annotated

import typer

from equilingua.cli import endpoint_options, options
from equilingua.errors import InputError

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}


def search_command(
    model: options.Model,
    corpus: Annotated[
        list[Path],
        typer.Option(
            help="Passages: a table (.jsonl, .csv, .tsv, .parquet, ...) with id and text; repeatable.",
            show_default=False,
        ),
    ],
    queries: Annotated[
        list[Path], typer.Option(help="Queries: a table with id and text; repeatable.", show_default=False)
    ],
    output: Annotated[Path, typer.Option(help="The TREC run; OUTPUT.json says how it was made.", show_default=False)],
    top_k: Annotated[int, typer.Option("--top-k", min=1, help="Passages a query.")] = 100,
    vector_dtype: Annotated[
        str,
        typer.Option(
            "--vector-dtype",
            help="Of the passages searched: float32; float16, rounded; int8, the result of float32 in less memory.",
        ),
    ] = "float32",
    memory: Annotated[str, typer.Option(help="To search in, apart from vectors: 500MB, 2GB, 1GiB.")] = "1GB",
    index: Annotated[
        str, typer.Option(help="exact, or of faiss hnsw or ivf, whose loss is measured and told.")
    ] = "exact",
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
    query_column: options.QueryColumn = None,
    passage_column: options.PassageColumn = None,
    language_column: options.LanguageColumn = None,
    id_column: options.IdColumn = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the sample that measures an index, and of the index.")] = 0,
    revision: options.Revision = None,
    trust_remote_code: options.TrustRemoteCode = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a run that OUTPUT holds.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """Find the best passages of every query in a corpus whose vectors need not fit into memory.

    Texts are read into memory; vectors lie in a file beside OUTPUT while the search runs. With --cache they are also
    kept, and an interrupted encoding goes on where it was.

    Example: `equilingua search runs/hybrid --corpus docs.jsonl --queries queries.jsonl --output run.trec --cache`
    """
    arguments = locals()
    from equilingua.cli.console import echo, print_json
    from equilingua.evaluation.search import SearchOptions, search_corpus
    from equilingua.evaluation.trec import check_run
    from equilingua.retrieval.registry import printed_name, retriever

    check_run(output, overwrite=overwrite)
    search_options = SearchOptions(
        depth=top_k,
        stored=vector_dtype,
        index=index,
        memory=size_in_bytes(memory),
        encoding=options.encode_options(arguments),
        seed=seed,
    )
    searched = retriever(model, revision=revision, trust_remote_code=trust_remote_code)
    searched = endpoint_options.applied(searched, arguments)
    options.tell_notes(searched, search_options.encoding)
    run = search_corpus(
        searched,
        corpus,
        queries,
        search_options,
        work=output.parent,
        columns=options.given_columns(arguments),
        model_name=printed_name(model, revision=revision),
    )
    run.save(output, overwrite=overwrite)
    if as_json:
        print_json(run.to_dict())
    else:
        echo(str(run))
        echo(f"Written to {output}", err=True)


def size_in_bytes(text: str) -> int:
    """Bytes from a text such as ``500MB``, ``1.5 GiB`` or ``2000000``.

    Raises:
        InputError: if it is none.

    >>> size_in_bytes("500MB"), size_in_bytes("1.5 GiB"), size_in_bytes("64000")
    (500000000, 1610612736, 64000)
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]i?|)b?", text.strip().lower())
    if match is None:
        raise InputError(f"memory {text!r} is no size: write a number and a unit, such as 500MB, 2GB or 1GiB")
    return int(float(match[1]) * _UNITS[match[2]])
