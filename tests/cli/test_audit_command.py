import json
import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from equilingua.cli.audit import audit_command

TEXTS = {
    "de": ("Wer kann am Abend {} sehen?", "Am Abend sieht man dort die {} am Himmel über dem Haus."),
    "en": ("Who can see {} in the evening?", "In the evening one sees the {} there in the sky above the house."),
}
PLANETS = ["Venus", "Mars", "Jupiter", "Saturn", "Vega", "Sirius", "Rigel", "Spica", "Deneb", "Antares"]
STARS = [f"{planet}{number}" for planet in PLANETS for number in range(4)]


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Options for a small parallel corpus, its queries and judgements: too few to tell a problem."""
    return written(tmp_path, PLANETS)


def written(tmp_path: Path, things: list[str], *, own_names: bool = False) -> list[str]:
    """Options for the files of a parallel corpus about things, a query each, and judgements.

    With ``own_names`` a thing has another name in English, as in most languages.
    """
    rows, asked, judged = [], [], []
    for language, (question, passage) in TEXTS.items():
        for thing in things:
            called = thing[::-1] if own_names and language == "en" else thing
            rows.append({"id": f"d-{language}-{thing}", "text": passage.format(called), "language": language})
            asked.append({"id": f"q-{language}-{thing}", "text": question.format(called), "item": thing})
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
    assert done.exit_code == 0, done.output
    assert "queries 20 (de, en, 20 of them detected), passages 20 (de, en)" in done.output
    assert "(30 are needed): German 10, English 10." in done.output
    assert {one["language"] for one in held["standings"]} == {"de", "en"}
    assert (tmp_path / "audit" / "result" / "result.json").is_file()


def test_a_problem_ends_with_1_and_json_says_which(tmp_path: Path) -> None:
    files = written(tmp_path, STARS, own_names=True)
    done = run("bm25", *files, "--baseline", "none", "--json", "--output", str(tmp_path / "audit"))
    told = json.loads(done.stdout)
    # No word of a passage stands in its translation, so BM25 finds passages in the query's language alone.
    assert told["findings"][0]["cause"] == "other languages lost"
    assert (done.exit_code, told["baseline"], told["queries"]["detected"]) == (1, {}, 80)


def test_processes_are_refused_where_nothing_is_encoded(files: list[str], tmp_path: Path) -> None:
    done = run("tfidf", *files, "--processes", "2", "--output", str(tmp_path / "audit"))
    assert "only a sentence-transformers model is encoded in several, not CharacterTfidf" in str(done.exception)


def test_an_output_that_is_in_use_is_refused_before_anything_is_read(files: list[str], tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    done = run("no-such-model", *files, "--output", str(tmp_path))
    assert "is no audit" in str(done.exception)


def test_a_run_made_elsewhere_is_audited_by_the_ids_of_the_files(tmp_path: Path) -> None:
    files = written(tmp_path, STARS, own_names=True)
    run_file, lines = tmp_path / "fused.trec", []
    for language in TEXTS:  # all right passages on top: whichever language leads, no quality is lost
        for thing in STARS:
            order = [f"d-{language}-{thing}", *(f"d-{other}-{thing}" for other in TEXTS if other != language)]
            lines += [f"q-{language}-{thing} Q0 {id_} {rank} {3 - rank} x" for rank, id_ in enumerate(order, 1)]
    run_file.write_text("\n".join(lines))
    done = run("--run", str(run_file), *files, "--output", str(tmp_path / "audit"))
    assert done.exit_code == 0, done.output
    held = json.loads((tmp_path / "audit" / "audit.json").read_text())
    assert (held["retriever"], held["model"]) == ("run", "fused.trec")
    assert {one["value"] for one in held["standings"]} == {1.0}
    assert list(held["provenance"]["run"]["files"]) == ["fused.trec"]
    beside = run("bm25", *files, "--baseline", f"run:{run_file}", "--output", str(tmp_path / "bm25"))
    assert beside.exit_code == 1
    assert "fused.trec finds more than what is audited" in beside.output


def test_a_model_and_a_run_or_neither_are_refused(files: list[str], tmp_path: Path) -> None:
    for given, told in ((["bm25", "--run", "x.trec"], "not both"), ([], r"give a model, or runs made elsewhere")):
        done = run(*given, *files, "--output", str(tmp_path / "audit"))
        assert re.search(told, str(done.exception))
    done = run("bm25", "--nothing-found", *files, "--output", str(tmp_path / "audit"))
    assert "no --run is given" in str(done.exception)
