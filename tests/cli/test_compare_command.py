import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from typer.testing import CliRunner, Result

from equilingua.benchmarks.benchmark import Benchmark, Corpus, Queries
from equilingua.cli.compare import compare_command
from equilingua.errors import InputError
from equilingua.evaluation.compare import compare
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.settings import COMPARED_MEASURES


def run(*arguments: object) -> Result:
    app = typer.Typer()
    app.command()(compare_command)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """Results of a weak and a strong model on two languages, and of the weak one on one language."""
    rng = np.random.default_rng(0)
    ids = tuple(f"q{n}" for n in range(30))
    queries = {language: Queries(ids, ids) for language in ("de", "en")}
    corpora = {language: Corpus(tuple(f"{language}_{n}" for n in range(30)), ids) for language in ("de", "en")}
    qrels = {"de": {f"q{n}": {f"de_{n}": 1, f"en_{n}": 1} for n in range(30)}}
    benchmark = Benchmark("small", queries, corpora, {"de": qrels["de"], "en": qrels["de"]})
    meaning = rng.standard_normal((30, 8))
    asked = dict.fromkeys(queries, meaning)
    saved = []
    for name, noise, languages in (("weak", 2.5, None), ("strong", 0.2, None), ("alone", 1.5, ["en"])):
        passages = {language: meaning + noise * rng.standard_normal((30, 8)) for language in corpora}
        part = benchmark.only(languages) if languages else benchmark
        result = evaluate((asked, passages), part, model_name=name, resamples=0)
        saved.append(result.save(tmp_path_factory.mktemp(name) / "result"))
    return saved[0], saved[1], saved[2]


def test_results_are_compared_with_the_first(folders: tuple[Path, Path, Path]) -> None:
    done = run(*folders[:2], "--margin", "0.01", "--measures", "mAP,rank_distance")
    assert done.exit_code == 0, done.output
    assert "small: differences from weak" in done.stdout
    rows = [line.split() for line in done.stdout.splitlines() if line.startswith("strong")]
    assert [row[1:3] for row in rows] == [
        ["monolingual", "mAP"],
        ["cross-lingual", "mAP"],
        ["multilingual", "mAP"],
        ["multilingual", "rank_distance"],
    ]
    assert [row[-1] for row in rows] == ["better"] * 4
    assert "- mAP, multilingual: strong better than weak (+" in done.stdout


def test_the_measures_compared_are_those_of_python_or_all(folders: tuple[Path, Path, Path]) -> None:
    for options, measures in (((), COMPARED_MEASURES), (("--measures", "all"), None)):
        done = run(*folders[:2], *options, "--json", "--resamples", "20")
        expected = compare(*folders[:2], measures=measures, resamples=20)
        assert json.loads(done.stdout)["differences"] == expected.to_dict()["differences"]


def test_folders_are_compared_as_their_results(folders: tuple[Path, Path, Path], tmp_path: Path) -> None:
    options: dict[str, Any] = {"measures": ["mAP"], "resamples": 50}
    loaded = compare(*map(EvaluationResult.load, folders[:2]), **options)
    assert compare(folders[0], str(folders[1]), **options).to_dict() == loaded.to_dict()
    with pytest.raises(InputError, match=r"holds no result\.json"):
        compare(folders[0], tmp_path, **options)


def test_json_holds_every_difference(folders: tuple[Path, Path, Path]) -> None:
    done = run(*folders[:2], "--json", "--resamples", "200", "--margin", "0.5")
    document = json.loads(done.stdout)
    assert (document["benchmark"], document["baseline"], document["margins"]["mAP"]) == ("small", "weak", 0.5)
    first = document["differences"][0]
    assert (first["model"], first["setting"], first["measure"]) == ("strong", "monolingual", "mAP")
    assert first["low"] <= first["value"] - first["baseline"] <= first["high"]
    assert {"effect", "shares", "tests", "verdict", "significant"} <= set(first)
    assert document["summary"][0].startswith("mAP, monolingual: strong ")


def test_every_two_results_are_compared_when_asked(folders: tuple[Path, Path, Path]) -> None:
    done = run(folders[0], folders[1], folders[0], "--pairwise", "--measures", "mAP", "--json", "--resamples", "50")
    document = json.loads(done.stdout)
    assert document["pairwise"]
    assert {(row["against"], row["model"]) for row in document["differences"]} == {
        ("weak", "strong"),
        ("weak", "weak (2)"),
        ("strong", "weak (2)"),
    }


def test_a_margin_may_be_given_for_one_measure(folders: tuple[Path, Path, Path]) -> None:
    done = run(*folders[:2], "--margin", "0.01", "--margin", "rank_distance=20", "--json", "--resamples", "50")
    margins = json.loads(done.stdout)["margins"]
    assert (margins["mAP"], margins["rank_distance"]) == (0.01, 20)
    assert "Max@R_norm" not in margins


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            ["small"],
            "--margin 'small': 'small' is no number. Write 0.01 for measures between 0 and 1, or MEASURE=NUMBER",
        ),
        (["mAP=1%"], "--margin 'mAP=1%': '1%' is no number"),
        (["0.01", "0.02"], "--margin '0.02': a margin for 'shares' is already given (0.01)"),
        (["0"], "a margin is the difference from which on it matters, above 0"),
        (["MAP=0.1"], "margin for 'MAP': it is not compared"),
    ],
)
def test_margins_that_cannot_be_read_are_told(folders: tuple[Path, Path, Path], given: list[str], told: str) -> None:
    options = [part for margin in given for part in ("--margin", margin)]
    done = run(*folders[:2], *options, "--resamples", "20")
    assert isinstance(done.exception, InputError)
    assert told in str(done.exception)


def test_results_of_other_languages_are_refused(folders: tuple[Path, Path, Path]) -> None:
    done = run(folders[0], folders[2])
    assert isinstance(done.exception, InputError)
    assert "one covers the languages de, en, the other en" in str(done.exception)


def test_a_single_result_or_a_folder_without_one_is_told(folders: tuple[Path, Path, Path], tmp_path: Path) -> None:
    assert "give at least two results" in str(run(folders[0]).exception)
    assert "holds no result.json" in str(run(folders[0], tmp_path).exception)


def test_a_study_and_a_model_are_told_from_results(folders: tuple[Path, Path, Path], tmp_path: Path) -> None:
    for folder, file in (("study", "study.json"), ("model", "modules.json"), ("stopped", "training.json")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / file).write_text("{}")
    done = run(folders[0], *(tmp_path / name for name in ("study", "model", "stopped")))
    assert isinstance(done.exception, InputError)
    head, study, model, stopped = str(done.exception).splitlines()
    assert head == "results: 3 problems"
    assert study.endswith(
        f"study: is a study, not a result. To look at it: equilingua report {tmp_path / 'study'} --output study.html"
    )
    assert f"another: equilingua evaluate {tmp_path / 'model'} --benchmark facts --output results/model" in model
    assert "is a model" in stopped


def test_help_shows_a_command_that_can_be_run() -> None:
    done = run("--help")
    assert done.exit_code == 0
    assert "equilingua compare results/x-x-mono results/hybrid --margin 0.01" in " ".join(done.stdout.split())


def test_results_that_cannot_be_compared_are_named_as_they_are(
    folders: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    result = EvaluationResult.load(folders[1])
    replace(result, model="another", benchmark="elsewhere").save(tmp_path / "other")
    told = str(run(folders[0], tmp_path / "other").exception)
    assert f"{EvaluationResult.load(folders[0]).model!r} and 'another' cannot be compared" in told
