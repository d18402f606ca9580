"""Every number of a study as CSV."""

import csv
import io
from collections.abc import Iterator

from equilingua.reports.study_figures import pair_cells
from equilingua.reports.study_tables import interval_of
from equilingua.studies.inference import Estimate
from equilingua.studies.outcome import ArmDifference, ArmMean, StudyOutcome

CSV_HEADER = (
    "kind",
    "arm",
    "against",
    "evaluation",
    "setting",
    "query_languages",
    "corpus_language",
    "measure",
    "seed",
    "value",
    "low",
    "high",
    "p_corrected",
)

Row = dict[str, str | int | float]


def study_csv(outcome: StudyOutcome) -> str:
    """A header, then a line a number; what a number does not have is an empty field.

    Kinds: ``mean`` over seeds and items, ``seed`` of one training, ``difference`` from the baseline, ``pair`` of
    languages as a mean over seeds. Several query languages have a space between them.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, CSV_HEADER, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_rows(outcome))
    return text.getvalue()


def _rows(outcome: StudyOutcome) -> Iterator[Row]:
    macro = {(mean.arm, mean.macro_mean) for mean in outcome.means}
    curve = (point.arm_mean for point in outcome.curve)
    for mean in (*outcome.means, *(mean for mean in curve if (mean.arm, mean.macro_mean) not in macro)):
        yield {"kind": "mean", **_place(mean), **_numbers(mean.estimate)}
        for seed, value in zip(sorted(outcome.study.seeds), mean.per_seed, strict=True):
            yield {"kind": "seed", **_place(mean), "seed": seed, "value": value}
    baseline = outcome.study.label(outcome.study.baseline)
    for found in outcome.differences:
        p = {"p_corrected": found.p_corrected}
        yield {"kind": "difference", **_place(found), "against": baseline, **_numbers(found.estimate), **p}
    for arm, of_arm in outcome.heat.items():
        for evaluation, means in of_arm.items():
            for cell in pair_cells(means, outcome.languages[evaluation]):
                yield {
                    "kind": "pair",
                    "arm": arm,
                    "evaluation": evaluation,
                    "setting": cell.setting,
                    "query_languages": cell.query_language,
                    "corpus_language": cell.corpus_language,
                    "measure": cell.measure,
                    "value": cell.value,
                }


def _place(found: ArmMean | ArmDifference) -> Row:
    cell = found.macro_mean
    return {
        "arm": found.arm,
        "evaluation": cell.evaluation,
        "setting": cell.setting,
        "query_languages": " ".join(cell.languages or ()),
        "measure": cell.measure,
    }


def _numbers(found: Estimate) -> Row:
    interval = interval_of(found)
    return {"value": found.value, **({"low": interval[0], "high": interval[1]} if interval else {})}
