"""A study that trains in a second: few facts in three languages, tiny static encoders, a pairs file as benchmark."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pytest

from equilingua.facts import facts_pairs
from equilingua.pairs.pair import ParallelPair
from equilingua.studies.config import StudyConfig, load_study
from equilingua.studies.plan import StudyPlan, plan_study
from equilingua.studies.run import run_study
from equilingua.studies.workspace import Workspace

LANGUAGES = ("de", "en", "es")

STUDY = """
name = "small"
title = "Small"
question = "What do batches change?"
hypothesis = "Hardly anything, in so few steps."
seeds = [0, 1]
baseline = "mono"
pairs = ["train.jsonl"]

[encoder]
from_scratch = "static"
dimension = 16
vocabulary = 500

[training]
steps = 6
batch_size = 16
checkpoint_steps = 2

[arms.mono]
at = 0
training.kind = "x-x-mono"

[arms.cross]
at = 1
training.kind = "x-y"

[arms.merged]
label = "Mono and cross"
merge = { first = "mono", second = "cross", weight = 0.5 }

[arms.centred]
centre = "mono"

[[evaluations]]
benchmark = "test.jsonl"
name = "facts"
measures = ["mAP", "rank_distance"]

[[evaluations]]
benchmark = "test.jsonl"
name = "english"
languages = ["en"]
settings = ["monolingual"]
measures = ["mAP"]
arms = ["mono", "cross"]

[curve]
axis = "share of rows across languages"
evaluation = "facts"

[[claims]]
says = "Rows across languages cost quality in one"
test = "different"
arm = "cross"
against = "mono"
evaluation = "facts"

[[claims]]
says = "They help in the mixed pool, the more the better"
test = "better"
trend = true
evaluation = "facts"
setting = "multilingual"

[[claims]]
says = "They cost German more than English"
test = "different"
arm = "cross"
against = "mono"
evaluation = "facts"
languages = ["de"]
minus_languages = ["en"]

[[claims]]
says = "Merged lies between"
test = "not-worse"
margin = 0.05
weights = { merged = 1, mono = -0.5, cross = -0.5 }
evaluation = "facts"

[[claims]]
says = "English is retained"
test = "not-worse"
margin = 0.1
arm = "cross"
against = "mono"
retained_from = "facts"
evaluation = "english"
languages = ["en"]
"""


def _line(pair: ParallelPair) -> str:
    texts = ({tag: side[tag] for tag in LANGUAGES} for side in (pair.queries, pair.passages))
    return json.dumps(dict(zip(("id", "source", "queries", "passages"), (pair.id, pair.source, *texts), strict=True)))


def write_data(folder: Path) -> Path:
    """A folder of 60 pairs to train on and 20 to test with."""
    folder.mkdir()
    for split, count in (("train", 60), ("test", 20)):
        lines = [_line(pair) for pair in islice(facts_pairs(split), count)]
        (folder / f"{split}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


@contextmanager
def one_after_the_other(processes: int, *, jobs: int) -> Iterator[Executor]:
    """In place of ``worker_pool``: the same work in this process, which need not start others."""
    assert min(processes, jobs) > 0
    with ThreadPoolExecutor(1) as pool:
        pool._processes = {}  # type: ignore[attr-defined]  # none of which could be ended from outside
        yield pool


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Studies run here, not in processes of their own."""
    monkeypatch.setattr("equilingua.studies.run.worker_pool", one_after_the_other)
    monkeypatch.setattr("equilingua.studies.estimate.worker_pool", one_after_the_other)


@dataclass(frozen=True)
class Finished:
    """A study that is done, which tests only look at."""

    plan: StudyPlan
    workspace: Workspace
    folder: Path


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """The small study, done."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "small.toml").write_text(STUDY, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EQUILINGUA_CACHE", str(folder / "cache"))
        patch.setattr("equilingua.studies.run.worker_pool", one_after_the_other)
        plan = plan_study(load_study(folder / "small.toml"), data=write_data(folder / "data"))
        workspace = Workspace(folder / "workspace")
        return Finished(plan, workspace, run_study(plan, workspace, processes=1))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of 60 pairs to train on and 20 to test with."""
    return write_data(tmp_path / "data")


@pytest.fixture
def study_file(data: Path) -> Callable[..., Path]:
    """Writes the small study beside its data, with texts of it replaced."""

    def write(*replaced: tuple[str, str], name: str = "small") -> Path:
        text = STUDY.replace('name = "small"', f'name = "{name}"', 1)
        for old, new in replaced:
            assert old in text
            text = text.replace(old, new, 1)
        path = data / f"{name}.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def small_study(study_file: Callable[..., Path]) -> Callable[..., StudyConfig]:
    """Reads the small study, with texts of it replaced and settings changed."""

    def load(*replaced: tuple[str, str], overrides: tuple[str, ...] = (), name: str = "small") -> StudyConfig:
        return load_study(study_file(*replaced, name=name), overrides)

    return load
