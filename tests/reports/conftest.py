"""Results on a small benchmark with hostile texts, an audit, a finished study, and a browser to open pages in."""

import dataclasses
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from equilingua.auditing.checks import Standing
from equilingua.auditing.findings import Finding
from equilingua.auditing.record import Audit
from equilingua.auditing.texts import TextCounts
from equilingua.benchmarks.benchmark import Benchmark, Corpus, Queries
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.result import EvaluationResult
from equilingua.runtime import hardware, versions
from equilingua.studies.config import StudyConfig
from equilingua.studies.outcome import StudyOutcome, study_outcome
from equilingua.studies.record import Invocation, OwnResult, StudyRecord
from equilingua.studies.tables import STUDY_MEASURES
from equilingua.studies.workspace import Workspace
from equilingua.training.record import DataRecord, TrainingRecord
from equilingua.training.record import Outcome as TrainingOutcome

HOSTILE = '</script><script>document.title = "owned"</script><img src=x onerror="document.title=1"> & "quoted" <!--'
ITEMS = 30
WORDS = {"ar": "ما هو السؤال رقم", "en": "what is question", "zh": "第几个问题"}


@pytest.fixture(scope="session")
def report_benchmark() -> Benchmark:
    """30 queries in Arabic, English and Chinese; all English queries and one English passage are hostile."""
    ids = tuple(f"q{n}" for n in range(ITEMS))
    queries, corpora = {}, {}
    for language, words in WORDS.items():
        asked = [f"{words} {n}?" for n in range(ITEMS)]
        answers = [f"{words} {n}: {n}" for n in range(ITEMS)]
        if language == "en":
            asked = [f"{HOSTILE} {text}" for text in asked]
            answers[4] = f"{HOSTILE} passage 4"
        queries[language] = Queries(ids, tuple(asked))
        corpora[language] = Corpus(tuple(f"{language}_{n}" for n in range(ITEMS)), tuple(answers))
    relevant = {f"q{n}": {f"{language}_{n}": 1 for language in WORDS} for n in range(ITEMS)}
    return Benchmark("small", queries, corpora, dict.fromkeys(WORDS, relevant), {"small.json": "0" * 64})


@pytest.fixture(scope="session")
def results(report_benchmark: Benchmark) -> tuple[tuple[str, EvaluationResult], ...]:
    """A weak and a strong model; the strong one's name is hostile."""
    rng = np.random.default_rng(0)
    meaning = rng.standard_normal((ITEMS, 8))
    found = []
    for name, noise in (("weak", 2.0), (f"strong {HOSTILE}", 0.7)):
        passages = {language: meaning + noise * rng.standard_normal((ITEMS, 8)) for language in WORDS}
        result = evaluate((dict.fromkeys(WORDS, meaning), passages), report_benchmark, model_name=name, resamples=100)
        found.append((name, result))
    return tuple(found)


@pytest.fixture(scope="session")
def one_language(results: tuple[tuple[str, EvaluationResult], ...]) -> EvaluationResult:
    """The weak result reduced to its monolingual setting, without language bias."""
    result = results[0][1]
    return dataclasses.replace(
        result,
        measures={"monolingual": result.measures["monolingual"]},
        scores=tuple(pair for pair in result.scores if pair.setting == "monolingual"),
        language_bias=None,
    )


def stood(values: dict[str, float]) -> tuple[Standing, ...]:
    """Standings of 30 queries a language with these values, in this order, and intervals of a tenth to both sides."""
    mean = sum(values.values()) / len(values)
    return tuple(
        Standing(tag, ITEMS, value, (value - 0.1, value + 0.1), value - mean, (value - mean - 0.1, value - mean + 0.1))
        for tag, value in values.items()
    )


@pytest.fixture(scope="session")
def audited(results: tuple[tuple[str, EvaluationResult], ...]) -> Audit:
    """The strong model audited beside the weak one, with problems and notes, one of them hostile."""
    result = results[1][1]
    assert result.language_bias is not None
    counts = TextCounts(
        {"ar": 30, "en": 30, "zh": 30},
        detected=30,
        undetermined=2,
        rare={"fi": 1},
        asked_again=0,
        repeated=0,
        joined={},
    )
    step = f"Fine-tune. {HOSTILE}"
    return Audit(
        model="/data/runs/strong",
        retriever="model",
        measure="nDCG@10",
        passages=counts,
        queries=dataclasses.replace(counts, detected=0, undetermined=0, rare={}),
        standings=stood({"zh": 0.61, "ar": 0.72, "en": 0.86}),
        findings=(
            Finding("problem", "behind", ("ar",), f"Arabic queries find less. {HOSTILE}", step),
            Finding("problem", "passages lost", ("zh",), "Chinese queries find less.", step),
            Finding("note", "few queries", ("en",), "Only 30 English queries.", "Add queries."),
            Finding("note", "left out", (), "2 passages were left out.", "Add a field."),
        ),
        bias=result.language_bias,
        result=result,
        baseline={"weak": stood({"en": 0.41, "zh": 0.43, "ar": 0.52})},
        provenance={"data": {"docs.jsonl": "0" * 64}, "seeds": {"bootstrap": 0}},
    )


