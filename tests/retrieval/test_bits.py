import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet
from sentence_transformers.util import quantize_embeddings
from typer.testing import CliRunner

from embeddings_server import Server, reply
from equilingua.benchmarks.benchmark import Benchmark, Corpus, Queries
from equilingua.cli.app import app
from equilingua.errors import InputError
from equilingua.evaluation.evaluate import evaluate
from equilingua.retrieval.encoding import EncodeOptions, encode
from equilingua.retrieval.endpoint import EmbeddingsEndpoint
from equilingua.retrieval.precomputed import PrecomputedVectors, VectorFiles
from equilingua.retrieval.registry import retriever

SIZES = {"en": 40, "de": 25}
ASK = r"hold u?int8: packed bits \(binary embeddings\), or numbers of 8 bits\? Say which: --similarity hamming"


@pytest.fixture(params=[64, 100])
def width(request: pytest.FixtureRequest) -> int:
    """Of the vectors; 100 does not fill whole bytes."""
    return int(request.param)


@pytest.fixture
def benchmark() -> Benchmark:
    return Benchmark(
        name="bits",
        queries={
            lang: Queries(tuple(f"q{n}" for n in range(10)), tuple(f"{lang} {n}" for n in range(10))) for lang in SIZES
        },
        corpora={
            lang: Corpus(tuple(f"{lang}{n}" for n in range(size)), tuple(f"{lang} p{n}" for n in range(size)))
            for lang, size in SIZES.items()
        },
        qrels={asked: {f"q{n}": {f"{lang}{n}": 1 for lang in SIZES} for n in range(10)} for asked in SIZES},
    )


