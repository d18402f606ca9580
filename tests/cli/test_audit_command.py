import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from equilingua.cli.audit import audit_command

TEXTS = {
    "de": ("Wer kann am Abend {} sehen?", "Am Abend sieht man dort die {} am Himmel über dem Haus."),
    "en": ("Who can see {} in the evening?", "In the evening one sees the {} there in the sky above the house."),
}
THINGS = ["Venus", "Mars", "Jupiter", "Saturn", "Vega", "Sirius", "Rigel", "Spica", "Deneb", "Antares"]


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Options for a small parallel corpus, its queries and judgements."""
    rows, asked, judged = [], [], []
    for language, (question, passage) in TEXTS.items():
        for thing in THINGS:
            rows.append({"id": f"d-{language}-{thing}", "text": passage.format(thing), "language": language})
            asked.append({"id": f"q-{language}-{thing}", "text": question.format(thing), "item": thing})
            judged += [f"q-{language}-{thing}\td-{other}-{thing}\t1" for other in TEXTS]
    options = []
    for name, lines in (("corpus", map(json.dumps, rows)), ("queries", map(json.dumps, asked)), ("qrels", judged)):
        path = tmp_path / f"{name}.{'tsv' if name == 'qrels' else 'jsonl'}"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        options += [f"--{name}", str(path)]
    return options


def run(*arguments: str) -> Result:
    app = typer.Typer()
    app.command()(audit_command)
    return CliRunner().invoke(app, [*arguments, "--resamples", "100"])


def test_what_is_found_is_printed_and_written(files: list[str], tmp_path: Path) -> None:
    done = run("bm25", *files, "--baseline", "tfidf", "--output", str(tmp_path / "audit"))
    held = json.loads((tmp_path / "audit" / "audit.json").read_text())
    assert done.exit_code == (1 if any(one["severity"] == "problem" for one in held["findings"]) else 0)
    assert "queries 20 (de, en, 20 of them detected), passages 20 (de, en)" in done.output
    assert "Only 10 German queries" in done.output
    assert {one["language"] for one in held["standings"]} == {"de", "en"}
    assert (tmp_path / "audit" / "result" / "result.json").is_file()


def test_a_problem_ends_with_1_and_json_says_which(files: list[str], tmp_path: Path) -> None:
    # The names stand in both languages' texts, but the other words draw BM25 to the query's own language.
    done = run("bm25", *files, "--baseline", "none", "--json", "--output", str(tmp_path / "audit"))
    told = json.loads(done.stdout)
    assert done.exit_code == int(any(one["severity"] == "problem" for one in told["findings"]))
    assert told["baseline"] == {}
    assert told["queries"]["detected"] == 20


def test_an_output_that_is_in_use_is_refused_before_anything_is_read(files: list[str], tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    done = run("no-such-model", *files, "--output", str(tmp_path))
    assert "is no audit" in str(done.exception)
