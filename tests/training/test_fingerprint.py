from collections.abc import Callable
from pathlib import Path

from equilingua.training.encoders import StaticSpec, TransformerSpec, build_encoder
from equilingua.training.models import describe_source


def test_models_are_told_apart_by_specification_or_weights() -> None:
    first, same, other = (build_encoder(StaticSpec(dimension=4), ["a b c"], seed=seed) for seed in (0, 0, 1))
    assert describe_source(first) == describe_source(same) != describe_source(other)
    assert describe_source(TransformerSpec(layers=2)) == {
        "from_scratch": "transformer",
        "layers": 2,
        "width": 256,
        "heads": 4,
        "vocabulary": 32_000,
        "max_length": 128,
        "attention_dropout": 0.0,
    }


def test_a_folder_is_told_apart_by_its_model_and_not_by_what_else_lies_there(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    build_encoder(StaticSpec(dimension=4), ["a b c"], seed=0).save_pretrained(str(folder))
    first = describe_source(folder)
    assert first == describe_source(str(folder)) == {**first, "name": str(folder), "revision": None}
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints" / "model.safetensors").write_bytes(b"of a checkpoint")
    (folder / "training.json").write_text("{}")
    assert describe_source(folder) == first
    build_encoder(StaticSpec(dimension=4), ["a b c"], seed=1).save_pretrained(str(folder))
    assert describe_source(folder)["files_sha256"] != first["files_sha256"]


def test_the_same_weights_with_other_prompts_or_another_tokenizer_are_another_model(tmp_path: Path) -> None:
    told = []
    model = build_encoder(StaticSpec(dimension=4), ["a b c"], seed=0)
    for prompt, cut in (("", ""), ("query: ", ""), ("", " ")):
        model.prompts = {"query": prompt, "document": ""}
        folder = tmp_path / str(len(told))
        model.save_pretrained(str(folder))
        tokenizer = next(folder.rglob("tokenizer.json"))
        tokenizer.write_text(tokenizer.read_text() + cut)
        told.append(describe_source(folder)["files_sha256"])
    assert len(set(told)) == 3


def test_files_of_every_module_count(tmp_path: Path) -> None:
    spec = TransformerSpec(layers=1, width=8, heads=2, vocabulary=50, max_length=8)
    build_encoder(spec, ["a b c"], seed=0).save_pretrained(str(tmp_path))
    first = describe_source(tmp_path)["files_sha256"]
    (tmp_path / "1_Pooling" / "model.safetensors").write_bytes(b"of a dense layer")
    assert describe_source(tmp_path)["files_sha256"] != first


def test_a_model_on_the_hub_is_told_apart_by_the_commit_that_the_hub_knows(hub_cache: Callable[..., str]) -> None:
    old, new = (hub_cache("owner/model", build_encoder(StaticSpec(dimension=4), ["a b"], seed=n)) for n in (0, 1))
    assert describe_source("owner/model") == {"name": "owner/model", "revision": None, "commit": new}
    assert describe_source("owner/model", revision=old)["commit"] == old
    assert describe_source("owner/unknown", revision="abc") == {"name": "owner/unknown", "revision": "abc"}