@pytest.fixture
def floats(width: int) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Queries near their passages."""
    draw = np.random.default_rng(0)
    meanings = draw.standard_normal((40, width)).astype(np.float32)
    noise = {lang: draw.standard_normal((40, width)).astype(np.float32) for lang in SIZES}
    passages = {lang: meanings[:size] + 0.5 * noise[lang][:size] for lang, size in SIZES.items()}
    queries = {lang: meanings[:10] + 0.8 * noise[lang][10:20] for lang in SIZES}
    return queries, passages


def quantized(side: dict[str, np.ndarray], kind: str) -> dict[str, np.ndarray]:
    return {lang: quantize_embeddings(rows, kind) for lang, rows in side.items()}


def measures(model: Any, benchmark: Benchmark, **options: Any) -> dict[str, dict[str, float]]:
    result = evaluate(model, benchmark, resamples=0, **options)
    return {setting: dict(values) for setting, values in result.measures.items()}


def hamming_mrr(queries: dict[str, np.ndarray], passages: dict[str, np.ndarray]) -> float:
    """MRR of the multilingual setting by counting unequal bits, where nothing ties."""
    pool = np.concatenate([passages[lang] > 0 for lang in sorted(SIZES)])
    starts = {"de": 0, "en": SIZES["de"]}
    ranks = []
    for rows in queries.values():
        for number, row in enumerate(rows > 0):
            distances = (pool != row).sum(axis=1)
            best = min(distances[start + number] for start in starts.values())
            ranks.append(1 / (1 + int((distances < best).sum())))
    return float(np.mean(ranks))


STORED = {
    "ubinary": ("ubinary", "ubinary"),
    "binary": ("binary", "binary"),
    "one of each": ("ubinary", "binary"),
    "queries as numbers": ("float32", "ubinary"),
    "passages as numbers": ("binary", "float32"),
    "both as numbers": ("float32", "float32"),
}


@pytest.mark.parametrize("kinds", STORED)
def test_bits_rank_by_their_hamming_distance_however_they_are_stored(
    kinds: str, benchmark: Benchmark, floats: tuple[dict[str, np.ndarray], dict[str, np.ndarray]]
) -> None:
    queries, passages = floats
    signs = tuple({lang: np.where(rows > 0, 1.0, -1.0) for lang, rows in side.items()} for side in floats)
    expected = measures(signs, benchmark, similarity="dot")
    assert expected["multilingual"]["MRR@20"] > 0.7
    kind_of_queries, kind_of_passages = STORED[kinds]
    stored = (quantized(queries, kind_of_queries), quantized(passages, kind_of_passages))
    assert measures(stored, benchmark, similarity="hamming") == expected
    wide = tuple(
        {lang: rows.astype(np.int64) if rows.dtype != np.float32 else rows for lang, rows in side.items()}
        for side in stored
    )
    assert measures(wide, benchmark, similarity="hamming") == expected
    unpacked = tuple({lang: rows > 0 for lang, rows in side.items()} for side in floats)
    assert measures(unpacked, benchmark, similarity="hamming") == expected
    assert evaluate(stored, benchmark, similarity="hamming").provenance["similarity"] == "hamming"


def test_bits_rank_as_an_oracle_that_counts_unequal_bits(
    benchmark: Benchmark, floats: tuple[dict[str, np.ndarray], dict[str, np.ndarray]]
) -> None:
    stored = tuple(quantized(side, "ubinary") for side in floats)
    found = measures(stored, benchmark, similarity="hamming")["multilingual"]["MRR@20"]
    assert found == pytest.approx(hamming_mrr(*floats), abs=0.03)


@pytest.mark.parametrize("kind", ["ubinary", "binary"])
def test_queries_as_numbers_are_multiplied_with_bits_where_a_product_is_asked_for(
    kind: str, benchmark: Benchmark, floats: tuple[dict[str, np.ndarray], dict[str, np.ndarray]]
) -> None:
    queries, passages = floats
    signs = {lang: np.where(rows > 0, 1.0, -1.0) for lang, rows in passages.items()}
    for similarity in ("dot", "cosine"):
        expected = measures((queries, signs), benchmark, similarity=similarity)
        assert measures((queries, quantized(passages, kind)), benchmark, similarity=similarity) == expected


@pytest.mark.parametrize("kind", ["ubinary", "binary", "uint8", "int8"])
def test_numbers_of_8_bits_are_asked_about(
    kind: str, benchmark: Benchmark, floats: tuple[dict[str, np.ndarray], dict[str, np.ndarray]]
) -> None:
    stored = tuple(quantized(side, kind) for side in floats)
    with pytest.raises(InputError, match=ASK):
        evaluate(stored, benchmark)
    with pytest.raises(InputError, match=ASK):
        evaluate((floats[0], stored[1]), benchmark)
    wide = tuple({lang: rows.astype(np.int64) for lang, rows in side.items()} for side in stored)
    with pytest.raises(InputError, match="hold int64: packed bits"):
        evaluate(wide, benchmark)
    if kind.endswith("int8"):
        near = measures(stored, benchmark, similarity="cosine")["multilingual"]["MRR@20"]
        assert near == pytest.approx(measures(floats, benchmark)["multilingual"]["MRR@20"], abs=0.3)


def test_numbers_that_cannot_be_packed_bits_are_not_asked_about(benchmark: Benchmark) -> None:
    draw = np.random.default_rng(0)
    for sample in (
        lambda size: draw.integers(-1, 2, (size, 8)),
        lambda size: draw.integers(-1000, 1000, (size, 8)),
        lambda size: draw.integers(0, 200, (size, 8)).astype(np.float32),
    ):
        sides = {lang: sample(10) for lang in SIZES}, {lang: sample(size) for lang, size in SIZES.items()}
        assert evaluate(sides, benchmark, resamples=0).provenance["similarity"] == "cosine"


def write(folder: Path, name: str, form: str, side: dict[str, np.ndarray], ids: dict[str, list[str]]) -> Path:
    rows = np.concatenate([side[lang] for lang in side])
    keys = [(lang, id_) for lang in side for id_ in ids[lang]]
    names, languages = [id_ for _, id_ in keys], [lang for lang, _ in keys]
    path = folder / f"{name}.{form.partition(' ')[0]}"
    if path.suffix == ".npy":
        np.save(path, np.asfortranarray(rows) if "Fortran" in form else rows)
        path.with_suffix(".ids.txt").write_text("".join(f"{lang}\t{id_}\n" for lang, id_ in keys))
    elif path.suffix == ".npz":
        np.savez(path, vectors=rows, ids=names, languages=languages)
    else:
        columns = {
            "parquet lists": lambda: pyarrow.array(list(rows)),
            "parquet int64": lambda: pyarrow.array([[int(one) for one in row] for row in rows]),
            "parquet fixed": lambda: pyarrow.FixedSizeListArray.from_arrays(pyarrow.array(rows.ravel()), rows.shape[1]),
            "parquet tensor": lambda: pyarrow.FixedShapeTensorArray.from_numpy_ndarray(rows),
            "parquet bytes": lambda: pyarrow.array([row.tobytes() for row in rows], pyarrow.binary()),
            "parquet fixed bytes": lambda: pyarrow.array(
                [row.tobytes() for row in rows], pyarrow.binary(rows.shape[1])
            ),
        }
        table = {"id": names, "language": languages, "vector": columns[form]()}
        parquet.write_table(pyarrow.table(table), path)
    return path


@pytest.mark.parametrize(
    "form",
    ["npy", "npy Fortran", "npz", "parquet lists", "parquet int64", "parquet fixed", "parquet tensor", "parquet bytes",
     "parquet fixed bytes"],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["ubinary", "binary"])
def test_files_of_bits_are_asked_about_and_ranked(
    tmp_path: Path,
    form: str,
    kind: str,
    benchmark: Benchmark,
    floats: tuple[dict[str, np.ndarray], dict[str, np.ndarray]],
) -> None:
    if "bytes" in form and kind == "binary":
        pytest.skip("bytes have no sign")
    stored = tuple(quantized(side, kind) for side in floats)
    ids = [{lang: list(rows.ids) for lang, rows in side.items()} for side in (benchmark.queries, benchmark.corpora)]
    paths = [write(tmp_path, name, form, side, keys) for name, side, keys in zip("qp", stored, ids, strict=True)]
    with pytest.raises(InputError, match=r"hold (u?int8|int64|bytes): packed bits"):
        evaluate(VectorFiles(*paths), benchmark)
    expected = measures(stored, benchmark, similarity="hamming")
    assert measures(VectorFiles(*paths), benchmark, similarity="hamming") == expected
    assert measures(retriever(f"vectors:{paths[0]},{paths[1]},hamming"), benchmark) == expected
    corpus, queries = tmp_path / "corpus.jsonl", tmp_path / "queries.jsonl"
    for path, side in ((corpus, benchmark.corpora), (queries, benchmark.queries)):
        lines = [
            {"id": id_, "text": id_, "language": lang}
            for lang, rows in side.items()
            for id_ in rows.ids
            if lang == "en"
        ]
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    command = [
        "search",
        f"vectors:{paths[0]},{paths[1]}",
        "--corpus",
        str(corpus),
        "--queries",
        str(queries),
        "--output",
    ]
    with pytest.raises(InputError, match=r"hold (u?int8|int64|bytes): packed bits"):
        CliRunner().invoke(app, [*command, str(tmp_path / "no.trec")], catch_exceptions=False)
    done = CliRunner().invoke(
        app, [*command, str(tmp_path / "run.trec"), "--similarity", "hamming"], catch_exceptions=False
    )
    assert done.exit_code == 0
    bits = [np.unpackbits(side["en"].view(np.uint8), axis=1) for side in stored]
    best = {}
    for line in (tmp_path / "run.trec").read_text().splitlines():
        query, _, passage, _, score, _ = line.split()
        number, other = int(query[1:]), int(passage[2:])
        unequal = int((bits[0][number] != bits[1][other]).sum())
        # Ties are written a little apart.
        assert float(score) == pytest.approx(bits[0].shape[1] - 2 * unequal, abs=0.01)
        best.setdefault(number, []).append(unequal)
    assert all(found == sorted(found) for found in best.values())
    assert len(best) == 10


def test_bytes_that_are_no_bits_are_refused(tmp_path: Path, benchmark: Benchmark) -> None:
    rows = np.random.default_rng(0).standard_normal((75, 12)).astype(np.float32)
    side = {lang: rows[: len(benchmark.corpora[lang].ids)] for lang in SIZES}
    asked = dict.fromkeys(SIZES, rows[:10])
    ids = [{lang: list(part.ids) for lang, part in side.items()} for side in (benchmark.queries, benchmark.corpora)]
    paths = [write(tmp_path, "q", "parquet bytes", asked, ids[0]), write(tmp_path, "p", "parquet bytes", side, ids[1])]
    for similarity in ("dot", "cosine"):
        with pytest.raises(InputError, match="bytes are read as packed bits, 384 dimensions here"):
            evaluate(VectorFiles(*paths), benchmark, similarity=similarity)


def test_other_widths_are_told_in_dimensions(benchmark: Benchmark) -> None:
    draw = np.random.default_rng(0)
    queries = {lang: draw.integers(0, 256, (10, 4), dtype=np.uint8) for lang in SIZES}
    passages = {lang: draw.integers(0, 256, (size, 6), dtype=np.uint8) for lang, size in SIZES.items()}
    with pytest.raises(InputError, match=r"must have one width, got query vectors of .* 32, .* 48"):
        evaluate((queries, passages), benchmark, similarity="hamming")


def test_nan_among_numbers_whose_bits_are_taken_is_refused(benchmark: Benchmark) -> None:
    sides = [
        {lang: np.ones((size, 8)) for lang, size in sizes} for sizes in (((one, 10) for one in SIZES), SIZES.items())
    ]
    sides[1]["de"][3, 2] = np.nan
    with pytest.raises(InputError, match="hold NaN"):
        evaluate(PrecomputedVectors(*sides), benchmark, similarity="hamming")


def test_a_models_vectors_are_ranked_by_their_signs(static_model: Callable[..., Any]) -> None:
    model = static_model(["red", "green", "blue"])
    rows = encode(model, ["red", "green blue"], "query", EncodeOptions(similarity="hamming"))
    np.testing.assert_array_equal(rows, np.where(encode(model, ["red", "green blue"], "query") > 0, 1, -1))
    cut = encode(model, ["red"], "query", EncodeOptions(similarity="hamming", truncate_dim=5))
    np.testing.assert_array_equal(cut, rows[:1, :5])


class Packing:
    """An encoder that gives packed bits."""

    cache_key = "packing"

    def encode_query(self, texts: list[str]) -> Any:
        return np.array([[173, len(text)] for text in texts], dtype=np.uint8)

    encode_document = encode_query


def test_packed_bits_of_an_encoder_are_asked_about_and_unpacked(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="vectors of queries: hold uint8: packed bits"):
        encode(Packing(), ["red"], "query")
    for _ in range(2):
        rows = encode(Packing(), ["red"], "query", EncodeOptions(similarity="hamming", cache=tmp_path))
        assert np.packbits(rows > 0, axis=1).tolist() == [[173, 3]]


@pytest.mark.parametrize(("field", "kind"), [("output_dtype", "ubinary"), ("embedding_type", "binary")])
def test_packed_bits_of_an_endpoint_are_unpacked(server: Server, field: str, kind: str) -> None:
    packed = np.array([[173, 200], [1, 255]], dtype=np.uint8)
    sent = packed if kind == "ubinary" else (packed - 128).astype(np.int8)
    server.rule = lambda asked: reply({"data": [{"embedding": row} for row in sent.tolist()[: len(asked["input"])]]})
    rows = EmbeddingsEndpoint("tiny", server.url, body={field: kind}).encode_query(["a", "b"])
    assert np.packbits(rows > 0, axis=1).tolist() == packed.tolist()
    assert all(asked.get("encoding_format") != "base64" for asked in server.asked)
