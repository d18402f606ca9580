"""The snippets of the guide's pages on production and on other parts, run as they stand."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from equilingua.pairs.store import ParallelPairs
from equilingua.training.encoders import StaticSpec
from equilingua.training.train import train

DOCS = Path(__file__).parents[1] / "docs"

pytestmark = pytest.mark.skipif(not DOCS.is_dir(), reason="the documents are not beside the tests")


def snippets(page: str) -> dict[str, str]:
    """The code of a page by its heading; that of the first has none."""
    parts = re.split(r"^## (.+)$", (DOCS / page).read_text(encoding="utf-8"), flags=re.MULTILINE)
    sections = zip(["", *parts[1::2]], [parts[0], *parts[2::2]], strict=True)
    code = {
        heading: re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL) for heading, text in sections
    }
    return {heading: "\n".join(blocks) for heading, blocks in code.items() if blocks}


def run(page: str, heading: str) -> dict[str, Any]:
    """What is there after the first snippet of a page and that of the heading."""
    code = snippets(page)
    names: dict[str, Any] = {}
    for part in ("", heading):
        exec(compile(code[part], f"{page}: {part}", "exec"), names)
    return names


@pytest.fixture
def pairs_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Pairs of two languages in the folder that the snippet runs in."""
    monkeypatch.chdir(tmp_path)
    sides = {"en": ("red", "blue"), "de": ("rot", "blau")}
    lines = [
        {
            "id": f"p{number}",
            "source": "s",
            "queries": {tag: f"{ask} {number}" for tag, (ask, _) in sides.items()},
            "passages": {tag: f"{say} {number}" for tag, (_, say) in sides.items()},
        }
        for number in range(40)
    ]
    Path("pairs.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return tmp_path / "pairs.jsonl"


@pytest.mark.parametrize(
    ("heading", "library"), [("faiss", "faiss"), ("Qdrant", "qdrant_client"), ("LanceDB", "lancedb")]
)
def test_a_trained_folder_goes_to_production(
    heading: str, library: str, pairs_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip(library, reason=f"{library} is not installed: its snippet is not run")
    spec = StaticSpec(dimension=16, vocabulary=200)
    train(spec, ParallelPairs.read(pairs_file), output_dir="runs/hybrid", steps=2, batch_size=16, progress=False)
    names = run("production.md", heading)
    cosines = names["model"].similarity(names["query"], names["vectors"])[0]
    order = cosines.argsort(descending=True, stable=True).tolist()[:2]
    printed = capsys.readouterr().out.splitlines()[-1]
    for place in order:
        assert names["passages"][place] in printed
        assert f"{cosines[place]:.4f}"[:5] in printed or cosines[place] == 0


@pytest.mark.usefixtures("pairs_file")
@pytest.mark.parametrize("heading", ["Matryoshka", "GradCache", "LoRA"])
def test_other_parts_work_around_ours(heading: str, tiny_transformer: Callable[..., Any], small_benchmark: Any) -> None:
    from equilingua.evaluation.evaluate import evaluate
    from equilingua.training.models import load_model

    if heading == "LoRA":
        pytest.importorskip("peft", reason="peft is not installed: equilingua[peft]")
    words = ["query:", "passage:", "red", "blue", "rot", "blau", *map(str, range(40))]
    tiny_transformer(words, "E5's prompts").save_pretrained("models/base")
    before = load_model("models/base")
    folder = {"Matryoshka": "runs/matryoshka/model", "GradCache": "runs/cached/model", "LoRA": "runs/lora"}[heading]
    run("around.md", heading)
    after = load_model(folder)
    assert not (before.encode("red 1") == after.encode("red 1")).all()
    result = evaluate(after, small_benchmark, resamples=0, truncate_dim=4)
    assert result.provenance["prompts"] == {"query": "query: ", "document": "passage: "}


def test_every_heading_with_code_is_run() -> None:
    assert set(snippets("production.md")) == {"", "faiss", "Qdrant", "LanceDB"}
    assert set(snippets("around.md")) == {"", "Matryoshka", "GradCache", "LoRA"}
