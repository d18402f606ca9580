"""Small files of benchmarks."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def write_lines(tmp_path: Path) -> Callable[..., Path]:
    """Writes rows as JSON lines, or text as it is, under the test's folder."""

    def write(name: str, rows: Iterable[Any] | str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = rows if isinstance(rows, str) else "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def write_beir(write_lines: Callable[..., Path], tmp_path: Path) -> Callable[..., Path]:
    """Writes a BEIR folder of three documents and two queries, of which the second is judged in the dev split only."""

    def write(folder: str, **fields: str) -> Path:
        corpus = [
            {"_id": "d1", "title": "Owls", "text": "They fly."},
            {"_id": "d2", "title": "", "text": "Cats."},
            {"_id": "q1", "title": "", "text": ""},
        ]
        write_lines(f"{folder}/corpus.jsonl", [row | fields for row in corpus])
        queries = [{"_id": "q1", "text": "Who flies?"}, {"_id": "q2", "text": "Who not?"}]
        write_lines(f"{folder}/queries.jsonl", [row | fields for row in queries])
        write_lines(f"{folder}/qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\n")
        write_lines(f"{folder}/qrels/dev.tsv", "query-id\tcorpus-id\tscore\nq2\td2\t1\n")
        return tmp_path / folder

    return write
