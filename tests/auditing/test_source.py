"""The files of an audit are read again with the languages that it found."""

import json
from pathlib import Path

import pytest

from equilingua.auditing.audit import audit
from equilingua.auditing.record import Audit
from equilingua.auditing.source import benchmark_again
from equilingua.errors import InputError

TOWNS = ("Bergen", "Oslo", "Hamar", "Molde", "Narvik", "Skien", "Larvik", "Moss", "Halden", "Bodin", "Vardo", "Alta")


def made(folder: Path) -> tuple[Path, Path, Path]:
    """Texts without languages, and one that no detector can tell."""
    folder.mkdir()
    said = {"de": "Im Rathaus von {} wird heute ein neuer Bürgermeister gewählt.", "en": "The town hall of {} is old."}
    asked = {"de": "Wer wird heute im Rathaus von {} gewählt?", "en": "How old is the town hall of {} today?"}
    rows = [{"id": f"d-{tag}-{town}", "text": text.format(town)} for tag, text in said.items() for town in TOWNS]
    rows.append({"id": "code", "text": "0x7f 0x80 == 0x91"})
    questions = [
        {"id": f"q-{tag}-{town}", "text": text.format(town), "item": town}
        for tag, text in asked.items()
        for town in TOWNS
    ]
    judged = [f"q-{tag}-{town}\td-{tag}-{town}\t1" for tag in said for town in TOWNS]
    paths = folder / "docs.jsonl", folder / "queries.jsonl", folder / "qrels.tsv"
    for path, lines in zip(paths, (map(json.dumps, rows), map(json.dumps, questions), judged), strict=True):
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return paths


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    return audit("bm25", *made(tmp_path / "own"), baseline=None, resamples=20).save(tmp_path / "audit")


def test_languages_are_those_of_the_audit_and_not_detected_anew(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Audit.load(saved)
    monkeypatch.setattr("equilingua.auditing.texts.detect_languages", None)
    again = benchmark_again(read.provenance, read.languages)
    assert read.result is not None
    assert (again.name, dict(again.hashes)) == (read.result.benchmark, read.result.provenance["data"])
    assert {tag: len(corpus.ids) for tag, corpus in again.corpora.items()} == read.passages.languages
    assert "code" not in {id_ for corpus in again.corpora.values() for id_ in corpus.ids}


def test_files_that_moved_are_found_in_a_folder(saved: Path, tmp_path: Path) -> None:
    read = Audit.load(saved)
    moved = (tmp_path / "own").rename(tmp_path / "moved")
    with pytest.raises(InputError, match=r"docs.jsonl: no such file"):
        benchmark_again(read.provenance, read.languages)
    assert benchmark_again(read.provenance, read.languages, folder=moved).languages == ("de", "en")
    (moved / "docs.jsonl").rename(moved / "other.jsonl")
    with pytest.raises(InputError, match=r"moved: holds no docs.jsonl, which the audit was made on"):
        benchmark_again(read.provenance, read.languages, folder=moved)


def test_files_that_changed_are_told(saved: Path, tmp_path: Path) -> None:
    with (tmp_path / "own" / "docs.jsonl").open("a") as file:
        file.write(json.dumps({"id": "new", "text": "new"}) + "\n")
    read = Audit.load(saved)
    with pytest.raises(InputError, match=r"docs.jsonl: not what the audit was made on"):
        benchmark_again(read.provenance, read.languages)
