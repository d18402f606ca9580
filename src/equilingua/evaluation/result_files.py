"""A result on disk: ``result.json`` for the numbers, ``per_query.parquet`` for every query's ranks and measures.

Schema 2 of ``per_query.parquet``: one row a query, setting and corpus, with ``query_id``, ``query_language``,
``setting``, ``corpus_language`` (``*`` for the pool of all corpora), ``ranks`` (of the relevant passages, 1-based, in
the order of passage languages) and one column a measure, null where the setting does not have it or the query has no
value of it.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from equilingua.errors import InputError, Problems
from equilingua.evaluation.bias import LanguageBias
from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.scores import PairScores
from equilingua.files import check_place, content_hash, saved_document, whole_file
from equilingua.metrics.ranks import RankArray

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA = 2
RESULT = "result.json"
PER_QUERY = "per_query.parquet"
TREC = "trec"

_PARTS = (
    "model",
    "benchmark",
    "languages",
    "measures",
    "per_language",
    "per_pair",
    "intervals",
    "counts",
    "provenance",
)
_BIAS = "language_bias"
_PLACE = ("setting", "query_language", "corpus_language")
_NOT_MEASURES = ("query_id", *_PLACE, "ranks")


def check_output(folder: Path, *, overwrite: bool) -> None:
    """Refuse a folder that must not be written to, best before hours of work.

    Raises:
        InputError: if it holds anything but a result, or holds a result that is not to be overwritten, or cannot be
            written.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is a file; give a folder")
    check_place(folder / RESULT)
    if not folder.exists():
        return
    others = sorted(path.name for path in folder.iterdir() if path.name not in (RESULT, PER_QUERY, TREC))
    others = [name for name in others if not name.startswith(".")]
    if others:
        raise InputError(
            f"{folder}: is no result folder (it holds {', '.join(others[:3])}). Give a new or empty folder"
        )
    if (folder / RESULT).exists() and not overwrite:
        held = saved_document(folder / RESULT, schema=SCHEMA, command="evaluate")
        raise InputError(
            f"{folder}: already holds the result of {held.get('model')!r} on {held.get('benchmark')!r}. Give another "
            "folder, or pass --overwrite (in Python: overwrite=True)"
        )


def write_result(result: EvaluationResult, folder: Path, *, overwrite: bool) -> Path:
    """Write both files, each whole or not at all, ``result.json`` last and with the other's hash."""
    import pyarrow.parquet as pq

    check_output(folder, overwrite=overwrite)
    shutil.rmtree(folder / TREC, ignore_errors=True)  # an older result's runs would pass for this one's
    with whole_file(folder / PER_QUERY) as work:
        pq.write_table(_table(result.scores), work, compression="zstd")
    document = {**result_document(result), "per_query_sha256": content_hash(folder / PER_QUERY)}
    with whole_file(folder / RESULT) as work:
        work.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return folder


def read_result(folder: Path) -> EvaluationResult:
    """The result of a folder, checked."""
    import pyarrow.parquet as pq

    if not (folder / RESULT).is_file() and (folder / "result" / RESULT).is_file():
        folder = folder / "result"  # an audit, or an arm of the demo
    document = saved_document(folder / RESULT, schema=SCHEMA, command="evaluate")
    problems = Problems(str(folder / RESULT))
    for part in (*_PARTS, _BIAS, "per_query_sha256"):
        if part not in document:
            problems.add(f"no {part!r}: was the file edited? Evaluate again")
    problems.raise_if_any()
    per_query = folder / PER_QUERY
    if not per_query.is_file() or content_hash(per_query) != document["per_query_sha256"]:
        state = "was written with another result" if per_query.is_file() else "is missing"
        raise InputError(f"{per_query}: {state}, so single queries cannot be compared. Evaluate again with --overwrite")
    parts = {part: document[part] for part in _PARTS}
    parts["languages"] = tuple(parts["languages"])
    parts["intervals"] = {
        setting: {measure: (low, high) for measure, (low, high) in of_setting.items()}
        for setting, of_setting in parts["intervals"].items()
    }
    bias = _read_bias(document[_BIAS], folder / RESULT)
    return EvaluationResult(**parts, scores=tuple(_scores(pq.read_table(per_query))), language_bias=bias)


def result_document(result: EvaluationResult) -> dict[str, Any]:
    """What ``result.json`` holds of a result."""
    bias = None if result.language_bias is None else asdict(result.language_bias)
    return {"schema": SCHEMA, **{part: getattr(result, part) for part in _PARTS}, _BIAS: bias}


def _read_bias(document: Any, path: Path) -> LanguageBias | None:
    """The record again, with every part of the type it was written with."""
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(LanguageBias | None).validate_python(document)
    except ValidationError as error:
        problems = Problems(str(path))
        for problem in error.errors():
            place = ".".join([_BIAS, *map(str, problem["loc"])])
            problems.add(f"{place}: {problem['msg']}: was the file edited? Evaluate again")
        raise InputError(problems.report()) from error


def _table(scores: tuple[PairScores, ...]) -> "pa.Table":
    import pyarrow as pa

    most_first = sorted(scores, key=lambda pair: -len(pair.values))
    measures = list(dict.fromkeys(measure for pair in most_first for measure in pair.values))
    tables = []
    for pair in scores:
        rows = len(pair.query_ids)
        columns = {"query_id": pa.array(pair.query_ids, pa.string())}
        columns |= {name: pa.array([getattr(pair, name)] * rows, pa.string()) for name in _PLACE}
        columns["ranks"] = _rank_lists(pair.ranks)
        for name in measures:
            values = pair.values.get(name, np.full(rows, np.nan))
            columns[name] = pa.array(values, pa.float64(), from_pandas=True)  # NaN is written as null
        tables.append(pa.table(columns))
    return pa.concat_tables(tables)


def _rank_lists(ranks: RankArray) -> "pa.ListArray":
    import pyarrow as pa

    filled = ranks > 0
    offsets = np.concatenate([[0], np.cumsum(filled.sum(axis=1))])
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.array(ranks[filled], pa.int64()))


def _scores(table: "pa.Table") -> Iterator[PairScores]:
    """The pairs again: rows of one setting and pair stand together."""
    place = np.array([table[name].to_numpy(zero_copy_only=False) for name in _PLACE])
    starts = np.flatnonzero(np.r_[True, (place[:, 1:] != place[:, :-1]).any(axis=0)])
    for start, end in zip(starts, [*starts[1:], table.num_rows], strict=True):
        rows = table.slice(start, end - start)
        values = {name: rows[name].to_numpy() for name in table.column_names if name not in _NOT_MEASURES}
        setting, query_language, corpus_language = place[:, start]
        yield PairScores(
            setting=setting,
            query_language=query_language,
            corpus_language=corpus_language,
            query_ids=tuple(rows["query_id"].to_pylist()),
            ranks=_padded(rows["ranks"].combine_chunks()),
            values={name: column for name, column in values.items() if not np.isnan(column).all()},
        )


def _padded(lists: "pa.ListArray") -> RankArray:
    lengths = lists.value_lengths().to_numpy()
    ranks = np.zeros((len(lengths), int(lengths.max(initial=0))), dtype=np.int64)
    ranks[np.arange(ranks.shape[1]) < lengths[:, None]] = lists.flatten().to_numpy()
    return ranks
