"""The files an audit was made on, read again with the languages it found: for the texts of its page."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.benchmarks.own import own_benchmark
from equilingua.columns import USUAL, Columns
from equilingua.corpora.own import OwnData, read_own
from equilingua.corpora.texts import LanguageTexts
from equilingua.errors import InputError, foreign_errors
from equilingua.files import whole_file

LANGUAGES = "languages.parquet"
_SIDES = ("passages", "queries")


@dataclass(frozen=True, eq=False, slots=True)
class TextLanguages:
    """The language by id with which each passage and query took part; those that were left out are not there."""

    passages: Mapping[str, str]
    queries: Mapping[str, str]

    @classmethod
    def of(cls, data: OwnData) -> "TextLanguages":
        """Those of data whose languages are all known."""
        sides = (dict(zip(side.ids, map(str, side.languages), strict=True)) for side in (data.corpus, data.queries))
        return cls(*sides)

    def save(self, folder: Path) -> None:
        """Write ``languages.parquet``: side, id and language of every text."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        rows = [(side, id_, tag) for side in _SIDES for id_, tag in getattr(self, side).items()]
        sides, ids, tags = zip(*rows, strict=True)
        table = pa.table({"side": pa.array(sides).dictionary_encode(), "id": ids, "language": tags})
        with whole_file(folder / LANGUAGES) as work:
            pq.write_table(table, work, compression="zstd")

    @classmethod
    def load(cls, folder: Path) -> "TextLanguages | None":
        """What ``save`` wrote; None where there is no such file.

        Raises:
            InputError: if it cannot be read.
        """
        import pyarrow.parquet as pq

        path = folder / LANGUAGES
        if not path.is_file():
            return None
        with foreign_errors(f"{path}: cannot be read (audit again)"):
            columns = [pq.read_table(path)[name].to_pylist() for name in ("side", "id", "language")]
            held: dict[str, dict[str, str]] = {side: {} for side in _SIDES}
            for side, id_, tag in zip(*columns, strict=True):
                held[side][id_] = tag
        return cls(**held)


def source_of(corpus: Sequence[Path], queries: Sequence[Path], qrels: Path | None, columns: Columns) -> dict[str, Any]:
    """The files' absolute paths and the columns that were named, as an audit's provenance has them."""
    sides = {"corpus": corpus, "queries": queries, "qrels": [qrels] if qrels else []}
    files = {name: [str(path.expanduser().absolute()) for path in paths] for name, paths in sides.items()}
    return files | ({"columns": asdict(columns)} if columns != USUAL else {})


def benchmark_again(
    provenance: Mapping[str, Any], languages: TextLanguages | None, *, folder: Path | None = None
) -> Benchmark:
    """The benchmark that an audit was made on, from its files, each text in the language that the audit gave it.

    Args:
        provenance: of the audit.
        languages: that it found.
        folder: where the files lie now, by their names; where they were if not given.

    Raises:
        InputError: if a file is missing, or is another than the one that was audited.
    """
    source: Mapping[str, Any] = provenance.get("source") or {}
    if not source or languages is None:
        raise InputError("the audit does not say which files it was made on. Audit again")
    paths = {name: [_now(Path(path), folder) for path in source[name]] for name in ("corpus", "queries", "qrels")}
    columns = Columns(**source["columns"]) if "columns" in source else USUAL
    own = read_own(paths["corpus"], paths["queries"], next(iter(paths["qrels"]), None), columns=columns)
    if changed := [name for name, digest in own.hashes.items() if provenance["data"].get(name) != digest]:
        raise InputError(f"{', '.join(changed)}: not what the audit was made on. Audit again")
    corpus, queries = _with(own.corpus, languages.passages), _with(own.queries, languages.queries)
    kept, asked = set(corpus.ids), set(queries.ids)
    qrels = own.qrels and {
        query: {passage: grade for passage, grade in grades.items() if passage in kept}
        for query, grades in own.qrels.items()
        if query in asked
    }
    return own_benchmark(replace(own, corpus=corpus, queries=queries, qrels=qrels), name=named(paths["corpus"]))


def named(corpus: Sequence[Path]) -> str:
    """What the benchmark of an audit is called: the names of the corpus's files."""
    return ", ".join(path.name for path in corpus)


def _now(path: Path, folder: Path | None) -> Path:
    if folder is None:
        return path
    if not (folder / path.name).is_file():
        raise InputError(f"{folder}: holds no {path.name}, which the audit was made on")
    return folder / path.name


def _with(texts: LanguageTexts, languages: Mapping[str, str]) -> LanguageTexts:
    rows = [row for row, id_ in enumerate(texts.ids) if id_ in languages]
    return LanguageTexts(
        ids=tuple(texts.ids[row] for row in rows),
        texts=tuple(texts.texts[row] for row in rows),
        languages=tuple(languages[texts.ids[row]] for row in rows),
        items=tuple(texts.items[row] for row in rows),
    )
