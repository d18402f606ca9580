"""A training of no steps changes nothing that an evaluation can see: only what training learned may."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.cli.app import app
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.scorer import benchmark_vectors
from equilingua.pairs.store import ParallelPairs
from equilingua.retrieval.encoding import EncodeOptions
from equilingua.training.encoders import StaticSpec
from equilingua.training.models import load_model
from equilingua.training.train import train

WORDS = [f"{tag}{word}" for tag in ("de", "en", "th") for word in ("", " question", " passage")]
PROMPT_WORDS = ["query:", "passage:", "ask:", "text:", "all:"]
TOKENS = [*" ".join(WORDS).split(), "question", "passage", *map(str, range(30)), *PROMPT_WORDS]

LAYOUTS: dict[str, dict[str, Any]] = {
    "plain transformer": {},
    "E5's prompts": {},
    "document prompts": {},
    "Dense head": {},
    "without Normalize": {},
    "without Normalize, by dot product": {"similarity_fn_name": "dot"},
    "E5's prompts, queries' by default": {"default_prompt_name": "query"},
    "E5's prompts, passages' by default": {"default_prompt_name": "passage"},
    "document prompts, cut": {"truncate_dim": 5},
    "Dense head, one prompt for all": {"prompts": {"all": "all: "}, "default_prompt_name": "all"},
}


@pytest.fixture
def folder(tiny_transformer: Callable[..., Any], tmp_path: Path) -> Callable[[str], Path]:
    """Saves a model of a layout: a plain one as transformers does, the others as sentence-transformers does."""

    def save(layout: str) -> Path:
        model = tiny_transformer(TOKENS, layout.partition(", ")[0], **LAYOUTS[layout])
        if layout == "plain transformer":
            model[0].auto_model.save_pretrained(tmp_path / "model")
            model.tokenizer.save_pretrained(tmp_path / "model")
        else:
            model.save_pretrained(str(tmp_path / "model"))
        return tmp_path / "model"

    return save


def same(one: Any, other: Any, benchmark: Benchmark) -> None:
    """Two models give the same vectors, figures and ranks, and records say the same of how."""
    for precision in ("fp32", "bf16"):
        options = EncodeOptions(precision=precision)
        first, second = (benchmark_vectors(model, benchmark, options, model_name="m") for model in (one, other))
        assert (first.prompts, first.similarity, first.precision) == (second.prompts, second.similarity, precision)
        for side in ("queries", "passages"):
            for tag, rows in getattr(first, side).items():
                np.testing.assert_array_equal(rows, getattr(second, side)[tag])
    before, after = (evaluate(model, benchmark, model_name="m") for model in (one, other))
    assert before.measures == after.measures
    assert before.intervals == after.intervals
    for pair, again in zip(before.scores, after.scores, strict=True):
        assert pair.query_ids == again.query_ids
        for ranks, ranks_again in zip(pair.ranks, again.ranks, strict=True):
            np.testing.assert_array_equal(ranks, ranks_again)


@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_a_training_of_no_steps_changes_no_figure(
    layout: str, folder: Callable[[str], Path], small_benchmark: Benchmark, corpus: ParallelPairs, tmp_path: Path
) -> None:
    model = folder(layout)
    run = train(model, corpus, output_dir=tmp_path / "run", steps=0, batch_size=16, progress=False)
    assert (run.record.status, run.record.outcome.steps) == ("finished", 0)
    same(load_model(model), run.model, small_benchmark)
    same(load_model(model), load_model(tmp_path / "run"), small_benchmark)
    # Trained again, as one goes on from one's own model.
    again = train(tmp_path / "run", corpus, output_dir=tmp_path / "again", steps=0, batch_size=16, progress=False)
    same(load_model(model), again.model, small_benchmark)


@pytest.mark.parametrize("layout", ["plain transformer", "E5's prompts", "Dense head, one prompt for all"])
def test_one_step_that_learns_nothing_changes_no_figure(
    layout: str, folder: Callable[[str], Path], small_benchmark: Benchmark, corpus: ParallelPairs, tmp_path: Path
) -> None:
    model = folder(layout)
    options: dict[str, Any] = {"steps": 1, "batch_size": 16, "learning_rate": 1e-30, "weight_decay": 0.0}
    run = train(model, corpus, output_dir=tmp_path / "run", progress=False, **options)
    same(load_model(model), run.model, small_benchmark)
    same(load_model(model), load_model(tmp_path / "run"), small_benchmark)


@pytest.mark.parametrize("similarity", ["cosine", "dot"])
def test_a_static_model_that_is_trained_further_keeps_its_modules(
    similarity: str, static_model: Callable[..., Any], small_benchmark: Benchmark, corpus: ParallelPairs, tmp_path: Path
) -> None:
    model = static_model(TOKENS)
    model.similarity_fn_name = similarity
    model.save_pretrained(str(tmp_path / "model"))
    run = train(tmp_path / "model", corpus, output_dir=tmp_path / "run", steps=0, batch_size=16, progress=False)
    assert len(run.model) == 1
    same(load_model(tmp_path / "model"), load_model(tmp_path / "run"), small_benchmark)


def test_a_static_model_that_was_built_is_saved_with_unit_length(corpus: ParallelPairs, tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    options: dict[str, Any] = {"steps": 3, "batch_size": 16, "progress": False}
    run = train(StaticSpec(dimension=8, vocabulary=300), corpus, output_dir=tmp_path / "run", **options)
    stock = SentenceTransformer(str(tmp_path / "run"), device="cpu")
    assert [type(module).__name__ for module in stock] == ["StaticEmbedding", "Normalize"]
    vectors = stock.encode([pair.queries["en"] for pair in corpus])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(vectors, run.model.encode([pair.queries["en"] for pair in corpus]))
    further = train(tmp_path / "run", corpus, output_dir=tmp_path / "further", **options)
    assert [type(module).__name__ for module in further.model] == ["StaticEmbedding", "Normalize"]


def test_the_command_takes_no_steps_too(folder: Callable[[str], Path], tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.jsonl"
    sides = [{"id": f"p{n}", "source": "s", "queries": {"en": f"en {n}"}, "passages": {"en": f"{n}"}} for n in (1, 2)]
    pairs.write_text("".join(json.dumps(side) + "\n" for side in sides), encoding="utf-8")
    asked = ["train", folder("E5's prompts"), pairs, "--output", tmp_path / "run", "--steps", 0, "--kind", "x-x-mono"]
    done = CliRunner().invoke(app, [*map(str, asked), "--batch-size", "2"])
    assert done.exit_code == 0, done.exception
    saved = json.loads((tmp_path / "run" / "config_sentence_transformers.json").read_text())
    assert saved["prompts"] == {"query": "query: ", "document": "passage: "}
