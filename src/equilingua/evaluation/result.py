"""The record of one evaluation, the folder it is saved to (``result.json``, ``per_query.parquet``), and its table."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from math import isclose
from pathlib import Path
from typing import Annotated, Any, get_type_hints

from pydantic import AfterValidator, BaseModel, Field

from equilingua.documents import check_kept, saved_document, saved_parts
from equilingua.errors import InputError
from equilingua.evaluation.bias import LanguageBias
from equilingua.evaluation.scores import (
    Means,
    PairScores,
    language_means,
    macro_means,
    pair_means,
    per_query_table,
    read_scores,
)
from equilingua.evaluation.settings import CROSS_LINGUAL, SETTINGS
from equilingua.files import content_hash, names_in_output, remove_if_empty, whole_file
from equilingua.folders import AUDIT
from equilingua.folders import RESULT as RESULT
from equilingua.metrics.naming import PRINTED_MEASURES, SAVED_MEASURES, decimals, parse_metric
from equilingua.tables import Table, value_text

SCHEMA = 4
PER_QUERY = "per_query.parquet"
TREC = "trec"

Interval = tuple[float, float]
Intervals = Mapping[str, Interval]

WITH_INTERVAL = ("mAP", "rank_distance")
"""Measures whose interval is printed; those of the others are in ``intervals``."""


class _Counts(BaseModel):
    queries: dict[str, int] = Field(min_length=1)
    passages: dict[str, int]
    pool: int


class _Provenance(BaseModel):
    data: dict[str, str]
    versions: dict[str, str]
    hardware: dict[str, Any]


def _checked(shape: type[BaseModel]) -> AfterValidator:
    """A check that a table has the parts of a shape, beside whatever else it may have."""

    def check(value: dict[str, Any]) -> dict[str, Any]:
        shape.model_validate(value)
        return value

    return AfterValidator(check)


Counts = Annotated[dict[str, Any], _checked(_Counts)]
Provenance = Annotated[dict[str, Any], _checked(_Provenance)]


@dataclass(frozen=True, eq=False)
class EvaluationResult:
    """How one model does on one benchmark.

    Attributes:
        model: its name or path.
        benchmark: its name.
        languages: of the queries and corpora.
        measures: per setting and measure, the macro mean over languages or pairs.
        per_language: per setting and query language, each measure; cross-lingual: its mean over all corpora.
        per_pair: per ordered pair of the cross-lingual setting (``en-de``: English queries, German passages).
        intervals: laid out as ``measures``: the 95 % bootstrap interval (low, high) over items.
        pair_intervals: per setting, then ordered pair (cross-lingual) or query language, those of every measure.
        counts: queries and passages per language, size of the pool, pairs and queries scored and dropped per setting,
            and, where texts were cut, those that were longer than the model reads, per language.
        provenance: versions, seeds, data hashes, precision, hardware, command.
        scores: every query's ranks and measures.
        language_bias: which languages the multilingual ranking favours; None for a single language, where that
            setting was not evaluated, or where parallel queries together leave out every passage.
    """

    model: str
    benchmark: str
    languages: tuple[str, ...]
    measures: Mapping[str, Means]
    per_language: Mapping[str, Mapping[str, Means]]
    per_pair: Mapping[str, Means]
    intervals: Mapping[str, Intervals]
    pair_intervals: Mapping[str, Mapping[str, Intervals]]
    counts: Mapping[str, Any]
    provenance: Mapping[str, Any]
    scores: tuple[PairScores, ...]
    language_bias: LanguageBias | None = None

    @property
    def caveat(self) -> str:
        """What has to be known of a result of runs made elsewhere; empty for any other."""
        return str(self.provenance.get("run", {}).get("caveat", ""))

    def means_of(self, pair: PairScores) -> Means:
        """Every measure of a pair of ``scores``, as ``per_pair`` or ``per_language`` has it."""
        return self.per_pair[pair.name] if pair.setting == CROSS_LINGUAL else self.per_language[pair.setting][pair.name]

    def intervals_of(self, pair: PairScores) -> Intervals:
        """The intervals of these, of every measure that has one."""
        return self.pair_intervals.get(pair.setting, {}).get(pair.name, {})

    def to_dict(self) -> dict[str, Any]:
        """What ``result.json`` holds: everything but the scores of single queries."""
        bias = None if self.language_bias is None else asdict(self.language_bias)
        return {"schema": SCHEMA, **{part: getattr(self, part) for part in _PARTS}, "language_bias": bias}

    def save(self, folder: str | Path, *, overwrite: bool = False) -> Path:
        """Write both files, each whole or not at all, ``result.json`` last and with the other's hash.

        Returns:
            The folder.

        Raises:
            InputError: if the folder holds anything else, or a result and ``overwrite`` is not set.
        """
        import pyarrow.parquet as pq

        folder = Path(folder)
        check_output(folder, overwrite=overwrite)
        remove_runs(folder / TREC)  # an older result's would pass for this one's
        with whole_file(folder / PER_QUERY) as work:
            pq.write_table(per_query_table(self.scores), work, compression="zstd")
        document = {**self.to_dict(), "per_query_sha256": content_hash(folder / PER_QUERY)}
        # Last: a folder that is being written, or whose writing was broken off, is not taken for a result.
        with whole_file(folder / RESULT) as work:
            work.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        return folder

    @classmethod
    def load(cls, folder: str | Path) -> "EvaluationResult":
        """The result saved in a folder.

        Raises:
            InputError: if it holds no result, one of another schema, or files that were edited or do not belong
                together.
        """
        folder = Path(folder)
        if not (folder / RESULT).is_file() and (folder / "result" / RESULT).is_file():
            folder = folder / "result"  # an audit, or an arm of the demo
        # An audit's result is made again by auditing.
        command = "audit" if (folder.parent / AUDIT).is_file() else "evaluate"
        document = saved_document(folder / RESULT, schema=SCHEMA, command=command)
        types = {name: kind for name, kind in get_type_hints(cls).items() if name != "scores"}
        types |= {"counts": Counts, "provenance": Provenance, "per_query_sha256": str}
        parts = saved_parts(document, types, folder / RESULT, command=command)
        per_query, sha256 = folder / PER_QUERY, parts.pop("per_query_sha256")
        # Two files are replaced one after the other: a process that dies in between leaves a pair that does not match.
        if not per_query.is_file() or content_hash(per_query) != sha256:
            state = "was written with another result" if per_query.is_file() else "is missing"
            again = f"{command.capitalize()} again with --overwrite"
            raise InputError(f"{per_query}: {state}, so single queries cannot be compared. {again}")
        result = cls(**parts, scores=read_scores(per_query))
        check_kept(document, {**result.to_dict(), "per_query_sha256": sha256}, folder / RESULT, command=command)
        _check_means(result, folder / RESULT)
        return result

    @property
    def headline(self) -> str:
        """Model, benchmark, languages, queries a language, size of the pool and any least grade, in a line."""
        queries = sorted(set(self.counts["queries"].values()))
        each = f"{queries[0]:,}" if len(queries) == 1 else f"{queries[0]:,} to {queries[-1]:,}"
        noun = "language" if len(self.languages) == 1 else "languages"
        least = self.provenance.get("min_grade", 1)
        graded = f", relevant from grade {least} on" if least > 1 else ""
        return (
            f"{self.model} on {self.benchmark}: {len(self.languages)} {noun} ({', '.join(self.languages)}), "
            f"{each} queries a language, pool of {self.counts['pool']:,} passages{graded}"
        )

    def table(self) -> Table:
        """One row a setting, one column a measure, mAP and rank distance with their intervals, where there are any.

        Of the measures taken by default, those of ``SAVED_MEASURES`` are left out.
        """
        names = list(dict.fromkeys(measure for means in self.measures.values() for measure in means))
        by_default = {name for name in PRINTED_MEASURES if not parse_metric(name).multilingual_only}
        if by_default.issubset(names):
            names = [name for name in names if name not in SAVED_MEASURES]
        known = {name for of_setting in self.intervals.values() for name in of_setting if name in WITH_INTERVAL}
        return Table(
            title=self.headline,
            header=("setting", *(f"{name} [95 %]" if name in known else name for name in names)),
            rows=tuple(
                (setting, *(self.text(setting, name, interval=name in WITH_INTERVAL) for name in names))
                for setting in self.measures
            ),
            note="\n".join([*(f"Note: {note}." for note in self.provenance.get("notes", ())), *self._refused(names)]),
        )

    def _refused(self, names: Sequence[str]) -> Iterator[str]:
        """A line on the means that would have an interval in the table, were there enough items."""
        lacking = [
            f"{name}, {setting}"
            for setting, means in self.measures.items()
            for name in names
            if name in WITH_INTERVAL and name in means and name not in self.intervals.get(setting, {})
        ]
        if self.intervals and lacking:
            yield f"No interval: too few items to tell ({'; '.join(lacking)})."

    def text(self, setting: str, measure: str, *, interval: bool = True) -> str:
        """A macro mean with its interval, such as ``0.798 [0.781, 0.814]``; a dash where it was not taken."""
        value = self.measures.get(setting, {}).get(measure)
        ends = self.intervals.get(setting, {}).get(measure) if interval else None
        return "-" if value is None else value_text(value, ends, form=f",.{decimals(measure)}f")

    def __str__(self) -> str:
        """The table as plain text."""
        return str(self.table())


def _check_means(result: EvaluationResult, path: Path) -> None:
    """The means that a result holds have to be those of its queries, in name and value."""
    measured = {
        "measures": (result.measures, macro_means(result.scores)),
        "per_language": (result.per_language, language_means(result.scores)),
        "per_pair": (result.per_pair, pair_means(result.scores)),
    }
    for part, (saved, means) in measured.items():
        if not _is_close(saved, means):
            raise InputError(f"{path}: {part} is not what the queries in {PER_QUERY} give. Evaluate again")


def _is_close(saved: Any, means: Any) -> bool:
    if isinstance(means, Mapping):
        named = isinstance(saved, Mapping) and saved.keys() == means.keys()
        return named and all(_is_close(saved[name], means[name]) for name in means)
    return isclose(saved, means, rel_tol=1e-6, abs_tol=1e-9)


_PARTS = tuple(part.name for part in fields(EvaluationResult) if part.name not in ("scores", "language_bias"))


def remove_result(folder: Path) -> None:
    """Remove the files of a result, and its folder if nothing else lies there; nothing that was not written with it."""
    remove_runs(folder / TREC)
    if (folder / RESULT).is_file():
        for name in (RESULT, PER_QUERY):
            (folder / name).unlink(missing_ok=True)
    remove_if_empty(folder)


def remove_runs(folder: Path) -> None:
    """Remove the runs and judgements that lie beside a result, and their folder if nothing else lies there."""
    if (folder.parent / RESULT).is_file():
        for setting in SETTINGS:
            for suffix in (".run", ".qrels"):
                (folder / f"{setting}{suffix}").unlink(missing_ok=True)
        remove_if_empty(folder)


def check_output(folder: Path, *, overwrite: bool) -> None:
    """Refuse a folder that must not be written to, best before hours of work.

    Raises ``InputError`` if it holds anything but a result, or one that is not to be overwritten, or cannot be written.
    """
    held = names_in_output(folder, RESULT)
    # Without a result, runs are someone's; of a result that was being written, its first file may be there.
    own = (RESULT, PER_QUERY, TREC) if RESULT in held else (PER_QUERY,)
    if others := [name for name in held if name not in own]:
        raise InputError(
            f"{folder}: is no result folder (it holds {', '.join(others[:3])}). Give a new or empty folder"
        )
    if RESULT in held and not overwrite:
        saved = saved_document(folder / RESULT, schema=SCHEMA, command="evaluate")
        raise InputError(
            f"{folder}: already holds the result of {saved.get('model')!r} on {saved.get('benchmark')!r}. Give another "
            "folder, or pass --overwrite (in Python: overwrite=True)"
        )
