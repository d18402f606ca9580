"""The commands that one command proposes next run as they stand."""

import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from equilingua.cli.app import app

SAID = {
    "de": ("Wer hat das Rathaus von {} gebaut?", "Das Rathaus von {} wurde von einer Familie gebaut."),
    "en": ("Who built the town hall of {}?", "The town hall of {} was built by a family long ago."),
}


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def proposed(output: str) -> list[list[str]]:
    found = re.findall(r"(?m)(?:^|Next: |: )\s*(equilingua [a-z]+ .*)$", output)
    return [shlex.split(line)[1:] for line in found]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Options of an audit, in a working folder of its own whose name has a space."""
    place = tmp_path / "my work"
    place.mkdir()
    monkeypatch.chdir(place)
    for name, which in (("queries", 0), ("docs", 1)):
        rows = [
            {"id": f"{tag}-{n}", "language": tag, "text": said[which].format(f"Town{n}"), "item": f"i{n}"}
            for tag, said in SAID.items()
            for n in range(8)
        ]
        Path(f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    Path("qrels.tsv").write_text("".join(f"{tag}-{n}\t{tag}-{n}\t1\n" for tag in SAID for n in range(8)))
    return ["--corpus", "docs.jsonl", "--queries", "queries.jsonl", "--resamples", "50"]


@pytest.mark.parametrize("judged", [True, False])
def test_those_of_an_audit_run_even_where_a_page_is_there_already(files: list[str], judged: bool) -> None:
    pytest.importorskip("altair", reason="draws charts: needs the extra 'report'")
    judgements = ["--qrels", "qrels.tsv"] if judged else []
    done = run("audit", "bm25", *files, *judgements, "--output", "my audit")
    Path("my audit.html").write_text("an older page")
    again = run("audit", "bm25", *files, *judgements, "--overwrite", "--output", "my audit")
    for output, page in ((done.output, None), (again.output, "my audit-2.html")):
        [command] = proposed(output)
        assert command[:2] == ["report", "my audit"]
        if page:
            assert run(*command).exit_code == 0
            assert Path(page).is_file()


def test_those_of_refusals_run(files: list[str]) -> None:
    pytest.importorskip("altair", reason="draws charts: needs the extra 'report'")
    assert run("audit", "bm25", *files, "--qrels", "qrels.tsv", "--output", "audit").exit_code == 0
    for given in ("audit", "audit/result"):
        refused = run("audit", given, *files, "--output", "other")
        [command] = proposed(str(refused.exception) + refused.output)
        done = run(*command)
        assert done.exit_code == 0, done.output


def test_an_audit_without_judgements_shows_the_passages_it_asks_to_look_at(files: list[str]) -> None:
    pytest.importorskip("altair", reason="draws charts: needs the extra 'report'")
    done = run("audit", "bm25", *files, "--output", "audit")
    assert "First passages of some queries, to be looked at:" in done.output
    assert re.search(r"\[de\] Wer hat das Rathaus von Town\d gebaut\?\n  \[de\] Das Rathaus von", done.output)
    held = json.loads(Path("audit/audit.json").read_text())["first_places"]
    assert {one["query"]["language"] for one in held} == set(SAID)
    for options, shown in ((), True), (("--no-texts",), False):
        page = f"page{len(options)}.html"
        assert run("report", "audit", *options, "--output", page).exit_code == 0
        assert ("[de] Das Rathaus von" in Path(page).read_text()) == shown
        assert "First passages of some queries" in Path(page).read_text()
