import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from equilingua.errors import InputError
from equilingua.pairs.store import ParallelPairs
from equilingua.training.encoders import StaticSpec, TransformerSpec, build_encoder
from equilingua.training.models import describe_source, encoder_family, load_model
from equilingua.training.train import train

SMALL = TransformerSpec(layers=1, width=8, heads=2, vocabulary=50, max_length=8)


def test_family_is_read_from_specification_object_and_folder(tmp_path: Path) -> None:
    assert (encoder_family(StaticSpec()), encoder_family(SMALL)) == ("static", "transformer")
    for spec, expected in ((StaticSpec(dimension=4, vocabulary=50), "static"), (SMALL, "pretrained")):
        model = build_encoder(spec, ["a b c"], seed=0)
        model.save_pretrained(str(tmp_path / expected))
        assert encoder_family(model) == expected
        assert encoder_family(tmp_path / expected) == encoder_family(str(tmp_path / expected)) == expected


def test_a_name_on_the_hub_that_cannot_be_asked_counts_as_pretrained() -> None:
    assert encoder_family("no-such-owner/no-such-model") == "pretrained"


def test_a_path_without_a_folder_is_refused() -> None:
    with pytest.raises(InputError, match=r"model './nowhere': no such folder\. Give a model folder or the name"):
        encoder_family("./nowhere")


def test_a_model_is_loaded_from_its_folder_whatever_the_revision(tmp_path: Path) -> None:
    model = build_encoder(StaticSpec(dimension=4), ["a b c"], seed=0)
    model.save_pretrained(str(tmp_path))
    loaded = load_model(tmp_path, revision="of another model")
    np.testing.assert_array_equal(loaded.encode("a b"), model.encode("a b"))


def test_a_revision_of_a_model_on_the_hub_is_loaded(hub_cache: Callable[..., str]) -> None:
    first, second = (build_encoder(StaticSpec(dimension=4), ["a b c"], seed=seed) for seed in (0, 1))
    commit = hub_cache("owner/model", first)
    hub_cache("owner/model", second)
    for revision, model in ((commit, first), (None, second)):
        assert encoder_family("owner/model", revision=revision) == "static"
        np.testing.assert_array_equal(load_model("owner/model", revision=revision).encode("a b"), model.encode("a b"))


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    for missing in (tmp_path / "nowhere", "./nowhere", "runs/a/nowhere"):
        with pytest.raises(InputError, match=r"nowhere': no such folder\. Give a model folder or the name of a model"):
            load_model(missing)


def test_a_name_that_cannot_be_had_and_a_folder_without_a_model_are_told(tmp_path: Path) -> None:
    for source in ("no-such-owner/no-such-model", tmp_path):
        with pytest.raises(
            InputError, match=r"(model '.*' cannot be loaded: |holds no model).*Give a folder that holds"
        ):
            load_model(source)


@pytest.fixture
def silent_hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, int]]]:
    """A hub that hangs up on everyone, and who has called."""
    called: list[tuple[str, int]] = []

    class HangUp(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            called.append(self.client_address)

    with socketserver.TCPServer(("127.0.0.1", 0), HangUp) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", f"http://127.0.0.1:{server.server_address[1]}")
        yield called
        server.shutdown()


def test_a_hub_that_does_not_answer_is_asked_once(silent_hub: list[tuple[str, int]]) -> None:
    with pytest.raises(InputError) as caught:
        load_model("no-such-owner/no-such-model")
    assert "which cannot be reached. Give a folder" in str(caught.value)
    assert len(silent_hub) == 1
    assert encoder_family("no-such-owner/no-such-model") == "pretrained"
    assert len(silent_hub) == 2


def test_a_model_in_the_cache_is_loaded_though_the_hub_does_not_answer(
    silent_hub: list[tuple[str, int]], hub_cache: Callable[..., str]
) -> None:
    model = build_encoder(StaticSpec(dimension=4), ["a b c"], seed=0)
    hub_cache("owner/model", model)
    np.testing.assert_array_equal(load_model("owner/model").encode("a b"), model.encode("a b"))
    assert len(silent_hub) == 1


def test_what_cannot_be_loaded_is_told_in_whole_sentences(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    for source in ("no-such-owner/no-such-model", tmp_path):
        with pytest.raises(InputError) as caught:
            load_model(source)
        assert ".." not in str(caught.value)
        assert "\n" not in str(caught.value)


def test_weights_that_are_cut_off_are_told(tmp_path: Path) -> None:
    build_encoder(StaticSpec(dimension=4, vocabulary=50), ["a b c"], seed=0).save_pretrained(str(tmp_path))
    [weights] = tmp_path.rglob("model.safetensors")
    weights.write_bytes(weights.read_bytes()[:-20])
    with pytest.raises(InputError, match=r"cannot be loaded: .*[Hh]eader"):
        load_model(tmp_path)


def test_a_misspelt_folder_is_not_looked_for_on_the_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "runs" / "hybrid").mkdir(parents=True)
    (tmp_path / "runs" / "hybrid" / "modules.json").write_text("[]")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"no such folder in runs\. Did you mean 'hybrid'\?"):
        load_model("runs/hybird")


def test_an_unfinished_training_is_no_model_yet(tmp_path: Path, corpus: ParallelPairs) -> None:
    run = train(StaticSpec(dimension=4, vocabulary=200), corpus, output_dir=tmp_path / "run", steps=1, batch_size=8)
    record = run.record.as_json() | {"status": "running"}
    (tmp_path / "run" / "training.json").write_text(json.dumps(record))
    with pytest.raises(InputError, match="run: the training in it is not finished"):
        load_model(tmp_path / "run")


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
