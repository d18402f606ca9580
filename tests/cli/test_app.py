import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from equilingua.cli.app import app

COMMANDS = ("demo", "inspect", "batches", "train", "evaluate", "compare", "audit", "search", "report", "study")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    code = "from equilingua.cli.app import main; main()"
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str) -> None:
    done = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"})
    assert done.exit_code == 0
    assert f"equilingua {command} " in done.stdout.replace(f"equilingua {command} [OPTIONS]", "")


def test_an_input_error_is_one_line_on_standard_error_and_exit_code_2(tmp_path: Path) -> None:
    done = run("batches", str(tmp_path / "none.jsonl"))
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == f"equilingua: {tmp_path / 'none.jsonl'}: no such file\n"


def test_a_missing_argument_is_wrong_use() -> None:
    assert run("inspect").returncode == 2


def test_the_version_is_printed() -> None:
    assert run("--version").stdout.startswith("equilingua ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("evaluate", "m", "--benchmark", "b", "--output", "o"),
        ("audit", "m", "--corpus", "c", "--queries", "q", "--output", "o"),
        ("search", "m", "--corpus", "c", "--queries", "q", "--output", "o"),
        ("compare", "a", "b"),
    ],
)
def test_a_negative_seed_is_wrong_use(arguments: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, [*arguments, "--seed", "-1"])
    assert done.exit_code == 2
    assert "--seed" in done.stderr
