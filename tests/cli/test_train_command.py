import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from click.testing import Result
from sentence_transformers import SentenceTransformer
from typer.testing import CliRunner

from equilingua.cli.train import train_command
from equilingua.errors import InputError

SMALL = ["--from-scratch", "static", "--dimension", "8", "--vocabulary", "100", "--steps", "2", "--batch-size", "4"]


@pytest.fixture
def pairs_file(tmp_path: Path) -> Path:
    lines = [
        {
            "id": f"{number}",
            "queries": {"en": f"question {number}", "fi": f"kysymys {number}"},
            "passages": {"en": f"answer {number}", "fi": f"vastaus {number}"},
            "fi_match": number / 20,
        }
        for number in range(20)
    ]
    path = tmp_path / "pairs.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return path


def run(*arguments: str | Path) -> Result:
    app = typer.Typer()
    app.command()(train_command)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def refused(*arguments: str | Path) -> str:
    result = run(*arguments)
    assert isinstance(result.exception, InputError), result.output
    return str(result.exception)


def test_from_scratch_takes_pairs_only_and_prints_the_record(pairs_file: Path, tmp_path: Path) -> None:
    result = run(*SMALL, pairs_file, "--output", tmp_path / "run", "--json", "--set", "temperature=0.1")
    assert result.exit_code == 0, result.exception
    record = json.loads(result.stdout)
    assert record == json.loads((tmp_path / "run" / "training.json").read_text())
    assert record["model"] == {"from_scratch": "static", "dimension": 8, "vocabulary": 100}
    assert (record["config"]["steps"], record["config"]["temperature"]) == (2, 0.1)
    assert SentenceTransformer(str(tmp_path / "run"), device="cpu").get_embedding_dimension() == 8


def test_model_comes_before_the_pairs(pairs_file: Path, tmp_path: Path) -> None:
    run(*SMALL, pairs_file, "--output", tmp_path / "first")
    options = ("--kind", "x-y", "--steps", "1", "--batch-size", "4", "--seed", "3", "--where", "fi_match>=0.5")
    result = run(tmp_path / "first", pairs_file, "--output", tmp_path / "second", *options)
    assert result.exit_code == 0, result.exception
    record = json.loads((tmp_path / "second" / "training.json").read_text())
    assert record["model"]["name"] == str(tmp_path / "first")
    assert (record["config"]["kind"], record["config"]["seed"], record["data"]["pairs"]) == ("x-y", 3, 10)


def test_summary_names_the_folder_the_pace_and_the_next_command(pairs_file: Path, tmp_path: Path) -> None:
    result = run(*SMALL, pairs_file, "--output", tmp_path / "run", "--validation", pairs_file)
    assert re.search(r"Trained 2 steps, [\d,]+ pairs/s", result.stdout)
    assert re.search(r"Best validation loss \d\.\d{4} at step \d", result.stdout)
    assert f"equilingua evaluate {tmp_path / 'run'} --benchmark facts --output results" in result.stdout


