"""Options that several commands share, spelled and explained once, and what is made of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from equilingua.errors import InputError

if TYPE_CHECKING:
    from equilingua.columns import Columns
    from equilingua.pairs.store import ParallelPairs
    from equilingua.retrieval.encoding import EncodeOptions
    from equilingua.training.load import TrainingSetup

PAIRS_HELP = (
    "Pairs files (.jsonl), tables with a query and a passage a row (.csv, .tsv, .jsonl, .json, .parquet), SQuAD-format "
    "files (.json), each plain or .gz, .xz, .zst; folders of shards, or of a corpus with queries and judgements."
)

PairsFiles = Annotated[
    list[Path],
    typer.Argument(
        help=PAIRS_HELP,
        show_default=False,
    ),
]
Languages = Annotated[
    str | None,
    typer.Option("--languages", help="Only these languages, as BCP 47 tags: en,es,zh.", show_default="all"),
]
Where = Annotated[
    list[str] | None,
    typer.Option("--where", help="Only pairs whose numeric column holds this, such as 'fi_match>=0.75'; repeatable."),
]
Sources = Annotated[
    list[str] | None, typer.Option("--source", help="Only pairs of this source; repeatable.", show_default="all")
]
MaxCharacters = Annotated[
    int | None, typer.Option("--max-characters", help="Leave out texts longer than this.", show_default="no limit")
]
SquadLanguage = Annotated[
    str | None,
    typer.Option(
        "--language",
        "--squad-language",
        help="The language of texts whose language a file does not say: of tables without a column for it, and of "
        "SQuAD-format files.",
        show_default="as the file's name tells, de.faq.csv; SQuAD's: en",
    ),
]
QueryColumn = Annotated[
    str | None,
    typer.Option(
        "--query-column",
        help="Of tables: the column with the query; of several names, with commas, the first that a file has.",
        show_default="question, query, anchor, ...",
    ),
]
PassageColumn = Annotated[
    str | None,
    typer.Option(
        "--passage-column",
        help="Of tables: the column with the passage.",
        show_default="passage, document, context, positive, answer, text, ...",
    ),
]
LanguageColumn = Annotated[
    str | None,
    typer.Option(
        "--language-column", help="Of tables: the column with the language.", show_default="language, lang, ..."
    ),
]
IdColumn = Annotated[
    str | None,
    typer.Option(
        "--id-column",
        help="Of tables: the column with the id; of pairs, rows with one id are translations of one another.",
        show_default="id, _id, docid, pid, qid, ...",
    ),
]
GradeColumn = Annotated[
    str | None,
    typer.Option(
        "--grade-column", help="Of judgements: the column with the grade.", show_default="score, grade, relevance, ..."
    ),
]
Kind = Annotated[
    str | None,
    typer.Option("--kind", help="en-en, x-x, x-x-mono, x-y, hybrid or within-batch.", show_default="hybrid"),
]
Alpha = Annotated[
    str | None,
    typer.Option(
        "--alpha",
        help="Share of monolingual batches: 0.5, or a schedule such as linear:1:0.3 or steps:1@0,0.3@0.5.",
        show_default="0.5",
    ),
]
PairDrawing = Annotated[str | None, typer.Option("--pair-drawing", help="uniform or by-item.", show_default="uniform")]
LanguageTemperature = Annotated[
    float | None, typer.Option("--language-temperature", help="0 uniform, 1 by size.", show_default="0.0")
]
SourceTemperature = Annotated[
    float | None, typer.Option("--source-temperature", help="0 uniform, 1 by size.", show_default="1.0")
]
Short = Annotated[
    str | None,
    typer.Option("--short", help="Languages too small for a batch of their own: error or skip.", show_default="error"),
]
Model = Annotated[
    str,
    typer.Argument(
        help="Model folder, name on the hub, bm25, tfidf, openai:MODEL@URL, or vectors:QUERIES,PASSAGES.",
        show_default=False,
    ),
]
ModelOrRun = Annotated[
    str | None,
    typer.Argument(
        help="Model folder, name on the hub, bm25, tfidf, openai:MODEL@URL, or vectors:QUERIES,PASSAGES; none with "
        "--run.",
        show_default=False,
    ),
]
Run = Annotated[
    list[str] | None,
    typer.Option(
        "--run",
        help="Instead of a model, a TREC run made elsewhere: PATH ranks the mixed pool; SETTING=PATH, or a folder of "
        "monolingual.run, cross-lingual.run and multilingual.run, one setting. Repeatable.",
        show_default=False,
    ),
]
NothingFound = Annotated[
    bool,
    typer.Option("--nothing-found", help="Queries without a line in --run are such for which nothing was found."),
]
Revision = Annotated[str | None, typer.Option("--revision", help="Commit, tag or branch of the model on the hub.")]
TrustRemoteCode = Annotated[bool, typer.Option("--trust-remote-code", help="Let code that comes with the model run.")]
Precision = Annotated[str, typer.Option("--precision", help="Of the encoder: auto, fp32 or bf16.")]
QueryPrompt = Annotated[
    str | None,
    typer.Option(
        "--query-prompt",
        help="Put before every query, such as 'query: '; '' for none.",
        show_default="the model's own",
    ),
]
PassagePrompt = Annotated[
    str | None,
    typer.Option(
        "--passage-prompt",
        help="Put before every passage, such as 'passage: '; '' for none.",
        show_default="the model's own",
    ),
]
TruncateDim = Annotated[
    int | None,
    typer.Option(
        "--truncate-dim",
        min=1,
        help="Cut vectors to their first so many dimensions (for models trained so).",
        show_default="what the model says",
    ),
]
Similarity = Annotated[
    str | None,
    typer.Option(
        "--similarity", help="Of vectors: cosine, dot, or hamming, of their bits.", show_default="the model's own"
    ),
]
BatchSize = Annotated[
    int, typer.Option("--batch-size", min=1, help="Texts a forward pass, or a request to an endpoint.")
]
UseCache = Annotated[
    bool,
    typer.Option(
        "--cache", help="Keep vectors on disk: texts seen before are not encoded again. Always for an endpoint."
    ),
]
MinGrade = Annotated[
    int,
    typer.Option(
        "--min-grade",
        min=1,
        help="The least grade of a relevant passage, where judgements are graded: --min-grade 2. nDCG gains from every "
        "grade above 0 all the same.",
    ),
]
Processes = Annotated[
    int, typer.Option("--processes", min=1, help="That encode at once, each with the model: one a GPU, or share a CPU.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document, for machines.")]
Data = Annotated[
    Path | None,
    typer.Option(
        "--data", help="Folder of the pairs that a recipe or a configuration file names.", envvar="EQUILINGUA_DATA"
    ),
]

BATCH_OPTIONS = (
    "kind", "alpha", "steps", "seed", "pair_drawing", "language_temperature", "source_temperature", "short",
    "languages", "sources", "where", "max_characters", "squad_language",
    "query_column", "passage_column", "language_column", "id_column",
)  # fmt: skip
"""Options of every command that draws batches which are those of a training too."""


def split_names(text: str | None) -> list[str] | None:
    """The names in a comma-separated option; None where it was not given.

    >>> split_names("en, es,zh")
    ['en', 'es', 'zh']
    """
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


def given_options(arguments: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The options of a training among a command's arguments that were given; the file and the defaults have the others.

    A flag that is off was not given; languages have commas between them.

    >>> given_options({"seed": 0, "epochs": None, "languages": "en,es"}, ["seed", "epochs", "languages"])
    {'seed': 0, 'languages': ['en', 'es']}
    """
    options = {name: arguments[name] for name in names if arguments[name] is not None and arguments[name] is not False}
    return options | ({"languages": split_names(options["languages"])} if "languages" in options else {})


