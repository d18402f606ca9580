import json
from pathlib import Path

import pytest
from sentence_transformers import SentenceTransformer
from typer.testing import CliRunner

import equilingua.studies.demo as demo
from equilingua.cli.app import app
from equilingua.evaluation.result import EvaluationResult


@pytest.mark.slow
def test_the_demo_trains_evaluates_and_keeps_every_arm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "STEPS", 40)
    done = CliRunner().invoke(app, ["demo", "--output", str(tmp_path)])
    assert done.exit_code == 0, done.output
    for words in ("Hybrid (alpha 0.5)", "differences from X-X-mono", "This is a miniature", "282 facts"):
        assert words in done.stdout
    results = {kind: EvaluationResult.load(tmp_path / kind / "result") for kind in demo.ARMS}
    assert all(result.counts["pool"] == 15_741 for result in results.values())
    cross = {kind: result.measures["cross-lingual"]["mAP"] for kind, result in results.items()}
    assert cross["hybrid"] > cross["x-x-mono"]
    assert cross["x-y"] > cross["x-x-mono"]
    model = SentenceTransformer(str(tmp_path / "hybrid" / "model"))
    assert model.encode(["Which currency is used in Japan?"]).shape == (1, 128)
    trained = json.loads((tmp_path / "hybrid" / "model" / "training.json").read_text())
    assert trained["status"] == "finished"
    assert (tmp_path / "table.md").read_text().startswith("facts, 11 languages")

    again = CliRunner().invoke(app, ["demo", "--output", str(tmp_path), "--json"])
    repeated = json.loads(again.stdout)
    assert repeated["Hybrid (alpha 0.5)"]["measures"] == results["hybrid"].to_dict()["measures"]


def test_no_tested_fact_is_trained_on() -> None:
    from equilingua.facts import facts_pairs

    trained = {pair.id.rpartition("/")[0] for pair in demo.demo_pairs()}
    assert not trained & {pair.id.rpartition("/")[0] for pair in facts_pairs("test")}