def test_a_folder_named_like_markup_is_printed_as_it_is(pairs_file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "a[" / "b] :smile:"
    result = run(*SMALL, pairs_file, "--output", folder)
    assert result.exit_code == 0, result.exception
    assert f"Model: {folder}\n" in result.stdout
    assert f"equilingua evaluate '{folder}' --benchmark facts" in result.stdout


def test_only_the_main_process_prints(pairs_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(*SMALL, pairs_file, "--output", tmp_path / "run").exit_code == 0
    monkeypatch.setenv("RANK", "1")
    for option in ((), ("--json",)):
        result = run(*SMALL, pairs_file, "--output", tmp_path / "run", "--resume", *option)
        assert (result.exit_code, result.stdout) == (0, "")


# What a process group leaves behind aborts a process only now and then, so each says whether it left its group.
LEAVES_ITS_GROUP = """
import torch.distributed

from equilingua.cli.app import main

try:
    main()
finally:
    assert not torch.distributed.is_initialized()
"""


@pytest.mark.slow
def test_two_processes_train_one_model_on_batches_of_both(pairs_file: Path, tmp_path: Path) -> None:
    script = tmp_path / "leaves_its_group.py"
    script.write_text(LEAVES_ITS_GROUP)
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2", str(script)]
    command = [*SMALL, str(pairs_file), "--output", str(tmp_path / "run"), "--json"]
    done = subprocess.run(
        [*launcher, "train", *command],
        check=False,
        capture_output=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    record = json.loads(done.stdout)
    assert record == json.loads((tmp_path / "run" / "training.json").read_text())
    assert (record["config"]["batch_size"], record["batches"]["rows"]) == (4, 8)
    assert (record["outcome"]["steps"], record["outcome"]["pairs"]) == (2, 16)
    assert record["device"]["processes"] == 2
    assert not list((tmp_path / "run").glob(".model.*"))
    assert SentenceTransformer(str(tmp_path / "run"), device="cpu").get_embedding_dimension() == 8


def test_options_say_how_languages_and_sources_are_drawn(pairs_file: Path, tmp_path: Path) -> None:
    temperatures = ("--language-temperature", "0.5", "--source-temperature", "0.25")
    drawing = ("--pair-drawing", "by-item", *temperatures, "--short", "skip")
    assert run(*SMALL, pairs_file, "--output", tmp_path / "run", *drawing).exit_code == 0
    found = json.loads((tmp_path / "run" / "training.json").read_text())["config"]
    assert (found["pair_drawing"], found["short"]) == ("by-item", "skip")
    assert (found["language_temperature"], found["source_temperature"]) == (0.5, 0.25)


def test_squad_files_are_read_in_the_language_given(tmp_path: Path) -> None:
    paragraphs = [
        {
            "context": f"vastaus {n}",
            "qas": [{"id": f"{n}", "question": f"kysymys {n}", "answers": [{"text": "v", "answer_start": 0}]}],
        }
        for n in range(20)
    ]
    path = tmp_path / "finnish.json"
    path.write_text(json.dumps({"data": [{"paragraphs": paragraphs}]}))
    options = ("--squad-language", "fi", "--kind", "x-x-mono", "--validation", path)
    result = run(*SMALL, path, "--output", tmp_path / "run", *options)
    assert result.exit_code == 0, result.exception
    record = json.loads((tmp_path / "run" / "training.json").read_text())
    assert (record["data"]["languages"], record["validation"]["languages"]) == (["fi"], ["fi"])
    assert record["config"]["squad_language"] == "fi"


def test_options_win_over_the_file(pairs_file: Path, tmp_path: Path) -> None:
    config = tmp_path / "t.toml"
    config.write_text("alpha = 0.1\ntemperature = 0.2\nepochs = 3\n")
    options = ("--config", config, "--alpha", "linear:1:0", "--languages", "fi, en", "--json")
    result = run(*SMALL, pairs_file, "--output", tmp_path / "run", *options)
    found = json.loads(result.stdout)["config"]
    assert (found["alpha"], found["temperature"], found["steps"]) == ("linear:1:0", 0.2, 2)


def test_the_encoder_to_build_may_stand_in_the_file(pairs_file: Path, tmp_path: Path) -> None:
    config = tmp_path / "t.toml"
    config.write_text('steps = 2\nbatch_size = 4\n[encoder]\nfrom_scratch = "static"\ndimension = 8\nvocabulary = 90\n')
    options = ("--config", config, "--set", "encoder.dimension=16", "--vocabulary", "100", "--json")
    result = run(pairs_file, "--output", tmp_path / "run", *options)
    assert result.exit_code == 0, result.exception
    record = json.loads(result.stdout)
    assert record["model"] == {"from_scratch": "static", "dimension": 16, "vocabulary": 100}
    assert "encoder" not in record["config"]


def test_a_model_beside_an_encoder_to_build_is_told(pairs_file: Path, tmp_path: Path) -> None:
    options = ("--output", tmp_path / "run", "--set", "encoder.from_scratch=static")
    told = refused("FacebookAI/xlm-roberta-base", pairs_file, *options)
    assert "model 'FacebookAI/xlm-roberta-base' and an encoder to build from scratch were both given" in told


def test_resume_and_overwrite(pairs_file: Path, tmp_path: Path) -> None:
    arguments = (*SMALL, pairs_file, "--output", tmp_path / "run")
    assert run(*arguments).exit_code == 0
    assert "already holds a finished training" in refused(*arguments)
    assert run(*arguments, "--resume").exit_code == 0
    assert "seed: recorded 0, now 1" in refused(*arguments, "--resume", "--seed", "1")
    assert run(*arguments, "--overwrite", "--seed", "1").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["pairs.jsonl.gz", "more.jsonl"], "'pairs.jsonl.gz' stands where the model should"),
        (["some/model"], "no pairs file given after the model 'some/model'"),
        (
            ["some/model", "p.jsonl", "--dimension", "8"],
            "--dimension: encoder: from_scratch is missing (--from-scratch static",
        ),
        (["p.jsonl", "--from-scratch", "statik"], "--from-scratch: encoder.from_scratch: unknown value 'statik'."),
        (
            ["p.jsonl", "--from-scratch", "static", "--layers", "2"],
            "--layers: encoder.layers: has no part without 'transformer'. Allowed with 'static': dimension, from_",
        ),
        (["p.jsonl", "--from-scratch", "static", "--max-length", "9"], "--max-length: encoder.max_length: has no part"),
        (["m", "p.jsonl", "--kind", "hybird"], "kind: unknown value 'hybird'. Did you mean 'hybrid'?"),
        (["m", "p.jsonl", "--set", "alhpa=1"], "--set alhpa=1: unknown option 'alhpa'. Did you mean 'alpha'?"),
        (["m", "no.jsonl"], "no.jsonl: no such file"),
    ],
)
def test_wrong_use_is_told(arguments: list[str], message: str, tmp_path: Path) -> None:
    assert message in refused(*arguments, "--output", tmp_path / "run")


