import hashlib
import json
import re
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer

from equilingua.errors import InputError
from equilingua.pairs.store import ParallelPairs
from equilingua.training.config import Prompts, TrainingConfig
from equilingua.training.encoders import StaticSpec, TransformerSpec, build_encoder
from equilingua.training.run_folder import RunFolder
from equilingua.training.train import TrainingRun, train

SPEC = StaticSpec(dimension=16, vocabulary=400)
TRANSFORMER = TransformerSpec(layers=1, width=16, heads=2, vocabulary=200, max_length=16)
VALIDATED_EVERY_STEP = TrainingConfig(validation_steps=1)


def quick(pairs: ParallelPairs, output_dir: Path, **settings: Any) -> TrainingRun:
    """A training of less than a second, with one checkpoint at its end unless told otherwise."""
    model = settings.pop("model", SPEC)
    defaults: dict[str, Any] = {"steps": 4, "batch_size": 16, "progress": False}
    if not {"validation", "checkpoint_steps"} & set(settings):
        defaults["checkpoint_steps"] = 1_000
    return train(model, pairs, output_dir=output_dir, **defaults | settings)


def weights(folder: Path) -> str:
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()


def test_folder_loads_and_encodes_with_the_prompts_of_training(corpus: ParallelPairs, tmp_path: Path) -> None:
    run = quick(corpus, tmp_path / "run", prompts=Prompts(query="enb60 ", passage="dec1 "))
    loaded = SentenceTransformer(str(tmp_path / "run"), device="cpu")
    np.testing.assert_array_equal(loaded.encode_query("fib1"), loaded.encode("enb60 fib1"))
    np.testing.assert_array_equal(loaded.encode_document("fib1"), loaded.encode("dec1 fib1"))
    np.testing.assert_array_equal(loaded.encode(["fib1"]), run.model.encode(["fib1"]))
    assert not (tmp_path / "run" / "checkpoints").exists()


def test_a_models_own_prompts_are_kept(corpus: ParallelPairs, tmp_path: Path) -> None:
    model = build_encoder(StaticSpec(dimension=8, vocabulary=50), ["a b c"], seed=0)
    model.prompts = {"query": "ask: ", "document": "say: "}
    assert quick(corpus, tmp_path / "own", model=model).record.prompts == {"query": "ask: ", "document": "say: "}
    asked = quick(corpus, tmp_path / "asked", model=model, prompts=Prompts(query="find: "))
    assert asked.record.prompts == {"query": "find: ", "document": "say: "}


@pytest.mark.slow
def test_training_learns_what_translates_what(
    corpus: ParallelPairs, make_pairs: Callable[..., ParallelPairs], tmp_path: Path
) -> None:
    run = quick(corpus, tmp_path, steps=60, validation=make_pairs(40, seed=1), validation_steps=5, patience=9)
    losses = [entry["eval_loss"] for entry in run.record.outcome.history if "eval_loss" in entry]
    assert losses[-1] < losses[0] / 2
    unseen = make_pairs(40, seed=2)
    queries = run.model.encode([pair.queries["en"] for pair in unseen], normalize_embeddings=True)
    passages = run.model.encode([pair.passages["fi"] for pair in unseen], normalize_embeddings=True)
    found = (queries @ passages.T).argmax(axis=1) == np.arange(40)
    assert found.mean() > 0.3  # by chance 0.025


def test_token_dropout_is_for_static_encoders(corpus: ParallelPairs, tmp_path: Path) -> None:
    for name, share in (("none", 0.0), ("some", 0.3)):
        quick(corpus, tmp_path / name, token_dropout=share)
    assert weights(tmp_path / "none") != weights(tmp_path / "some")
    with pytest.raises(InputError, match=r"token_dropout: 0\.3 was given, but only a static encoder's tokens"):
        quick(corpus, tmp_path / "other", model=TransformerSpec(layers=1, width=8, heads=1), token_dropout=0.3)


