import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from equilingua.benchmarks.benchmark import Benchmark, Corpus, Queries
from equilingua.studies.config import StudyConfig, load_study
from equilingua.studies.estimate import StudyEstimate, estimate_study, part_of
from equilingua.studies.plan import plan_study
from equilingua.studies.workspace import PlannedEvaluation, Workspace

pytestmark = pytest.mark.usefixtures("in_this_process")


@pytest.mark.slow
def test_an_estimate_is_finite_grows_with_the_work_and_writes_nothing(
    small_study: Callable[..., StudyConfig], data: Path, tmp_path: Path
) -> None:
    workspace = Workspace(tmp_path / "workspace")
    found, longer, epochs = (
        estimate_study(plan_study(small_study(overrides=(steps,)), data=data), workspace, processes=1)
        for steps in ("training.steps=6", "training.steps=100000", "training={epochs=50000,batch_size=16}")
    )
    assert (found.units, found.processes) == (8, 1)
    for one in (found, longer, epochs):
        assert 0 < one.seconds < math.inf
        assert 0 < one.disk_bytes < 2**30
    assert longer.seconds > 2 * found.seconds
    assert epochs.seconds > 2 * found.seconds
    assert not workspace.folder.exists()


@pytest.mark.slow
def test_evaluations_that_only_later_arms_have_take_their_time_too(
    small_study: Callable[..., StudyConfig], data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    probed: list[str] = []

    def took(_: object, planned: PlannedEvaluation, __: Path, ___: Path) -> tuple[float, int]:
        probed.append(planned.config.key)
        return 0.5, 1

    monkeypatch.setattr("equilingua.studies.estimate._evaluated", took)
    plan = plan_study(small_study(overrides=("seeds=[0]",)), data=data)
    having = {"facts": "merged", "english": "cross"}
    units = tuple(
        replace(unit, evaluations=tuple(one for one in unit.evaluations if having[one.config.key] == unit.arm))
        for unit in plan.units
    )
    estimate_study(replace(plan, units=units), Workspace(tmp_path / "workspace"), processes=1)
    assert sorted(probed) == ["english", "facts"]


@pytest.mark.slow
def test_what_two_arms_share_is_timed_once(
    study_file: Callable[..., Path], data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("equilingua.studies.estimate._evaluated", lambda *_: (1e6, 1))
    estimates = [
        estimate_study(plan_study(load_study(study_file(*twin)), data=data), Workspace(tmp_path / "w"), processes=1)
        for twin in ((), (("[arms.merged]", '[arms.twin]\nlabel = "Twin"\ntraining.kind = "x-y"\n\n[arms.merged]'),))
    ]
    assert [found.units for found in estimates] == [8, 10]
    assert estimates[1].seconds == pytest.approx(estimates[0].seconds, rel=0.01)


def test_nothing_is_left_of_a_study_that_is_done(finished: Any) -> None:
    before = sorted(finished.workspace.folder.rglob("*"))
    assert estimate_study(finished.plan, finished.workspace, processes=1) == StudyEstimate(0, 1, 0.0, 0)
    assert sorted(finished.workspace.folder.rglob("*")) == before


def test_a_large_benchmark_is_timed_on_its_judged_passages_and_some_more() -> None:
    corpora = {
        tag: Corpus(tuple(f"{tag}{row}" for row in range(50)), tuple(f"text {row}" for row in range(50)))
        for tag in ("de", "en")
    }
    benchmark = Benchmark("large", {"en": Queries(("q",), ("?",))}, corpora, {"en": {"q": {"en40": 1, "de7": 0}}})
    part = part_of(benchmark, most=12)
    assert part.corpora["en"].ids == ("en0", "en1", "en2", "en3", "en4", "en40")
    assert part.corpora["en"].texts[-1] == "text 40"
    assert part.corpora["de"].ids == ("de0", "de1", "de2", "de3", "de4", "de7")
    assert part_of(benchmark, most=100) is benchmark