def test_help_shows_commands_to_copy() -> None:
    shown = run("--help").stdout
    assert "equilingua train FacebookAI/xlm-roberta-base squad.train.jsonl.gz" in shown
    assert "--from-scratch static squad.train.jsonl.gz" in shown


def test_a_settings_file_names_its_pairs(pairs_file: Path, tmp_path: Path) -> None:
    config = tmp_path / "t.toml"
    config.write_text(
        f'pairs = ["{pairs_file.name}"]\nsteps = 2\nbatch_size = 4\n'
        '[encoder]\nfrom_scratch = "static"\ndimension = 4\nvocabulary = 100\n'
    )
    options = ("--config", config, "--output", tmp_path / "run")
    assert "--data is missing: the folder that holds pairs.jsonl" in refused(*options)
    result = run(*options, "--data", pairs_file.parent, "--json")
    assert result.exit_code == 0, result.exception
    assert json.loads(result.stdout)["data"]["pairs"] == 20
    config.write_text(config.read_text().replace(pairs_file.name, str(pairs_file)))
    assert run("--config", config, "--output", tmp_path / "elsewhere").exit_code == 0


def test_a_recipe_and_a_settings_file_exclude_each_other(tmp_path: Path) -> None:
    said = refused("--recipe", "small-11", "--config", "t.toml", "--output", tmp_path)
    assert said.startswith("--recipe and --config were both given")


def test_nothing_to_train_on_is_told(tmp_path: Path) -> None:
    assert refused("--output", tmp_path).startswith("no model given")
    assert refused("--from-scratch", "static", "--output", tmp_path).startswith("no pairs file given")


def test_pairs_in_one_language_each_are_told_before_torch_is_there_with_a_command_that_runs(tmp_path: Path) -> None:
    lines = [
        {"id": str(n), "queries": {tag: f"question {n}"}, "passages": {tag: f"answer {n}"}}
        for n, tag in enumerate(["de", "en"] * 15 + ["fi"])
    ]
    path = tmp_path / "own pairs.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    result = run("--from-scratch", "static", path, "--output", tmp_path / "out", "--alpha", "0.3", "--steps", "2")
    told = str(result.exception)
    assert "all are in one language (de 15, en 15, fi 1). Add translations, or train in one language at a time" in told
    program, command, *words = shlex.split(told.partition("at a time: ")[2])
    assert (program, command) == ("equilingua", "train")
    assert {"--kind", "x-x-mono", "--batch-size", "15", "--short", "skip"} <= set(words)
    again = run(*words)
    assert again.exit_code == 0, again.exception

    small = run("--from-scratch", "static", path, "--output", tmp_path / "small", "--batch-size", "4", "--steps", "2")
    words = shlex.split(str(small.exception).partition("at a time: ")[2])[2:]
    assert words[words.index("--batch-size") + 1] == "4"
    again = run(*words)
    assert again.exit_code == 0, again.exception