def test_weights_follow_the_seed(corpus: ParallelPairs, tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        quick(corpus, tmp_path / name, seed=seed)
    assert weights(tmp_path / "a") == weights(tmp_path / "b") != weights(tmp_path / "c")


def test_a_model_given_as_object_is_trained_in_place(corpus: ParallelPairs, tmp_path: Path) -> None:
    model = build_encoder(StaticSpec(dimension=8, vocabulary=60), ["enb0 enc1 dec1"], seed=0)
    before = model[0].embedding.weight.detach().clone()
    run = quick(corpus, tmp_path, model=model)
    assert run.model is model
    assert not torch.equal(before, model[0].embedding.weight)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_transformer_from_scratch_trains_and_reloads(precision: str, corpus: ParallelPairs, tmp_path: Path) -> None:
    run = quick(corpus, tmp_path, model=TRANSFORMER, steps=2, precision=precision, directions=("passage-to-query",))
    loaded = SentenceTransformer(str(tmp_path), device="cpu")
    np.testing.assert_allclose(loaded.encode_query(["enb0"]), run.model.encode_query(["enb0"]), atol=1e-6)
    assert loaded[0].auto_model.dtype == torch.float32
    assert run.record.prompts == {"query": "Query: ", "document": "Passage: "}
    assert run.record.config["precision"] == precision


def test_a_plain_transformers_folder_gets_mean_pooling(corpus: ParallelPairs, tmp_path: Path) -> None:
    encoder = quick(corpus, tmp_path / "first", model=TRANSFORMER, steps=1).model
    encoder[0].auto_model.save_pretrained(tmp_path / "plain")
    encoder.tokenizer.save_pretrained(tmp_path / "plain")
    run = quick(corpus, tmp_path / "run", model=tmp_path / "plain", steps=1)
    assert run.model[1].pooling_mode == "mean"
    assert run.record.config["learning_rate"] == 3e-5


def test_record_says_what_was_done(corpus: ParallelPairs, tmp_path: Path) -> None:
    run = quick(corpus, tmp_path, alpha="linear:1:0.3", languages=["en", "fi"], steps=6)
    content = json.loads((tmp_path / "training.json").read_text())
    assert content == run.record.as_json()
    assert content["status"] == "finished"
    assert content["model"] == {"from_scratch": "static", "dimension": 16, "vocabulary": 400}
    assert (content["config"]["learning_rate"], content["config"]["seed"]) == (1e-2, 0)
    assert content["prompts"] == {"query": "", "document": ""}
    assert content["batches"]["alpha"] == "linear:1:0.3"
    assert (content["batches"]["rows"], content["batches"]["steps"]) == (16, 6)
    assert content["data"]["files"] == {corpus.files[0].name: corpus.files[0].sha256}
    assert content["data"]["languages"] == ["en", "fi"]
    assert content["data"]["fingerprint"] == corpus.select(languages=["en", "fi"]).fingerprint
    assert set(content["versions"]) >= {"python", "torch", "sentence-transformers", "equilingua"}
    outcome = content["outcome"]
    assert (outcome["steps"], outcome["pairs"], outcome["stopped_early"]) == (6, 96, False)
    assert outcome["pairs_per_second"] == pytest.approx(96 / outcome["seconds"], rel=0.1)
    assert [entry["step"] for entry in outcome["history"]] == [1, 2, 3, 4, 5, 6]
    assert "modules.json" in content["files"]


def test_card_counts_pairs_not_rows(corpus: ParallelPairs, tmp_path: Path) -> None:
    quick(corpus, tmp_path)
    card = (tmp_path / "README.md").read_text()
    assert "dataset_size:160" in card
    assert "ParallelInfoNCELoss" in card
    assert '"temperature": 0.05' in card


def test_no_widget_examples_are_drawn_from_the_pairs(
    corpus: ParallelPairs, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    quick(corpus, tmp_path)
    assert "widget" not in capfd.readouterr().err
    header = (tmp_path / "README.md").read_text().split("---")[1]
    texts = {text for row in range(len(corpus)) for text in corpus[row].passages.values()}
    assert not any(text in header for text in texts)


def test_standard_output_stays_clean(
    corpus: ParallelPairs, tmp_path: Path, capfd: pytest.CaptureFixture[str], make_pairs: Callable[..., ParallelPairs]
) -> None:
    quick(corpus, tmp_path, progress=True, validation=make_pairs(20, seed=1))
    captured = capfd.readouterr()
    assert captured.out == ""
    assert re.search(r"step 4/4: loss \d\.\d+, learning rate \S+, [\d,]+ pairs/s", captured.err)
    assert re.search(r"step 4/4: validation loss \d\.\d+", captured.err)


def test_checkpoints_between_validations_by_pairs_are_refused(
    corpus: ParallelPairs, make_pairs: Callable[..., ParallelPairs], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"checkpoint_steps \(2\) must equal validation_steps \(1\)"):
        quick(
            corpus, tmp_path / "run", validation=make_pairs(20, seed=1), checkpoint_steps=2, config=VALIDATED_EVERY_STEP
        )
    assert not (tmp_path / "run").exists()


def test_validation_pairs_replace_the_files_of_the_configuration(
    corpus: ParallelPairs, make_pairs: Callable[..., ParallelPairs], tmp_path: Path
) -> None:
    config = TrainingConfig(validation=("missing.json",))
    record = quick(corpus, tmp_path, validation=make_pairs(20, seed=1), config=config, steps=1).record
    assert record.config["validation"] == []
    assert list(record.validation.files) == ["corpus-1"]


def test_validation_files_in_squad_format_are_read_in_their_language(corpus: ParallelPairs, tmp_path: Path) -> None:
    questions = [
        {"id": f"{n}", "question": f"fib{n}", "answers": [{"text": "fic", "answer_start": 0}]} for n in range(20)
    ]
    paragraphs = [{"context": f"fic fid{question['id']}", "qas": [question]} for question in questions]
    (tmp_path / "dev.json").write_text(json.dumps({"data": [{"paragraphs": paragraphs}]}))
    run = quick(corpus, tmp_path / "run", validation=tmp_path / "dev.json", squad_language="fi", steps=1)
    assert run.record.validation.languages == ("fi",)


def test_several_gpus_in_one_process_are_refused_before_anything_is_written(
    corpus: ParallelPairs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    with pytest.raises(InputError, match="2 GPUs are visible"):
        quick(corpus, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_resuming_and_overwriting_exclude_each_other(corpus: ParallelPairs, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"run: resume and overwrite were both given\. Choose one: resume goes on"):
        quick(corpus, tmp_path / "run", resume=True, overwrite=True)
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_early_stopping_keeps_the_best_model(
    corpus: ParallelPairs, make_pairs: Callable[..., ParallelPairs], tmp_path: Path
) -> None:
    settings: dict[str, Any] = {"learning_rate": 0.5, "schedule": "constant"}
    run = quick(
        corpus,
        tmp_path / "stopped",
        steps=200,
        validation=make_pairs(40, seed=1),
        validation_steps=4,
        patience=2,
        **settings,
    )
    outcome = run.record.outcome
    assert outcome.stopped_early
    assert outcome.steps == outcome.best_step + 8 < 200
    losses = {entry["step"]: entry["eval_loss"] for entry in outcome.history if "eval_loss" in entry}
    assert outcome.best_validation_loss == min(losses.values()) == losses[outcome.best_step]
    quick(corpus, tmp_path / "until best", steps=outcome.best_step, **settings)
    assert weights(tmp_path / "stopped") == weights(tmp_path / "until best")


def test_training_that_died_before_its_model_was_saved_takes_no_further_step(
    corpus: ParallelPairs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(RunFolder, "finish", die)
        with pytest.raises(KeyboardInterrupt):
            quick(corpus, tmp_path / "died", steps=13)
    assert not (tmp_path / "died" / "modules.json").exists()
    run = quick(corpus, tmp_path / "died", steps=13, resume=True)
    quick(corpus, tmp_path / "whole", steps=13)
    assert run.record.outcome.steps == 13
    assert weights(tmp_path / "died") == weights(tmp_path / "whole")


def test_resuming_a_finished_training_gives_it_back(corpus: ParallelPairs, tmp_path: Path) -> None:
    first = quick(corpus, tmp_path)
    before = (tmp_path / "training.json").stat().st_mtime_ns
    again = quick(corpus, tmp_path, resume=True)
    assert again.record == first.record
    np.testing.assert_array_equal(again.model.encode(["enb0"]), first.model.encode(["enb0"]))
    assert (tmp_path / "training.json").stat().st_mtime_ns == before


def test_checkpoints_of_a_training_killed_as_it_removed_them_are_removed(corpus: ParallelPairs, tmp_path: Path) -> None:
    quick(corpus, tmp_path)
    (tmp_path / "checkpoints" / "checkpoint-4").mkdir(parents=True)
    quick(corpus, tmp_path, resume=True)
    assert not (tmp_path / "checkpoints").exists()


def test_a_training_killed_as_it_wrote_its_first_record_is_resumed(corpus: ParallelPairs, tmp_path: Path) -> None:
    (tmp_path / ".training.json.h4lf.json").write_text('{"schema"')
    assert quick(corpus, tmp_path, resume=True).record.outcome.steps == 4
    assert not list(tmp_path.glob(".training.json.*"))


def test_resuming_where_nothing_was_begun_begins(corpus: ParallelPairs, tmp_path: Path) -> None:
    assert quick(corpus, tmp_path, resume=True).record.outcome.steps == 4


def test_resuming_another_training_is_refused_with_every_difference(
    corpus: ParallelPairs, make_pairs: Callable[..., ParallelPairs], tmp_path: Path
) -> None:
    quick(corpus, tmp_path)
    with pytest.raises(InputError) as caught:
        quick(make_pairs(80, seed=5), tmp_path, alpha=0.25, seed=7, resume=True, log_steps=2)
    lines = str(caught.value).splitlines()
    assert lines[0] == f"{tmp_path}: cannot resume, the training recorded there is another one:"
    assert "  alpha: recorded 0.5, now 0.25" in lines
    assert "  seed: recorded 0, now 7" in lines
    assert (
        "  data: recorded 160 pairs of corpus-0, now 80 pairs of corpus-5, which differ in content or selection"
        in lines
    )
    assert lines[-1] == "Give the recorded values, or choose another output folder."
    assert not any("log_steps" in line for line in lines)


def test_resuming_tells_what_was_set_and_not_what_follows(corpus: ParallelPairs, tmp_path: Path) -> None:
    train(SPEC, corpus, output_dir=tmp_path, steps=20, batch_size=16, progress=False)
    with pytest.raises(InputError) as caught:
        train(SPEC, corpus, output_dir=tmp_path, steps=40, batch_size=8, kind="x-y", progress=False, resume=True)
    assert [line.split(":")[0].strip() for line in str(caught.value).splitlines()[1:-1]] == [
        "batch_size",
        "kind",
        "steps",
    ]
    with pytest.raises(InputError) as caught:
        train(SPEC, corpus, output_dir=tmp_path, steps=20, batch_size=16, validation_steps=5, resume=True)
    assert str(caught.value).splitlines()[1:-1] == ["  validation_steps: recorded 2, now 5"]


def change_record(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    record = json.loads((folder / "training.json").read_text())
    change(record)
    (folder / "training.json").write_text(json.dumps(record))


def test_a_training_recorded_without_an_option_is_another_one(corpus: ParallelPairs, tmp_path: Path) -> None:
    quick(corpus, tmp_path)
    change_record(tmp_path, lambda record: record["config"].pop("patience"))
    with pytest.raises(InputError, match="patience: recorded None, now 3"):
        quick(corpus, tmp_path, resume=True)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("{", "1: broken JSON: Expecting property name"),
        ("[]", " is no training record: 1 validation error"),
        ('{"schema": 1}', " is no training record: 9 validation errors"),
        ('{"schema": 0}', " written by another version of equilingua"),
    ],
)
def test_what_is_no_record_is_told(written: str, told: str, corpus: ParallelPairs, tmp_path: Path) -> None:
    (tmp_path / "training.json").write_text(written)
    with pytest.raises(InputError, match=re.escape(f"training.json:{told}")):
        quick(corpus, tmp_path)


def test_resuming_notices_other_weights_in_the_models_folder(corpus: ParallelPairs, tmp_path: Path) -> None:
    model, output = tmp_path / "model", tmp_path / "run"
    build_encoder(StaticSpec(dimension=4, vocabulary=20), ["enb0 enc1"], seed=0).save_pretrained(str(model))
    quick(corpus, output, model=model, steps=1)
    build_encoder(StaticSpec(dimension=4, vocabulary=20), ["enb0 enc1"], seed=1).save_pretrained(str(model))
    with pytest.raises(InputError, match=r"model files_sha256: recorded '\w{64}', now '\w{64}'"):
        quick(corpus, output, model=model, steps=1, resume=True)
    change_record(output, lambda record: record["model"].pop("files_sha256"))
    assert quick(corpus, output, model=model, steps=1, resume=True).record.status == "finished"


def test_resuming_notices_another_commit_of_a_model_on_the_hub(
    corpus: ParallelPairs, tmp_path: Path, hub_cache: Callable[..., str]
) -> None:
    commits = []
    for seed in (0, 1):
        commits.append(
            hub_cache("owner/model", build_encoder(StaticSpec(dimension=4, vocabulary=20), ["enb0"], seed=seed))
        )
        if not seed:
            quick(corpus, tmp_path / "run", model="owner/model", steps=1)
    with pytest.raises(InputError, match=f"model commit: recorded '{commits[0]}', now '{commits[1]}'"):
        quick(corpus, tmp_path / "run", model="owner/model", steps=1, resume=True)
    run = quick(corpus, tmp_path / "run", model="owner/model", steps=1, resume=True, revision=commits[0])
    assert run.record.status == "finished"


def test_a_folder_with_a_training_is_not_overwritten_unasked(corpus: ParallelPairs, tmp_path: Path) -> None:
    quick(corpus, tmp_path)
    with pytest.raises(InputError, match="already holds a finished training") as caught:
        quick(corpus, tmp_path, seed=1)
    assert "--resume" in str(caught.value)
    assert "--overwrite" in str(caught.value)
    run = quick(corpus, tmp_path, seed=1, overwrite=True)
    assert run.record.config["seed"] == 1


def test_overwriting_removes_no_file_outside_the_folder(corpus: ParallelPairs, tmp_path: Path) -> None:
    quick(corpus, tmp_path / "run")
    (tmp_path / "precious").write_text("kept")
    change_record(tmp_path / "run", lambda record: record["files"].append("../precious"))
    (tmp_path / "run" / ".model.x.partial").mkdir()
    quick(corpus, tmp_path / "run", overwrite=True)
    assert (tmp_path / "precious").read_text() == "kept"
    assert not (tmp_path / "run" / ".model.x.partial").exists()


def test_an_output_that_is_a_file_or_holds_other_files_is_refused_and_kept(
    corpus: ParallelPairs, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match="file: is a file, not a folder"):
        quick(corpus, tmp_path / "file")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "README.md").write_text("mine")
    with pytest.raises(InputError, match=r"holds files that no training of this folder made \(README\.md\)"):
        quick(corpus, tmp_path / "notes")
    assert (tmp_path / "notes" / "README.md").read_text() == "mine"


def test_results_of_a_trained_model_are_labelled_with_its_folder(corpus: ParallelPairs, tmp_path: Path) -> None:
    run = quick(corpus, tmp_path / "hybrid")
    assert run.model.model_card_data.model_id == str(tmp_path / "hybrid")


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_model_of_another_origin_is_never_overwritten(overwrite: bool, corpus: ParallelPairs, tmp_path: Path) -> None:
    build_encoder(StaticSpec(dimension=4, vocabulary=20), ["a b"], seed=0).save_pretrained(str(tmp_path))
    with pytest.raises(InputError, match=r"holds files that no training of this folder made \(.*\); they"):
        quick(corpus, tmp_path, overwrite=overwrite)


def test_a_loss_that_is_no_number_stops_the_training(corpus: ParallelPairs, tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"training diverged: the loss of step 2 is nan at a learning rate of .*1e\+38"
    ):
        quick(corpus, tmp_path, learning_rate=1e38, checkpoint_steps=1, steps=9)
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["checkpoint-1"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"alpha": 1.5}, "alpha must lie in [0, 1], got 1.5"),
        ({"kind": "hybird"}, "kind: unknown value 'hybird'. Did you mean 'hybrid'?"),
        ({"batch_size": 161, "kind": "x-y"}, "a batch of 161 examples is larger than the data"),
        ({"languages": ["en", "el"]}, "no pair has the language 'el'"),
        ({"validation": "missing.json"}, "missing.json: no such file"),
        ({"learning_rat": 1}, "argument: unknown option 'learning_rat'. Did you mean 'learning_rate'?"),
    ],
)
def test_wrong_use_is_told_before_the_model_is_loaded_or_a_folder_made(
    settings: dict[str, Any], message: str, corpus: ParallelPairs, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        quick(corpus, tmp_path / "run", model="no-such-owner/no-such-model", **settings)
    assert not (tmp_path / "run").exists()


def test_a_folder_that_cannot_be_made_is_told(corpus: ParallelPairs, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match=r"cannot be written, since .*notes.txt is a file"):
        quick(corpus, tmp_path / "notes.txt" / "run", model="no-such-owner/no-such-model")


def test_a_model_that_cannot_be_loaded_is_told(corpus: ParallelPairs, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="model 'no-such-owner/no-such-model' cannot be loaded"):
        quick(corpus, tmp_path / "a", model="no-such-owner/no-such-model")
    with pytest.raises(InputError, match=r"no such folder\. Give a model folder or the name of a model on the hub"):
        quick(corpus, tmp_path / "b", model=tmp_path / "nothing")


def test_a_length_is_refused_where_texts_are_read_whole(corpus: ParallelPairs, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="max_length: 64 was given, but a static encoder reads whole texts"):
        quick(corpus, tmp_path / "a", max_length=64)
    with pytest.raises(InputError, match="max_length: 64 is more than the model's 16 tokens"):
        quick(corpus, tmp_path / "b", model=TRANSFORMER, max_length=64)


def test_settings_by_name_win_over_a_configuration(corpus: ParallelPairs, tmp_path: Path) -> None:
    run = quick(corpus, tmp_path, config=TrainingConfig(alpha=0.1, temperature=0.1), alpha=0.2)
    assert (run.record.config["alpha"], run.record.config["temperature"]) == (0.2, 0.1)


@pytest.mark.slow
@pytest.mark.shared_data
def test_real_pairs_teach_a_static_encoder_to_find_finnish_passages_for_english_questions(
    shared_data: Path, tmp_path: Path
) -> None:
    pairs = ParallelPairs.read(shared_data / "pairs" / "squad.dev.jsonl.gz", progress=False)
    shifted = shared_data / "squadshifts" / "amazon_reviews_v1.0.json.gz"
    settings = {"languages": ["en", "fi"], "batch_size": 128, "steps": 60, "checkpoint_steps": 30}
    spec = StaticSpec(dimension=64, vocabulary=16_000)
    run = quick(pairs, tmp_path, model=spec, validation=shifted, validation_batches=5, **settings)
    assert run.record.validation.languages == ("en",)
    assert run.record.outcome.best_validation_loss < np.log(128)
    both = list(islice((pair for pair in pairs.select(languages=["en", "fi"]) if "fi" in pair.passages), 500))
    queries = run.model.encode_query([pair.queries["en"] for pair in both], normalize_embeddings=True)
    passages = run.model.encode_document([pair.passages["fi"] for pair in both], normalize_embeddings=True)
    similarities = queries @ passages.T
    ranks = (similarities > np.diag(similarities)[:, None]).sum(axis=1)
    assert (ranks < 10).mean() > 0.5
