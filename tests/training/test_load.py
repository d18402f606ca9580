from pathlib import Path

import pytest

from equilingua.errors import InputError
from equilingua.mixtures.read import entry_files
from equilingua.training.config import TrainingConfig
from equilingua.training.encoders import StaticSpec, TransformerSpec
from equilingua.training.load import load_training, recipe_file, recipe_names


def test_a_file_holds_the_encoder_beside_the_settings_of_its_training(tmp_path: Path) -> None:
    path = tmp_path / "t.toml"
    path.write_text('alpha = 0.1\n[encoder]\nfrom_scratch = "static"\ndimension = 8\n')
    asked = load_training(path, ["encoder.dimension=16"], steps=3)
    assert asked.encoder == StaticSpec(dimension=16)
    assert asked.config == TrainingConfig(alpha=0.1, steps=3)
    assert asked.config.model_fields_set == {"alpha", "steps"}


def test_the_shape_given_by_name_wins_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / "t.toml"
    path.write_text('[encoder]\nfrom_scratch = "static"\ndimension = 8\nvocabulary = 100\n')
    asked = load_training(path, shape={"dimension": 32})
    assert asked.encoder == StaticSpec(dimension=32, vocabulary=100)


def test_no_table_is_no_encoder_to_build() -> None:
    assert load_training(overrides=["alpha=0.2"]).encoder is None


def test_the_length_of_an_encoder_from_scratch_is_part_of_its_shape(tmp_path: Path) -> None:
    path = tmp_path / "t.toml"
    path.write_text('[encoder]\nfrom_scratch = "transformer"\n')
    asked = load_training(path, shape={"max_length": 200})
    assert asked.encoder == TransformerSpec(max_length=200)
    pretrained = load_training(shape={"max_length": 200})
    assert (pretrained.encoder, pretrained.config.max_length) == (None, 200)


def test_problems_of_encoder_and_training_are_told_together_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "t.toml"
    path.write_text('alhpa = 0.1\n[encoder]\nfrom_scratch = "static"\nlayers = 2\n')
    with pytest.raises(InputError) as caught:
        load_training(path, ["encoder.dimension=0"])
    lines = str(caught.value).splitlines()
    assert lines[0] == "training configuration: 3 problems"
    assert f"{path}:1: unknown option 'alhpa'. Did you mean 'alpha'?" in lines
    unfit = "has no part without 'transformer'. Allowed with 'static': dimension, from_scratch, vocabulary."
    assert f"{path}:4: encoder.layers: {unfit}" in lines
    assert any(line.startswith("--set encoder.dimension=0: encoder.dimension: must be at least 1") for line in lines)


def test_a_file_names_its_pairs(tmp_path: Path) -> None:
    path = tmp_path / "t.toml"
    path.write_text('pairs = ["a.jsonl", { file = "b.json", language = "ar" }]\nseed = 3\n')
    asked = load_training(path)
    assert [entry.file for entry in asked.entries] == ["a.jsonl", "b.json"]
    assert asked.entries[1].language == "ar"
    assert asked.config == TrainingConfig(seed=3)
    assert load_training().entries == ()


def test_an_entry_that_cannot_be_is_told_with_its_file(tmp_path: Path) -> None:
    path = tmp_path / "t.toml"
    path.write_text('pairs = ["a.jsonl", { fiel = "b.jsonl" }]\n')
    with pytest.raises(InputError) as caught:
        load_training(path)
    assert f"{path}:1: unknown option 'pairs.2.fiel'. Did you mean 'pairs.2.file'?" in str(caught.value)


def test_what_is_wrong_with_settings_and_with_entries_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "t.toml"
    entries = '3, { file = "b.json", format = "sqad" }, "a.jsonl", { limit = 0 }'
    path.write_text(f"stepz = 3\npairs = [{entries}]\nseed = -1\n")
    with pytest.raises(InputError) as caught:
        load_training(path)
    head, *lines = str(caught.value).splitlines()
    assert head == "training configuration: 6 problems"
    for told in (
        "1: unknown option 'stepz'. Did you mean 'steps'?",
        "3: seed: must be at least 0",
        "2: pairs.1: a file's name or a table was expected, got 3",
        "2: pairs.2.format: unknown value 'sqad'. Did you mean 'squad'?",
        "2: pairs.4.file: is missing. The file, relative to the data folder",
        "2: pairs.4.limit: must be at least 1",
    ):
        assert any(line.startswith(f"{path}:{told}") for line in lines), lines


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_names_its_pairs_and_what_it_builds(name: str) -> None:
    asked = load_training(recipe_file(name))
    assert asked.entries
    assert asked.encoder is not None
    assert asked.config.steps is not None


@pytest.mark.shared_data
@pytest.mark.parametrize("name", recipe_names())
def test_the_files_of_every_recipe_are_there(name: str, shared_data: Path) -> None:
    entries = load_training(recipe_file(name)).entries
    assert [path for path in entry_files(entries, shared_data) if not path.is_file()] == []


def test_an_unknown_recipe_is_told_with_those_there_are() -> None:
    with pytest.raises(InputError, match=r"recipe 'smal-11': there is none of that name\. Did you mean 'small-11'\?"):
        recipe_file("smal-11")
