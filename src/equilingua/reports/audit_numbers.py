"""Every number of an audit as CSV, in the columns of a result's."""

import csv
import io
from collections.abc import Iterator

from equilingua.auditing.record import Audit
from equilingua.auditing.standings import Standing
from equilingua.evaluation.settings import MULTILINGUAL, POOL
from equilingua.metrics.preference import Exposure
from equilingua.reports.cells import ALL, CSV_HEADER, Cell, cells


def audit_csv(audit: Audit) -> str:
    """A header, then a line a number; no interval is an empty field.

    Standings are ``MEASURE - mean``, exposure ``exposure@k``, ``pool_share`` and ``exposure@k - pool_share``, counts of
    texts ``passages`` and ``queries``.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_HEADER)
    name = audit.result.benchmark if audit.result else ", ".join(audit.provenance.get("data", {}))
    for model, cell in _all_cells(audit):
        place = cell.setting, cell.query_language, cell.corpus_language
        writer.writerow([model, name, *place, cell.measure, cell.value, cell.low, cell.high])
    return text.getvalue()


def _all_cells(audit: Audit) -> Iterator[tuple[str, Cell]]:
    for cell in cells(audit.result) if audit.result else []:
        yield audit.model, cell
    for standing in audit.standings:
        yield audit.model, _behind(standing, audit.measure)
    for model, standings in audit.baseline.items():
        for standing in standings:
            interval = standing.interval or (None, None)
            yield (
                model,
                Cell(MULTILINGUAL, standing.language, POOL, audit.measure, standing.value, *interval),
            )
            yield model, _behind(standing, audit.measure)
    for query_language, exposures in {ALL: audit.bias.exposure, **audit.bias.exposure_per_language}.items():
        for language, exposure in exposures.items():
            for cell in _exposed(query_language, language, exposure, audit.bias.k):
                yield audit.model, cell
    for language, count in audit.passages.languages.items():
        yield audit.model, Cell(MULTILINGUAL, ALL, language, "passages", count)
    for language, count in audit.queries.languages.items():
        yield audit.model, Cell(MULTILINGUAL, language, ALL, "queries", count)


def _behind(standing: Standing, measure: str) -> Cell:
    interval = standing.behind_interval or (None, None)
    return Cell(MULTILINGUAL, standing.language, POOL, f"{measure} - mean", standing.behind, *interval)


def _exposed(query_language: str, language: str, exposure: Exposure, k: int) -> Iterator[Cell]:
    place = MULTILINGUAL, query_language, language
    yield Cell(*place, f"exposure@{k}", exposure.share)
    yield Cell(*place, "pool_share", exposure.pool_share)
    yield Cell(*place, f"exposure@{k} - pool_share", exposure.difference, *(exposure.interval or (None, None)))
