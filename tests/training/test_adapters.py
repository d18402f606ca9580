"""Adapters of peft (LoRA): folders of them train, are evaluated and searched with."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer
from typer.testing import CliRunner

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.cli.app import app
from equilingua.errors import InputError
from equilingua.evaluation.evaluate import evaluate
from equilingua.pairs.store import ParallelPairs
from equilingua.training import adapters
from equilingua.training.models import describe_source, load_model
from equilingua.training.train import train

WORDS = [
    "query:",
    "passage:",
    *(f"{tag}{c}{v}{n}" for tag in ("en", "de") for c in "bcd" for v in "ae" for n in range(9)),
]
OPTIONS: dict[str, Any] = {"steps": 3, "batch_size": 16, "learning_rate": 1e-2, "progress": False, "precision": "fp32"}


@pytest.fixture
def base(tiny_transformer: Callable[..., Any], tmp_path: Path) -> Path:
    """A folder of sentence-transformers with E5's prompts."""
    tiny_transformer(WORDS, "E5's prompts").save_pretrained(str(tmp_path / "base"))
    return tmp_path / "base"


def config() -> Any:
    peft = pytest.importorskip("peft", reason="peft is not installed: equilingua[peft]")
    return peft.LoraConfig(
        task_type="FEATURE_EXTRACTION", r=2, init_lora_weights=False, target_modules=["query", "value"]
    )


@pytest.fixture
def lora(base: Path, tmp_path: Path) -> Path:
    """A folder of an adapter as sentence-transformers saves it."""
    settings, model = config(), SentenceTransformer(str(base), device="cpu")
    model.add_adapter(settings)
    model.save_pretrained(str(tmp_path / "lora"))
    assert not (tmp_path / "lora" / "model.safetensors").exists()
    return tmp_path / "lora"


def weights(model: Any) -> dict[str, Any]:
    return {name: tensor.detach().numpy().copy() for name, tensor in model.named_parameters()}


def test_train_changes_the_adapter_alone_and_saves_one(lora: Path, corpus: ParallelPairs, tmp_path: Path) -> None:
    before = weights(load_model(lora))
    run = train(lora, corpus, output_dir=tmp_path / "run", **OPTIONS)
    changed = {name for name, value in weights(run.model).items() if not np.array_equal(value, before[name])}
    assert changed
    assert all("lora_" in name for name in changed)
    assert changed == {name for name in before if "lora_" in name}
    assert (tmp_path / "run" / "adapter_model.safetensors").is_file()
    assert not (tmp_path / "run" / "model.safetensors").exists()
    texts = ["enba0 enca1", "deda2"]
    np.testing.assert_array_equal(load_model(tmp_path / "run").encode_query(texts), run.model.encode_query(texts))
    # And further, from the folder that was written.
    again = train(tmp_path / "run", corpus, output_dir=tmp_path / "again", **OPTIONS)
    assert not np.array_equal(again.model.encode(texts), run.model.encode(texts))


def test_a_training_with_validation_is_resumed_and_given_back(
    lora: Path, corpus: ParallelPairs, tmp_path: Path
) -> None:
    options = OPTIONS | {"steps": 4, "validation": corpus, "validation_steps": 2}
    run = train(lora, corpus, output_dir=tmp_path / "run", keep_checkpoints=True, **options)
    again = train(lora, corpus, output_dir=tmp_path / "run", resume=True, keep_checkpoints=True, **options)
    np.testing.assert_array_equal(again.model.encode(["enba0"]), run.model.encode(["enba0"]))


def test_no_steps_change_nothing_and_every_command_takes_it(
    lora: Path, corpus: ParallelPairs, small_benchmark: Benchmark, tmp_path: Path
) -> None:
    run = train(lora, corpus, output_dir=tmp_path / "run", **OPTIONS | {"steps": 0})
    results = [evaluate(load_model(folder), small_benchmark, resamples=0) for folder in (lora, tmp_path / "run")]
    assert results[0].measures == results[1].measures
    assert results[0].provenance["prompts"] == run.record.prompts == {"query": "query: ", "document": "passage: "}
    texts = tmp_path / "texts.jsonl"
    texts.write_text('{"id": "a", "text": "enba0"}\n{"id": "b", "text": "enca1"}\n', encoding="utf-8")
    asked = ["search", lora, "--corpus", texts, "--queries", texts, "--output", tmp_path / "run.trec", "--cache"]
    assert CliRunner().invoke(app, list(map(str, asked))).exit_code == 0
    asked = ["evaluate", lora, "--benchmark", "facts", "--languages", "en", "--output", tmp_path / "result"]
    assert CliRunner().invoke(app, list(map(str, asked))).exit_code == 0


def test_an_adapter_saved_by_peft_keeps_the_modules_of_its_model(
    base: Path, corpus: ParallelPairs, tmp_path: Path
) -> None:
    settings = config()
    import peft

    whole = peft.get_peft_model(SentenceTransformer(str(base), device="cpu")[0].auto_model, settings)
    whole.save_pretrained(str(tmp_path / "peft"))
    stated = json.loads((tmp_path / "peft" / "adapter_config.json").read_text())
    (tmp_path / "peft" / "adapter_config.json").write_text(json.dumps(stated | {"base_model_name_or_path": str(base)}))
    model = load_model(tmp_path / "peft")
    assert [type(module).__name__ for module in model] == ["Transformer", "Pooling", "Normalize"]
    assert not np.allclose(model.encode(["enba0"]), load_model(base).encode(["enba0"]))
    run = train(tmp_path / "peft", corpus, output_dir=tmp_path / "run", **OPTIONS)
    assert run.record.prompts == {"query": "query: ", "document": "passage: "}


def test_an_adapter_is_told_apart_by_its_model_too(lora: Path, base: Path) -> None:
    before = describe_source(lora)
    assert before["base"]["name"] == str(base)
    (base / "config_sentence_transformers.json").write_text("{}")
    assert describe_source(lora) != before


def test_without_peft_the_folder_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "adapter_config.json").write_text('{"base_model_name_or_path": "some/model"}', encoding="utf-8")
    monkeypatch.setattr(adapters, "find_spec", {}.get)
    with pytest.raises(
        InputError, match=r"is an adapter, which the library peft reads: pip install .equilingua\[peft\]."
    ):
        load_model(tmp_path)


def test_an_adapter_without_the_name_of_its_model_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapters, "find_spec", lambda name: name)
    (tmp_path / "adapter_config.json").write_text('{"base_model_name_or_path": null}', encoding="utf-8")
    with pytest.raises(InputError, match="does not say base_model_name_or_path"):
        load_model(tmp_path)


def test_a_model_with_all_weights_frozen_is_told(base: Path, corpus: ParallelPairs, tmp_path: Path) -> None:
    model = load_model(base)
    for parameter in model.parameters():
        parameter.requires_grad = False
    with pytest.raises(InputError, match="all weights of the model are frozen"):
        train(model, corpus, output_dir=tmp_path / "run", **OPTIONS)