def given_columns(arguments: Mapping[str, Any]) -> "Columns":
    """The columns of tables that a command's arguments name."""
    from equilingua.columns import Columns

    names = (field.name for field in fields(Columns))
    return Columns(**{name: arguments.get(f"{name}_column") for name in names})


def encode_options(arguments: Mapping[str, Any]) -> "EncodeOptions":
    """How a command encodes, by those of its arguments that say so; ``cache`` is whether vectors are kept.

    An endpoint's are always kept, since a run that broke off would cost twice.
    """
    from equilingua.retrieval.encoding import EncodeOptions
    from equilingua.retrieval.registry import is_endpoint

    options = {field.name: arguments[field.name] for field in fields(EncodeOptions)}
    return EncodeOptions(**options | {"cache": arguments["cache"] or is_endpoint(arguments["model"] or "")})


def chosen_retriever(
    model: str | None, runs: Sequence[str] | None, *, nothing_found: bool, revision: str | None, trust_remote_code: bool
) -> Any:
    """The retriever of a command: a model by its name, or runs made elsewhere.

    Raises:
        InputError: if both were given, or none, or there is no such retriever.
    """
    from equilingua.evaluation.run_files import RunFiles
    from equilingua.retrieval.registry import retriever

    if bool(model) == bool(runs):
        raise InputError("give a model, or runs made elsewhere (--run PATH)" + (": not both" if model else ""))
    if nothing_found and not runs:
        raise InputError("--nothing-found: is about runs, and no --run is given. Leave it out")
    if runs:
        return RunFiles.of(runs, nothing_found=nothing_found)
    return retriever(model or "", revision=revision, trust_remote_code=trust_remote_code)


def tell_notes(model: Any, encoding: "EncodeOptions") -> None:
    """Say on standard error, before anything is encoded, what is to be known of how it will be."""
    from equilingua.cli.console import echo
    from equilingua.retrieval.notes import encoding_notes

    for note in encoding_notes(model, encoding):
        echo(f"Note: {note}.", err=True)


def training_pairs(training: "TrainingSetup", files: Sequence[str | Path], data: Path | None) -> "ParallelPairs":
    """The pairs that a configuration file names, by names relative to the folder of data, then those of the files.

    Raises:
        InputError: if no pairs are named, or a relative name has no folder.
    """
    from equilingua.mixtures.read import read_entries
    from equilingua.pairs.store import ParallelPairs
    from equilingua.runtime import is_main_process

    if not files and not training.entries:
        raise InputError("no pairs file given, and none is named by a configuration file (pairs = [...])")
    relative = [file for entry in training.entries for file in entry.files if not Path(file).is_absolute()]
    if relative and data is None:
        raise InputError(
            f"--data is missing: the folder that holds {relative[0]}, as the configuration file names its pairs"
        )
    shown = training.config.progress and is_main_process()
    stores = [read_entries(training.entries, data=data or Path(), progress=shown)] if training.entries else []
    if files:
        config = training.config
        stores.append(
            ParallelPairs.read(*files, language=config.squad_language, columns=config.columns, progress=shown)
        )
    return ParallelPairs.joined(stores)
