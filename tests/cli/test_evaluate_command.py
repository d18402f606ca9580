import json
import shutil
from pathlib import Path
from typing import Any

import ir_measures
import numpy as np
import pytest
import typer
from typer.testing import CliRunner, Result

from equilingua.cli.evaluate import evaluate_command
from equilingua.errors import InputError
from equilingua.evaluation.result import EvaluationResult
from equilingua.metrics.naming import parse_metric

SENTENCES = {
    "en": ["Cats sleep. ", "Dogs bark. ", "Owls fly."],
    "de": ["Katzen schlafen. ", "Hunde bellen. ", "Eulen fliegen."],
}
QUESTIONS = {
    "en": ["Who can sleep ?", "Who can bark ?", "Who can fly ?"],
    "de": ["Wer schläft ?", "Wer bellt ?", "Wer ?"],
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model that averages random word vectors."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = " ".join(text for part in (SENTENCES, QUESTIONS) for texts in part.values() for text in texts).split()
    vocabulary = {word: place for place, word in enumerate(["[UNK]", *dict.fromkeys(words)])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    weights = np.random.default_rng(0).standard_normal((len(vocabulary), 8)).astype(np.float32)
    folder = tmp_path_factory.mktemp("model")
    SentenceTransformer(modules=[StaticEmbedding(tokenizer, weights)], device="cpu").save(str(folder))
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with a miniature of XQuAD-R in two languages."""
    folder = tmp_path / "data" / "xquad-r"
    folder.mkdir(parents=True)
    for language, sentences in SENTENCES.items():
        ends = np.cumsum([len(sentence) for sentence in sentences]).tolist()
        starts = [0, *ends[:-1]]
        asked = zip(QUESTIONS[language], starts, strict=True)
        paragraph = {
            "context": "".join(sentences),
            "sentence_breaks": [list(pair) for pair in zip(starts, ends, strict=True)],
            "qas": [
                {"id": f"q{start}", "question": text, "answers": [{"answer_start": start}]} for text, start in asked
            ],
        }
        for number, question in enumerate(paragraph["qas"]):
            question["id"] = f"q{number}"
        document: dict[str, Any] = {"data": [{"paragraphs": [paragraph]}]}
        (folder / f"{language}.json").write_text(json.dumps(document))
    return folder.parent


def run(*arguments: object) -> Result:
    app = typer.Typer()
    app.command()(evaluate_command)
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"EQUILINGUA_DATA": None})


def test_a_model_is_evaluated_saved_and_told(model: Path, data: Path, tmp_path: Path) -> None:
    done = run(model, "--benchmark", "xquad-r", "--data", data, "--output", tmp_path / "out")
    assert done.exit_code == 0, done.output
    result = EvaluationResult.load(tmp_path / "out")
    assert (result.model, result.benchmark, result.languages) == (str(model), "xquad-r", ("de", "en"))
    assert (result.counts["pool"], result.provenance["precision"]) == (6, "fp32")
    assert "2 languages (de, en), 3 queries a language, pool of 6 passages" in done.stdout
    assert f"{result.measures['cross-lingual']['mAP']:.3f} [" in done.stdout
    assert "Written to" in done.stderr


def test_a_revision_of_a_model_on_the_hub_is_evaluated_and_named(
    model: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = "0123456789" * 4
    shutil.copytree(model, tmp_path / "hub" / "models--owner--model" / "snapshots" / commit)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    asked = ("owner/model", "--benchmark", "xquad-r", "--data", data, "--output", tmp_path / "out")
    assert isinstance(run(*asked).exception, InputError)  # nothing says which commit the main branch is
    done = run(*asked, "--revision", commit)
    assert done.exit_code == 0, done.output
    assert EvaluationResult.load(tmp_path / "out").model == f"owner/model@{commit}"


def test_json_is_the_document_that_was_saved(model: Path, data: Path, tmp_path: Path) -> None:
    done = run(model, "--benchmark", "xquad-r", "--data", data, "--output", tmp_path / "out", "--json")
    saved = json.loads((tmp_path / "out" / "result.json").read_text())
    saved.pop("per_query_sha256")
    assert json.loads(done.stdout) == saved


def test_only_the_languages_asked_for_are_evaluated(model: Path, data: Path, tmp_path: Path) -> None:
    done = run(model, "--benchmark", data / "xquad-r", "--languages", "en", "--output", tmp_path / "out", "--json")
    document = json.loads(done.stdout)
    assert (document["languages"], list(document["measures"])) == (["en"], ["monolingual"])


def test_trec_files_give_the_numbers_of_the_result(model: Path, data: Path, tmp_path: Path) -> None:
    run(model, "--benchmark", "xquad-r", "--data", data, "--output", tmp_path / "out", "--trec")
    result = EvaluationResult.load(tmp_path / "out")
    for setting, means in result.measures.items():
        files = [str(tmp_path / "out" / "trec" / f"{setting}.{kind}") for kind in ("qrels", "run")]
        qrels, ranked = ir_measures.read_trec_qrels(files[0]), ir_measures.read_trec_run(files[1])
        assert ir_measures.calc_aggregate([ir_measures.AP], qrels, ranked)[ir_measures.AP] == pytest.approx(
            means["mAP"]
        )


def test_a_result_is_replaced_only_when_asked_and_refused_before_any_work(
    model: Path, data: Path, tmp_path: Path
) -> None:
    asked = ("--benchmark", "xquad-r", "--data", data, "--output", tmp_path / "out")
    assert run(model, *asked).exit_code == 0
    refused = run("runs/of/a/model/that/is/not/there", *asked)
    assert isinstance(refused.exception, InputError)
    assert f"already holds the result of '{model}' on 'xquad-r'" in str(refused.exception)
    assert "--overwrite" in str(refused.exception)
    assert run(model, *asked, "--overwrite").exit_code == 0


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (("--precision", "fp8"), "unknown precision 'fp8'"),
        (("--benchmark", "xquad"), "unknown benchmark 'xquad'. Did you mean 'xquad-r'?"),
        (("--languages", "en,th"), "no file th.json, plain or compressed. Allowed: de, en."),
        (("--languages", "en,klingon"), "unknown language 'klingon'"),
    ],
)
def test_wrong_use_is_told(model: Path, data: Path, tmp_path: Path, changed: tuple[str, ...], message: str) -> None:
    done = run(model, "--benchmark", "xquad-r", "--data", data, "--output", tmp_path / "out", *changed)
    assert isinstance(done.exception, InputError)
    assert message in str(done.exception)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_two_processes_give_the_numbers_of_one(model: Path, data: Path, tmp_path: Path) -> None:
    asked = ("--benchmark", "xquad-r", "--data", data, "--batch-size", 2)
    run(model, *asked, "--output", tmp_path / "one")
    done = run(model, *asked, "--processes", 2, "--output", tmp_path / "two")
    assert done.exit_code == 0, done.output
    one, two = (EvaluationResult.load(tmp_path / name) for name in ("one", "two"))
    assert [pair.ranks.tolist() for pair in two.scores] == [pair.ranks.tolist() for pair in one.scores]


def test_processes_are_refused_where_nothing_is_encoded(data: Path, tmp_path: Path) -> None:
    done = run("bm25", "--benchmark", "xquad-r", "--data", data, "--output", tmp_path / "out", "--processes", 2)
    assert "only a sentence-transformers model is encoded in several, not BM25" in str(done.exception)


def test_help_shows_a_command_that_can_be_run() -> None:
    done = run("--help")
    assert done.exit_code == 0
    assert "equilingua evaluate runs/hybrid --benchmark xquad-r" in " ".join(done.stdout.split())


def test_the_runs_of_an_evaluation_give_its_figures_again(tmp_path: Path) -> None:
    options = ["--benchmark", "facts", "--languages", "en,de", "--resamples", "0", "--json"]
    made = ["bm25", "--trec", "--trec-depth", "5000", "--output", str(tmp_path / "model")]
    first = run(*made, *options)
    again = ["--run", str(tmp_path / "model" / "trec"), "--nothing-found", "--output", str(tmp_path / "run")]
    second = run(*again, *options)
    assert (first.exit_code, second.exit_code) == (0, 0), second.output
    one, two = (json.loads(done.stdout) for done in (first, second))
    for setting, measures in one["measures"].items():
        # A written run has one order of passages that tie; measures that compare languages are means over all orders.
        ordered = {name for name in measures if not parse_metric(name).multilingual_only}
        assert {name: two["measures"][setting][name] for name in ordered} == pytest.approx(
            {name: measures[name] for name in ordered}
        ), setting
        assert two["measures"][setting] == pytest.approx(measures, rel=0.02), setting
    assert two["provenance"]["run"]["files"]
