"""What reaches the encoder, in every command that encodes, and that records say the same."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from equilingua.benchmarks.benchmark import Benchmark, Corpus, Queries
from equilingua.cli.app import app
from equilingua.evaluation.centring import language_means
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.evaluator import EquilinguaEvaluator
from equilingua.pairs.pair import ParallelPair
from equilingua.pairs.store import ParallelPairs
from equilingua.retrieval.encoding import EncodeOptions, encode
from equilingua.training.train import train

QUERIES = {"en": ["red", "blue"], "de": ["rot", "blau"]}
PASSAGES = {"en": ["red apple", "blue sky", "red sky"], "de": ["rot apfel", "blau himmel", "rot himmel"]}
WORDS = " ".join(text for part in (QUERIES, PASSAGES) for texts in part.values() for text in texts).split()
PROMPT_WORDS = ["query:", "passage:", "ask:", "text:", "all:", "other:"]
# (prompts of the folder, its default prompt, what then stands before queries and before passages)
FOLDERS = [
    ({"query": "query: ", "passage": "passage: "}, None, "query: ", "passage: "),
    ({"query": "query: ", "passage": "passage: "}, "query", "query: ", "passage: "),
    ({"query": "ask: ", "corpus": "text: "}, None, "ask: ", "text: "),
    ({"query": "ask: ", "document": "text: ", "passage": "other: "}, None, "ask: ", "text: "),
    ({"query": "query: "}, "query", "query: ", ""),
    ({"s2p_query": "ask: ", "s2s_query": "other: "}, None, "ask: ", ""),
    ({"general": "all: "}, "general", "all: ", "all: "),
    ({}, None, "", ""),
]
GIVEN = [(), ("--query-prompt", "ask: ", "--passage-prompt", "text: "), ("--passage-prompt", "")]


@pytest.fixture
def model(tiny_transformer: Callable[..., Any]) -> Callable[..., Any]:
    return lambda prompts, default=None: tiny_transformer(
        [*WORDS, *PROMPT_WORDS], prompts=dict(prompts), default_prompt_name=default
    )


@pytest.fixture
def benchmark() -> Benchmark:
    queries = {tag: Queries(("q0", "q1"), tuple(texts)) for tag, texts in QUERIES.items()}
    corpora = {tag: Corpus(tuple(f"{tag}{n}" for n in range(3)), tuple(texts)) for tag, texts in PASSAGES.items()}
    qrels = {tag: {f"q{n}": {f"en{n}": 1, f"de{n}": 1} for n in range(2)} for tag in QUERIES}
    return Benchmark("small", queries, corpora, qrels, {})


@pytest.fixture
def pairs() -> ParallelPairs:
    records = [
        ParallelPair(
            f"p{n}", "small", {tag: QUERIES[tag][n] for tag in QUERIES}, {tag: PASSAGES[tag][n] for tag in QUERIES}
        )
        for n in range(2)
    ]
    return ParallelPairs.from_pairs(records, name="small")


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """A corpus, queries, judgements and pairs as files."""
    rows: dict[str, list[Any]] = {
        "corpus.jsonl": [
            {"id": f"{tag}{n}", "text": text, "language": tag}
            for tag, texts in PASSAGES.items()
            for n, text in enumerate(texts)
        ],
        "queries.jsonl": [
            {"id": f"{tag}-q{n}", "text": text, "language": tag, "item": f"q{n}"}
            for tag, texts in QUERIES.items()
            for n, text in enumerate(texts)
        ],
        "qrels.jsonl": [
            {"query-id": f"{tag}-q{n}", "corpus-id": f"{other}{n}", "score": 1}
            for tag in QUERIES
            for other in QUERIES
            for n in range(2)
        ],
        "pairs.jsonl": [
            {
                "id": f"p{n}",
                "source": "small",
                "queries": {tag: QUERIES[tag][n] for tag in QUERIES},
                "passages": {tag: PASSAGES[tag][n] for tag in QUERIES},
            }
            for n in range(2)
        ],
    }
    for name, lines in rows.items():
        (tmp_path / name).write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return {Path(name).stem: tmp_path / name for name in rows}


def run(*arguments: object) -> Result:
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert done.exit_code in (0, 1), done.output
    return done


def prompted(query: str, passage: str) -> set[str]:
    """What is to reach the encoder."""
    asked = {query + text for texts in QUERIES.values() for text in texts}
    return asked | {passage + text for texts in PASSAGES.values() for text in texts}


@pytest.mark.parametrize("given", GIVEN)
@pytest.mark.parametrize(("prompts", "default", "query", "passage"), FOLDERS)
def test_every_command_encodes_with_the_same_prompts_and_records_them(
    prompts: dict[str, str],
    default: str | None,
    query: str,
    passage: str,
    given: tuple[str, ...],
    model: Callable[..., Any],
    files: dict[str, Path],
    tmp_path: Path,
    texts_seen: list[str],
) -> None:
    model(prompts, default).save(str(tmp_path / "model"))
    query = "ask: " if "--query-prompt" in given else query
    passage = {0: passage, 2: "", 4: "text: "}[len(given)]
    own = ("--corpus", files["corpus"], "--queries", files["queries"])
    expected = {role: text for role, text in (("query", query), ("document", passage)) if text}

    texts_seen.clear()
    run("audit", tmp_path / "model", *own, "--qrels", files["qrels"], "--output", tmp_path / "audit", *given)
    assert set(texts_seen) == prompted(query, passage)
    assert json.loads((tmp_path / "audit" / "audit.json").read_text())["provenance"]["prompts"] == expected

    texts_seen.clear()
    run("search", tmp_path / "model", *own, "--output", tmp_path / "run.trec", *given)
    assert set(texts_seen) == prompted(query, passage)
    assert json.loads((tmp_path / "run.trec.json").read_text())["provenance"]["encoding"]["prompts"] == expected

    texts_seen.clear()
    run("evaluate", tmp_path / "model", "--benchmark", files["pairs"], "--output", tmp_path / "result", *given)
    asked = {query + text for texts in QUERIES.values() for text in texts}
    assert set(texts_seen) == asked | {passage + text for texts in PASSAGES.values() for text in texts[:2]}
    assert json.loads((tmp_path / "result" / "result.json").read_text())["provenance"]["prompts"] == expected


@pytest.mark.parametrize(("prompts", "default", "query", "passage"), FOLDERS)
def test_training_and_its_validation_use_them_and_the_saved_folder_keeps_them(
    prompts: dict[str, str],
    default: str | None,
    query: str,
    passage: str,
    model: Callable[..., Any],
    files: dict[str, Path],
    tmp_path: Path,
    texts_seen: list[str],
) -> None:
    from sentence_transformers import SentenceTransformer

    model(prompts, default).save(str(tmp_path / "model"))
    texts_seen.clear()
    options = ("--steps", 4, "--batch-size", 2, "--validation", files["pairs"], "--set", "progress=false")
    run("train", tmp_path / "model", files["pairs"], "--output", tmp_path / "run", *options)
    asked = {query + text for texts in QUERIES.values() for text in texts}
    assert set(texts_seen) == asked | {passage + text for texts in PASSAGES.values() for text in texts[:2]}
    record = json.loads((tmp_path / "run" / "training.json").read_text())
    assert record["prompts"] == {"query": query, "document": passage}

    stock = SentenceTransformer(str(tmp_path / "run"), device="cpu")
    texts_seen.clear()
    queries, passages = stock.encode_query(QUERIES["en"]), stock.encode_document(PASSAGES["en"])
    assert set(texts_seen) == {query + text for text in QUERIES["en"]} | {passage + text for text in PASSAGES["en"]}
    options = EncodeOptions(precision="fp32", similarity="dot")
    np.testing.assert_allclose(encode(stock, QUERIES["en"], "query", options), queries, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(encode(stock, PASSAGES["en"], "document", options), passages, rtol=1e-5, atol=1e-6)


def test_training_with_prompts_of_its_own_is_saved_with_them(
    model: Callable[..., Any], files: dict[str, Path], tmp_path: Path, texts_seen: list[str]
) -> None:
    model({"query": "query: ", "passage": "passage: "}, "passage").save(str(tmp_path / "model"))
    options = ("--steps", 2, "--batch-size", 2, "--set", "progress=false", "--query-prompt", "ask: ")
    texts_seen.clear()
    run("train", tmp_path / "model", files["pairs"], "--output", tmp_path / "run", *options, "--passage-prompt", "")
    assert set(texts_seen) <= {"ask: " + text for texts in QUERIES.values() for text in texts} | {
        text for texts in PASSAGES.values() for text in texts
    }
    saved = json.loads((tmp_path / "run" / "config_sentence_transformers.json").read_text())
    assert saved["prompts"] == {"query": "ask: ", "document": ""}
    texts_seen.clear()
    own = ("--corpus", files["corpus"], "--queries", files["queries"], "--output", tmp_path / "run.trec")
    run("search", tmp_path / "run", *own)
    assert set(texts_seen) == prompted("ask: ", "")


def test_the_evaluator_means_and_the_cache_go_by_the_same_prompts(
    model: Callable[..., Any], benchmark: Benchmark, pairs: ParallelPairs, tmp_path: Path, texts_seen: list[str]
) -> None:
    encoder = model({"query": "query: ", "passage": "passage: "})
    EquilinguaEvaluator(benchmark, precision="fp32")(encoder)
    assert set(texts_seen) == prompted("query: ", "passage: ")

    texts_seen.clear()
    EquilinguaEvaluator(benchmark, passage_prompt="text: ")(encoder)
    assert set(texts_seen) == prompted("query: ", "text: ")

    texts_seen.clear()
    language_means(encoder, pairs, languages=["en", "de"], seed=0)
    asked = {"query: " + text for texts in QUERIES.values() for text in texts}
    assert set(texts_seen) == asked | {"passage: " + text for texts in PASSAGES.values() for text in texts[:2]}

    texts_seen.clear()
    evaluate(encoder, benchmark, cache=tmp_path, resamples=0)
    evaluate(encoder, benchmark, cache=tmp_path, resamples=0, passage_prompt="text: ")
    evaluate(encoder, benchmark, cache=tmp_path, resamples=0)
    once = prompted("query: ", "passage: ") | {"text: " + text for texts in PASSAGES.values() for text in texts}
    assert sorted(texts_seen) == sorted(once)


def test_a_baseline_keeps_its_own_prompts(
    model: Callable[..., Any], files: dict[str, Path], tmp_path: Path, texts_seen: list[str]
) -> None:
    model({"query": "query: ", "passage": "passage: "}).save(str(tmp_path / "model"))
    model({"query": "other: ", "document": ""}).save(str(tmp_path / "baseline"))
    own = ("--corpus", files["corpus"], "--queries", files["queries"], "--qrels", files["qrels"])
    given = ("--query-prompt", "ask: ", "--truncate-dim", 8, "--similarity", "dot")
    texts_seen.clear()
    run("audit", tmp_path / "model", *own, "--baseline", tmp_path / "baseline", "--output", tmp_path / "audit", *given)
    assert set(texts_seen) == prompted("ask: ", "passage: ") | prompted("other: ", "")


class Wrapper:
    """An encoder that puts a prompt before texts by itself, of which nobody else knows."""

    def __init__(self) -> None:
        self.prompts = {"query": "query: "}
        self.given: list[str] = []

    def encode_query(self, texts: list[str]) -> Any:
        self.given += texts
        return np.ones((len(texts), 2))

    encode_document = encode_query


def test_of_an_encoder_that_takes_no_prompt_only_what_was_put_before_is_recorded(benchmark: Benchmark) -> None:
    own = Wrapper()
    assert evaluate(own, benchmark, resamples=0).provenance["prompts"] == {}
    assert set(own.given) == prompted("", "")
    asked = Wrapper()
    assert evaluate(asked, benchmark, resamples=0, query_prompt="ask: ").provenance["prompts"] == {"query": "ask: "}
    assert set(asked.given) == prompted("ask: ", "")


@pytest.mark.parametrize("option", [("--query-prompt", "ask: "), ("--truncate-dim", 8), ("--similarity", "dot")])
def test_a_lexical_retriever_has_no_use_for_them(
    option: tuple[object, ...], files: dict[str, Path], tmp_path: Path
) -> None:
    own = ("--corpus", files["corpus"], "--queries", files["queries"], "--output", tmp_path / "run.trec")
    done = CliRunner().invoke(app, ["search", "bm25", *map(str, (*own, *option))])
    assert "can have no part in 'bm25" in str(done.exception)


def test_width_and_similarity_are_those_recorded(
    tiny_transformer: Callable[..., Any], benchmark: Benchmark, pairs: ParallelPairs, tmp_path: Path
) -> None:
    from sentence_transformers import SentenceTransformer

    encoder = tiny_transformer(WORDS)
    texts = PASSAGES["en"]
    whole = encoder.encode_document(texts)
    cut = encode(encoder, texts, "document", EncodeOptions(precision="fp32", truncate_dim=4, similarity="dot"))
    np.testing.assert_allclose(cut, whole[:, :4], rtol=1e-5, atol=1e-6)
    assert evaluate(encoder, benchmark, resamples=0, similarity="dot").provenance["similarity"] == "dot"
    options: dict[str, Any] = {"steps": 2, "batch_size": 2, "progress": False, "similarity": "dot", "truncate_dim": 4}
    train(encoder, pairs, output_dir=tmp_path / "run", **options)
    stock = SentenceTransformer(str(tmp_path / "run"), device="cpu")
    assert stock.similarity_fn_name == "dot"
    ours = encode(stock, texts, "document", EncodeOptions(precision="fp32"))
    np.testing.assert_allclose(ours, stock.encode_document(texts), rtol=1e-5, atol=1e-6)
    assert ours.shape == (3, 4)
    with pytest.raises(ValueError, match=r"truncate_dim: 99 is more than the 16 dimensions"):
        encode(tiny_transformer(WORDS), texts, "document", EncodeOptions(truncate_dim=99))