@pytest.fixture(scope="session")
def audited_without_judgements(audited: Audit) -> Audit:
    """Exposure alone."""
    notes = tuple(finding for finding in audited.findings if finding.severity == "note")
    return dataclasses.replace(audited, result=None, standings=(), baseline={}, findings=notes)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium; tests are skipped where there is none, or no playwright."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    found = next((path for path in map(shutil.which, names) if path), None)
    if found is None:
        pytest.skip(f"no Chromium on the path: install one as {', '.join(names)}")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable[[Path], Any]]:
    """Opens a file; any request but the file itself, any message of the console and any error fails the test."""
    problems: list[str] = []
    pages = []

    def opened(file: Path) -> Any:
        def check(route: Any) -> None:
            if route.request.url == file.as_uri():
                route.continue_()
            else:
                problems.append(f"request {route.request.url}")
                route.abort()

        page = browser.new_page(viewport={"width": 1100, "height": 900}, color_scheme="light")
        pages.append(page)
        page.route("**/*", check)
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(file.as_uri())
        return page

    yield opened
    for page in pages:
        page.close()
    assert problems == []


STUDY_ARMS = {  # place on the axis, noise of the passages, how far languages lie apart
    "x-y": (0.0, 1.0, 0.0),
    "hybrid": (0.5, 0.7, 0.1),
    "x-x-mono": (1.0, 0.7, 2.5),
    "hybrid-again": (0.6, 0.7, 0.1),
}


def study_settings() -> dict[str, Any]:
    """A study of four arms and three seeds; its title, and one arm's label, are hostile."""
    claim = {"evaluation": "small", "setting": "multilingual", "arm": "hybrid"}
    return {
        "name": "planted",
        "title": f"Planted differences {HOSTILE}",
        "question": "Are the differences found\nthat were planted?",
        "hypothesis": "Hybrid is better than X-X-mono in the mixed pool.",
        "data": "Random vectors.",
        "seeds": [2, 0, 1],
        "baseline": "hybrid",
        "encoder": {"from_scratch": "static"},
        "pairs": ["none.jsonl"],
        "arms": {
            name: {"at": at, "label": f"X-Y {HOSTILE}"} if name == "x-y" else {"at": at}
            for name, (at, _, _) in STUDY_ARMS.items()
        },
        "evaluations": [{"benchmark": "small", "title": "Small", "shown": ["mAP", "R@10", "rank_distance"]}],
        "claims": [
            {"says": "It is better", "test": "better", "against": "x-x-mono", **claim},
            {"says": "It is worse", "test": "better", **claim, "arm": "x-x-mono", "against": "hybrid"},
            {"says": "It differs", "test": "different", "against": "hybrid-again", **claim},
        ],
        "curve": {"axis": "alpha", "evaluation": "small", "groups": {"first": ["ar", "en"], "second": ["zh"]}},
        "trade_off": "small",
        "published": {
            "source": "A paper",
            "columns": ["mAP Mo", "rank distance"],
            "rows": {"Another model": [0.798, 287], "One more": [0.8, None]},
        },
        "not_controlled": ["Nothing was trained."],
    }


@pytest.fixture(scope="session")
def study_folder(report_benchmark: Benchmark, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished study, with results and records of trainings as a run leaves them."""
    study = StudyConfig.model_validate(study_settings())
    workspace = Workspace(tmp_path_factory.mktemp("studies"))
    folder = workspace.study(study.name)
    folder.mkdir()
    meaning = np.random.default_rng(0).standard_normal((ITEMS, 8))
    apart = {language: np.eye(8)[place] for place, language in enumerate(WORDS)}
    own = []
    for number, (arm, (_, noise, shift)) in enumerate(STUDY_ARMS.items()):
        for seed in study.seeds:
            key = f"{number}-{seed}"
            rng = np.random.default_rng([seed, number])
            queries = {tag: meaning + shift * away for tag, away in apart.items()}
            passages = {tag: text + noise * rng.standard_normal((ITEMS, 8)) for tag, text in queries.items()}
            result = evaluate(
                (queries, passages), report_benchmark, measures=STUDY_MEASURES, model_name=arm, resamples=0
            )
            result.save(workspace.result(key))
            trained(seed).write(workspace.training(key))
            own.append(OwnResult(arm, seed, "small", key, key))
    StudyRecord(study, tuple(own), Invocation()).write(folder)
    return folder


def trained(seed: int) -> TrainingRecord:
    """A training whose loss was logged at three steps."""
    history = tuple({"step": step, "loss": 4.0 / step + 0.01 * seed} for step in (1, 10, 20))
    outcome = TrainingOutcome(20, 640, 5.0, 128.0, False, None, None, history)  # noqa: FBT003
    data = DataRecord("0" * 64, {"none.jsonl": "0" * 64}, 320, tuple(WORDS), ("none",))
    return TrainingRecord("finished", {}, {}, {}, {}, data, None, hardware(), versions(), outcome=outcome)


@pytest.fixture(scope="session")
def study_outcome_found(study_folder: Path) -> StudyOutcome:
    """What the study found."""
    return study_outcome(study_folder)
