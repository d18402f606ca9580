"""A search gives the same run whatever the order of files and rows."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from equilingua.evaluation.search import SearchOptions, search_corpus

WORDS = ["red", "green", "blue", "grey", "1958"]


@pytest.mark.parametrize("index", ["bm25", "tfidf", "exact", "ivf"])
def test_the_order_of_files_and_rows_changes_no_line_of_a_run(
    tmp_path: Path, static_model: Callable[..., Any], index: str
) -> None:
    if index == "ivf":
        pytest.importorskip("faiss")
    rng = np.random.default_rng(0)
    rows = [{"id": f"p{row}", "text": " ".join(rng.choice(WORDS, 1 + row % 3))} for row in range(120)]
    asked = [{"id": f"q{row}", "text": " ".join(rng.choice([*WORDS, "unheard"], 2))} for row in range(15)]
    model = index if index in ("bm25", "tfidf") else static_model([" ".join(WORDS)])
    options = SearchOptions(depth=20, index="ivf" if index == "ivf" else "exact")
    (tmp_path / "q.jsonl").write_text("\n".join(map(json.dumps, asked)))
    runs = []
    for number in range(2):
        shuffled = rng.permutation(len(rows)) if number else np.arange(len(rows))
        files = []
        for part, places in enumerate(np.array_split(shuffled, 1 + number)):
            files.append(tmp_path / f"{number}{part}.jsonl")
            files[-1].write_text("\n".join(json.dumps(rows[place]) for place in places))
        run = search_corpus(model, files, [tmp_path / "q.jsonl"], options, work=tmp_path)
        run.save(tmp_path / f"{number}.trec")
        runs.append((tmp_path / f"{number}.trec").read_text())
    assert runs[0] == runs[1]
    assert len(runs[0].splitlines()) > 100
