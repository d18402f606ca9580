"""How the command line ends where a command does not end by itself."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from equilingua.cli.edge import CRASHED

ERRORS = (
    "KeyError('x')",
    "RecursionError()",
    "EOFError('cut off')",
    "OSError(5, 'Input/output error')",
    "RuntimeError('\\x1b[31mred')",
    "UnicodeEncodeError('utf-8', '\\ud800', 0, 1, 'surrogates not allowed')",
    "MemoryError()",
    "AssertionError()",
)


def run(patch: str, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own, after a statement that breaks some of it."""
    code = (
        "import sys\nimport equilingua.cli.inspect, equilingua.pairs.store, warnings\n"
        "from equilingua.errors import EquilinguaWarning\n"
        "from equilingua.pairs.store import ParallelPairs\n"
        "def raised(error):\n    raise error\n"
        f"{patch}\nfrom equilingua.cli.app import main; main()"
    )
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False, **options
    )


def broken(error: str) -> str:
    return f"ParallelPairs.read = lambda *_, **__: raised({error})"


@pytest.mark.parametrize("error", ERRORS)
def test_a_crash_is_neither_a_problem_found_nor_wrong_use(error: str, tmp_path: Path) -> None:
    done = run(broken(error), "inspect", "p.jsonl", env={"TMPDIR": str(tmp_path), "PYTHONPATH": ":".join(sys.path)})
    assert (done.returncode, done.stdout) == (CRASHED, "")
    assert done.stderr.startswith(f"equilingua: crashed: {error.partition('(')[0]}")
    assert "Please report it to its maintainers with" in done.stderr
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stderr
    [file] = re.findall(rf"{tmp_path}/\S+", done.stderr)
    written = Path(file).read_text(encoding="utf-8")
    assert "Traceback (most recent call last)" in written
    assert "inspect p.jsonl" in written


def test_a_crash_prints_its_traceback_where_that_is_asked_for_or_nothing_can_be_written() -> None:
    done = run(broken("KeyError('x')"), "--debug", "inspect", "p.jsonl")
    assert done.returncode == CRASHED
    assert done.stderr.startswith("Traceback (most recent call last)")
    nowhere = "import tempfile\ntempfile.NamedTemporaryFile = lambda *_, **__: raised(OSError(28, 'No space left'))"
    done = run(f"{nowhere}\n{broken('KeyError(1)')}", "inspect", "p.jsonl")
    assert done.returncode == CRASHED
    assert done.stderr.startswith("Traceback (most recent call last)")


def test_an_interrupt_says_how_to_go_on() -> None:
    done = run(broken("KeyboardInterrupt()"), "inspect", "p.jsonl")
    assert done.returncode == 130
    assert done.stderr.startswith("equilingua: interrupted. A training goes on from its newest checkpoint")


def test_a_reader_that_went_away_is_no_problem_found() -> None:
    code = (
        "import typer\nfrom equilingua.pairs.store import ParallelPairs\n"
        "ParallelPairs.read = lambda *_, **__: [typer.echo('x' * 80) for _ in range(100_000)]\n"
        "from equilingua.cli.app import main; main()"
    )
    command = [sys.executable, "-c", code, "inspect", "p.jsonl"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.wait() == 141
    assert process.stderr.read() == ""
    process.stderr.close()


def test_our_warnings_are_a_harmless_line_and_those_of_others_are_left_to_python() -> None:
    warn = "warnings.warn('red \\x1b[31m', EquilinguaWarning)"
    done = run(f"ParallelPairs.read = lambda *_, **__: [{warn}, warnings.warn('theirs')]", "inspect", "p.jsonl")
    assert done.stderr.startswith("equilingua: warning: red \\x1b[31m\n")
    assert "UserWarning: theirs" in done.stderr


def test_a_terminal_that_lacks_characters_has_them_spelled_out(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text('{"id": "a", "source": "ñ", "queries": {"en": "q"}, "passages": {"en": "p"}}\n', encoding="utf-8")
    environment = {
        "PYTHONIOENCODING": "ascii",
        "EQUILINGUA_CACHE": str(tmp_path / "cache"),
        "PYTHONPATH": ":".join(sys.path),
    }
    done = run("", "inspect", str(path), env=environment)
    assert done.returncode == 0
    assert "\\xf1" in done.stdout
