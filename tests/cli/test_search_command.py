import json
from pathlib import Path
from typing import Any

import ir_measures
import numpy as np
import pytest
import typer
from typer.testing import CliRunner, Result

from equilingua.cli.search import search_command
from equilingua.errors import InputError

WORDS = [f"word{number}" for number in range(40)]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model that averages random word vectors."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer, models, pre_tokenizers

    vocabulary = {word: place for place, word in enumerate(["[UNK]", *WORDS])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    weights = np.random.default_rng(0).standard_normal((len(vocabulary), 8)).astype(np.float32)
    folder = tmp_path_factory.mktemp("model")
    SentenceTransformer(modules=[StaticEmbedding(tokenizer, weights)], device="cpu").save(str(folder))
    return folder


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Options for 300 passages of three words and 12 queries of two; every passage stands twice."""
    rng = np.random.default_rng(1)
    passages = [" ".join(rng.choice(WORDS, 3)) for _ in range(150)] * 2
    queries = [" ".join(rng.choice(WORDS, 2)) for _ in range(12)]
    options = []
    for name, letter, texts in (("corpus", "p", passages), ("queries", "q", queries)):
        lines = [json.dumps({"id": f"{letter}{number}", "text": text}) for number, text in enumerate(texts)]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        options += [f"--{name}", str(tmp_path / f"{name}.jsonl")]
    return options


def run(*arguments: object) -> Result:
    app = typer.Typer()
    app.command()(search_command)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def ranked(path: Path) -> dict[str, list[str]]:
    """Passages of each query in the order that ir_measures (trec_eval's) reads from a run."""
    found: dict[str, list[Any]] = {}
    for line in ir_measures.read_trec_run(str(path)):
        found.setdefault(line.query_id, []).append((-line.score, line.doc_id))
    return {query: [id_ for _, id_ in sorted(rows)] for query, rows in found.items()}


def test_the_best_are_written_in_order_and_equal_passages_side_by_side(
    model: Path, files: list[str], tmp_path: Path
) -> None:
    done = run(model, *files, "--top-k", 7, "--output", tmp_path / "out" / "run.trec")
    assert done.exit_code == 0, done.output
    assert done.stdout.strip() == f"{model}: the best 7 a query; queries 12, passages 300, all looked at"
    lines = [line.split() for line in (tmp_path / "out" / "run.trec").read_text().splitlines()]
    assert [(line[1], int(line[3]), line[5]) for line in lines] == [("Q0", 1 + n % 7, "equilingua") for n in range(84)]
    order = ranked(tmp_path / "out" / "run.trec")
    assert order == {query: [line[2] for line in lines if line[0] == query] for query in order}
    assert len(order) == 12
    for ids in order.values():
        # Passage n and its copy n + 150 tie: they stand side by side, in the order of their ids.
        for first, second in zip(ids[:6:2], ids[1:6:2], strict=True):
            assert abs(int(first[1:]) - int(second[1:])) == 150
            assert first < second
    about = json.loads((tmp_path / "out" / "run.trec.json").read_text())
    assert about["provenance"]["options"]["stored"] == "float32"
    assert set(about["provenance"]["data"]) == {"corpus.jsonl", "queries.jsonl"}
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["run.trec", "run.trec.json"]


@pytest.mark.parametrize(
    "options", [("--vector-dtype", "int8"), ("--cache",), ("--memory", "200MB", "--batch-size", "7")]
)
def test_memory_cache_and_int8_change_nothing(
    model: Path, files: list[str], tmp_path: Path, options: tuple[str, ...]
) -> None:
    run(model, *files, "--output", tmp_path / "plain.trec")
    for _ in range(2):
        assert run(model, *files, *options, "--overwrite", "--output", tmp_path / "other.trec").exit_code == 0
        assert (tmp_path / "other.trec").read_text() == (tmp_path / "plain.trec").read_text()


def test_float16_rounds_scores(model: Path, files: list[str], tmp_path: Path) -> None:
    for precision in ("float32", "float16"):
        done = run(model, *files, "--vector-dtype", precision, "--output", tmp_path / f"{precision}.trec")
        assert done.exit_code == 0, done.output
    exact, rounded = (ir_measures.read_trec_run(str(tmp_path / f"float{bits}.trec")) for bits in (32, 16))
    differ = np.array([one.score - other.score for one, other in zip(exact, rounded, strict=True)])
    assert 0 < np.abs(differ).max() < 2e-3


@pytest.mark.parametrize("index", ["hnsw", "ivf"])
@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_an_index_is_measured_against_the_exact_search(
    model: Path, files: list[str], tmp_path: Path, index: str, precision: str
) -> None:
    pytest.importorskip("faiss")
    options = ("--index", index, "--vector-dtype", precision, "--top-k", 5)
    told = run(model, *files, *options, "--output", tmp_path / "run.trec")
    assert told.exit_code == 0, told.output
    document = json.loads(run(model, *files, *options, "--json", "--output", tmp_path / "again.trec").stdout)
    quality = document["quality"]
    low, high = quality["interval"]
    assert 0 <= low <= quality["found"] <= high <= 1
    assert quality["queries"] == 12
    assert (
        f"index {index} finds {quality['found']:.3f} [{low:.3f}, {high:.3f}] of the exact result (queries measured: 12)"
        in told.stdout
    )
    # The share is that of the files, counted by scores because every passage stands twice.
    run(model, *files, "--top-k", 5, "--output", tmp_path / "exact.trec")
    last = {}
    for line in ir_measures.read_trec_run(str(tmp_path / "exact.trec")):
        last[line.query_id] = line.score
    found = [
        line.score >= last[line.query_id] - 1e-6 for line in ir_measures.read_trec_run(str(tmp_path / "again.trec"))
    ]
    assert sum(found) / 60 == pytest.approx(quality["found"])


def test_lexical_retrievers_search_too_but_have_no_index(files: list[str], tmp_path: Path) -> None:
    done = run("bm25", *files, "--output", tmp_path / "run.trec", "--top-k", 3)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("bm25 (lucene, k1=1.2, b=0.75): the best 3")
    for options in (("--index", "ivf"), ("--vector-dtype", "int8")):
        refused = run("bm25", *files, *options, "--output", tmp_path / "other.trec")
        assert "has no vectors, so it is searched exactly" in str(refused.exception)
    refused = run("bm25", *files, "--processes", 2, "--output", tmp_path / "other.trec")
    assert "only a sentence-transformers model" in str(refused.exception)


def test_vectors_from_files_are_searched_as_the_model_is(model: Path, files: list[str], tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    encoder = SentenceTransformer(str(model), device="cpu")
    for name, path in (("queries", files[3]), ("corpus", files[1])):
        rows = [json.loads(line) for line in Path(path).read_text().splitlines()][::-1]
        np.save(tmp_path / f"{name}.npy", encoder.encode([row["text"] for row in rows], show_progress_bar=False))
        (tmp_path / f"{name}.ids.txt").write_text("\n".join(row["id"] for row in rows) + "\n")
    run(model, *files, "--output", tmp_path / "model.trec")
    spec = f"vectors:{tmp_path / 'queries.npy'},{tmp_path / 'corpus.npy'}"
    done = run(spec, *files, "--output", tmp_path / "files.trec")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "files.trec").read_text() == (tmp_path / "model.trec").read_text()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--vector-dtype", "int4"), "unknown vector dtype 'int4' of passages"),
        (("--index", "hsnw"), "unknown index 'hsnw'. Did you mean 'hnsw'? Allowed: exact, hnsw, ivf."),
        (("--memory", "lots"), "memory 'lots' is no size: write a number and a unit, such as 500MB"),
        (("--memory", "10MB"), "memory of 10,000,000 bytes is too little"),
        (("--precision", "fp8"), "unknown precision 'fp8'"),
    ],
)
def test_wrong_use_is_told_before_passages_are_encoded(
    model: Path,
    files: list[str],
    tmp_path: Path,
    options: tuple[str, ...],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sentence_transformers.SentenceTransformer.encode_document", lambda *_: pytest.fail("encoded"))
    done = run(model, *files, *options, "--output", tmp_path / "run.trec")
    assert isinstance(done.exception, InputError)
    assert message in str(done.exception)
    assert not (tmp_path / "run.trec").exists()


def test_bad_files_are_told_in_one_report(tmp_path: Path) -> None:
    (tmp_path / "c.jsonl").write_text('{"id": "a b", "text": "x"}\n{"id": 1.5, "text": "y"}\n')
    (tmp_path / "q.tsv").write_text("")
    done = run("bm25", "--corpus", tmp_path / "c.jsonl", "--queries", tmp_path / "q.tsv", "--output", tmp_path / "r")
    assert str(done.exception).splitlines() == [
        "corpus and queries: 3 problems",
        f"{tmp_path / 'c.jsonl'}:2: 'id' must be a non-empty text or an integer, got 1.5",
        f"{tmp_path / 'c.jsonl'}: id 'a b' of a passage holds a space, which a TREC run has between columns",
        f"{tmp_path / 'q.tsv'}: no query",
    ]


def test_a_run_is_replaced_only_when_asked(files: list[str], tmp_path: Path) -> None:
    asked = ("bm25", *files, "--output", tmp_path / "run.trec")
    assert run(*asked).exit_code == 0
    refused = run("no/such/model", *files, "--output", tmp_path / "run.trec")
    assert "is there already. Give another name, or --overwrite to replace it" in str(refused.exception)
    assert run(*asked, "--overwrite").exit_code == 0
    for folder in (tmp_path, "."):
        assert "is a folder; give a file" in str(run("bm25", *files, "--output", folder).exception)
    under = run("no/such/model", *files, "--output", tmp_path / "run.trec" / "new" / "run.trec")
    assert f"cannot be written, since {tmp_path / 'run.trec'} is a file" in str(under.exception)


@pytest.mark.slow
def test_two_processes_write_the_run_of_one(model: Path, files: list[str], tmp_path: Path) -> None:
    run(model, *files, "--output", tmp_path / "one.trec")
    done = run(model, *files, "--processes", 2, "--batch-size", 32, "--output", tmp_path / "two.trec")
    assert done.exit_code == 0, done.output
    assert ranked(tmp_path / "two.trec") == ranked(tmp_path / "one.trec")


def test_help_shows_a_command_that_can_be_run() -> None:
    done = run("--help")
    assert done.exit_code == 0
    assert "equilingua search runs/hybrid --corpus docs.jsonl" in " ".join(done.stdout.split())