def few_pairs(path: Path, languages: dict[str, int], *, translated: int = 0) -> Path:
    """So many pairs in each language alone, and so many in German and English."""
    tags = [[tag] for tag, count in languages.items() for _ in range(count)] + [["de", "en"]] * translated
    lines = [
        {"id": str(n), "queries": {t: f"question {n} {t}" for t in of}, "passages": {t: f"answer {n} {t}" for t in of}}
        for n, of in enumerate(tags)
    ]
    path.write_text("\n".join(map(json.dumps, lines)))
    return path


@pytest.mark.parametrize("kind", ["hybrid", "x-x-mono", "x-y", "x-x", "within-batch", "en-en"])
@pytest.mark.parametrize("size", [(), ("--batch-size", "2")])
def test_one_pair_is_told_to_be_too_few_and_no_batch_of_one_is_offered(
    kind: str, size: tuple[str, ...], tmp_path: Path
) -> None:
    for one in ({"languages": {"en": 1}}, {"languages": {}, "translated": 1}):
        path = few_pairs(tmp_path / "one.jsonl", **one)  # type: ignore[arg-type]
        given = ("--from-scratch", "static", path, "--output", tmp_path / "out", "--kind", kind, *size)
        told = str(run(*given).exception)
        assert "at least 2" in told
        assert "add pairs" in told or "more pairs" in told
        assert not re.search(r"at most 1\b|1 pairs|take kind|take other", told), told


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ({"languages": {"de": 1, "fi": 1}}, "x-x-mono"),
        ({"languages": {"fi": 9, "en": 1}}, "en-en"),
        ({"languages": {"de": 1, "fi": 9}}, "x-x-mono"),
        ({"languages": {"de": 5, "fi": 9}}, "x-x-mono"),
        ({"languages": {"fi": 5}, "translated": 1}, "hybrid"),
        ({"languages": {"fi": 5}, "translated": 1}, "x-y"),
        ({"languages": {"fi": 1}, "translated": 5}, "hybrid"),
        ({"languages": {"fi": 1, "de": 30}, "translated": 5}, "hybrid"),
    ],
)
@pytest.mark.slow
def test_advice_on_too_few_pairs_leads_to_a_training(data: dict[str, Any], kind: str, tmp_path: Path) -> None:
    path = few_pairs(tmp_path / "few.jsonl", **data)
    options = {"--kind": kind, "--steps": "1"}
    for _ in range(4):
        given = [word for option in options.items() for word in option]
        done = run("--from-scratch", "static", path, "--output", tmp_path / "out", *given)
        if done.exit_code == 0:
            break
        told = str(done.exception)
        kinds, sizes = re.search(r"take kind '([a-z-]+)'", told), re.search(r"batch size of at most (\d+)", told)
        assert kinds or sizes or "--short skip" in told, told
        if kinds:
            options["--kind"] = kinds[1]
        if sizes:
            assert int(sizes[1]) > 1
            options["--batch-size"] = sizes[1]
        if "--short skip" in told:
            options["--short"] = "skip"
    else:
        pytest.fail(told)


@pytest.mark.parametrize("size", ["1", "0", "-4"])
def test_a_batch_without_negatives_is_refused_with_the_reason_and_what_to_give(size: str, tmp_path: Path) -> None:
    path = few_pairs(tmp_path / "few.jsonl", {}, translated=5)
    told = refused("--from-scratch", "static", path, "--output", tmp_path / "out", "--batch-size", size)
    assert f"batch_size: must be at least 2, got {size}: the other rows of a batch are the negatives of each" in told
    assert "Leave it out for the default of 100 (a static encoder: 512); where memory is short" in told
