"""Every number of results, of an audit or of a study as CSV, in long format: a line a number."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

from equilingua.auditing.checks import Standing
from equilingua.auditing.record import Audit
from equilingua.escaping import csv_cell
from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.settings import MULTILINGUAL, POOL
from equilingua.reports.study_tables import interval_of
from equilingua.reports.tables import ALL, Cell, cells
from equilingua.studies.figures import ArmDifference, ArmMean
from equilingua.studies.inference import Estimate
from equilingua.studies.outcome import StudyOutcome

CSV_HEADER = (
    "model", "benchmark", "setting", "query_language", "corpus_language", "measure", "value", "low", "high",
)  # fmt: skip
STUDY_CSV_HEADER = (
    "kind", "arm", "against", "evaluation", "setting", "query_languages", "corpus_language", "measure", "seed",
    "value", "low", "high", "p_corrected",
)  # fmt: skip

Line = dict[str, str | int | float | None]
"""Values by name of the column; what a number does not have is an empty field."""


def results_csv(results: Sequence[tuple[str, EvaluationResult]]) -> str:
    """A header, then a line a cell of every result, under its label."""
    lines = (_line(label, result.benchmark, cell) for label, result in results for cell in cells(result))
    return _csv_text(CSV_HEADER, lines)


def audit_csv(audit: Audit) -> str:
    """In the columns of a result's.

    Standings are ``MEASURE - mean``, exposure ``exposure@k``, ``pool_share`` and ``exposure@k - pool_share``, counts of
    texts ``passages`` and ``queries``.
    """
    name = audit.result.benchmark if audit.result else ", ".join(audit.provenance.get("data", {}))
    return _csv_text(CSV_HEADER, (_line(model, name, cell) for model, cell in _audit_cells(audit)))


def study_csv(outcome: StudyOutcome) -> str:
    """A header, then a line a number.

    Kinds: ``mean`` over seeds and items, ``seed`` of one training, ``difference`` from the baseline, ``pair`` of
    languages as a mean over seeds. Several query languages have a space between them.
    """
    return _csv_text(STUDY_CSV_HEADER, [*_mean_lines(outcome), *_difference_lines(outcome), *_pair_lines(outcome)])


def _csv_text(header: Sequence[str], lines: Iterable[Line]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: csv_cell(value) for name, value in line.items()} for line in lines)
    return text.getvalue()


def _line(model: str, benchmark: str, cell: Cell) -> Line:
    values = (cell.setting, cell.query_language, cell.corpus_language, cell.measure, cell.value, cell.low, cell.high)
    return dict(zip(CSV_HEADER, (model, benchmark, *values), strict=True))


def _audit_cells(audit: Audit) -> Iterator[tuple[str, Cell]]:
    """With the model that each is of: the audited one or a baseline."""
    own = [*(cells(audit.result) if audit.result else []), *(_behind(one, audit.measure) for one in audit.standings)]
    yield from ((audit.model, cell) for cell in own)
    for model, standings in audit.baseline.items():
        for standing in standings:
            place = MULTILINGUAL, standing.language, POOL
            yield model, Cell(*place, audit.measure, standing.value, *(standing.interval or (None, None)))
            yield model, _behind(standing, audit.measure)
    yield from ((audit.model, cell) for cell in _exposure_cells(audit))
    for language, count in audit.passages.languages.items():
        yield audit.model, Cell(MULTILINGUAL, ALL, language, "passages", count)
    for language, count in audit.queries.languages.items():
        yield audit.model, Cell(MULTILINGUAL, language, ALL, "queries", count)


def _behind(standing: Standing, measure: str) -> Cell:
    interval = standing.behind_interval or (None, None)
    return Cell(MULTILINGUAL, standing.language, POOL, f"{measure} - mean", standing.behind, *interval)


def _exposure_cells(audit: Audit) -> Iterator[Cell]:
    name = f"exposure@{audit.bias.k}"
    for query_language, exposures in {ALL: audit.bias.exposure, **audit.bias.exposure_per_language}.items():
        for language, exposure in exposures.items():
            place = MULTILINGUAL, query_language, language
            yield Cell(*place, name, exposure.share)
            yield Cell(*place, "pool_share", exposure.pool_share)
            yield Cell(*place, f"{name} - pool_share", exposure.difference, *(exposure.interval or (None, None)))


def _mean_lines(outcome: StudyOutcome) -> Iterator[Line]:
    macro = {(mean.arm, mean.macro_mean) for mean in outcome.means}
    curve = [point.arm_mean for point in outcome.curve]
    for mean in (*outcome.means, *(one for one in curve if (one.arm, one.macro_mean) not in macro)):
        yield {"kind": "mean", **_place(mean), **_numbers(mean.estimate)}
        for seed, value in zip(sorted(outcome.study.seeds), mean.per_seed, strict=True):
            yield {"kind": "seed", **_place(mean), "seed": seed, "value": value}


def _difference_lines(outcome: StudyOutcome) -> Iterator[Line]:
    baseline = outcome.study.label(outcome.study.baseline)
    for one in outcome.differences:
        numbers = {**_numbers(one.estimate), "p_corrected": one.p_corrected}
        yield {"kind": "difference", **_place(one), "against": baseline, **numbers}


def _pair_lines(outcome: StudyOutcome) -> Iterator[Line]:
    for (arm, evaluation), means in outcome.heat.items():
        for (setting, query_language, corpus_language), value in means.items():
            place: Line = {"kind": "pair", "arm": arm, "evaluation": evaluation, "setting": setting}
            languages = {"query_languages": query_language, "corpus_language": corpus_language}
            yield {**place, **languages, "measure": "mAP", "value": value}


def _place(one: ArmMean | ArmDifference) -> Line:
    mean = one.macro_mean
    place: Line = {"arm": one.arm, "evaluation": mean.evaluation, "setting": mean.setting}
    return {**place, "query_languages": " ".join(mean.languages or ()), "measure": mean.measure}


def _numbers(estimate: Estimate) -> Mapping[str, float]:
    interval = interval_of(estimate)
    return {"value": estimate.value, **({"low": interval[0], "high": interval[1]} if interval else {})}
