"""What the README shows of the form of pairs is what is read."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from equilingua import ParallelPairs
from equilingua.cli.app import app

README = Path(__file__).parents[1] / "README.md"
needs_readme = pytest.mark.skipif(not README.is_file(), reason="the README is not beside the tests")


@needs_readme
def test_the_pairs_that_the_readme_shows_are_read_by_its_first_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [example] = re.findall(r"```json\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)
    (tmp_path / "pairs.jsonl").write_text(example, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["inspect", "pairs.jsonl", "--json"], catch_exceptions=False)
    assert done.exit_code == 0
    pairs = ParallelPairs.read("pairs.jsonl", progress=False)
    assert len(pairs) == len(example.splitlines()) == 3
    assert pairs.languages == ("de", "en")


@needs_readme
def test_the_columns_that_the_readme_names_are_those_of_the_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [named] = re.findall(r"equilingua train MODEL faq.csv (.*?) --output", README.read_text(encoding="utf-8"))
    (tmp_path / "faq.csv").write_text("Frage;Antwort;Sprache\nWer?;Sie.;de\nWho?;She.;en\n")
    monkeypatch.chdir(tmp_path)
    for command in ("inspect", "batches"):
        options = ["--kind", "x-x-mono", "--batch-size", "1"] if command == "batches" else []
        done = CliRunner().invoke(app, [command, "faq.csv", *named.split(), *options, "--json"], catch_exceptions=False)
        assert done.exit_code == 0, done.output
