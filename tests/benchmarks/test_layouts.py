"""One rule in every layout of a corpus, its queries and their judgements."""

import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from equilingua import audit, evaluate
from equilingua.benchmarks.load import load_benchmark
from equilingua.errors import InputError

Write = Callable[..., Path]

ARGUMENTS = [
    {"_id": "a-pro", "title": "Night", "text": "Owls fly at night, because mice do not see them then."},
    {"_id": "a-con", "title": "Night", "text": "Owls that fly at night do not see mice either."},
    {"_id": "b-pro", "title": "", "text": "Cats sleep all day long, and so should owls."},
    {"_id": "b-con", "title": "", "text": "Cats sleep all day long, but owls are no cats."},
]
# As in ArguAna, a query is a text of the corpus, and the counterargument is relevant to it.
QUERIES = [{"_id": row["_id"], "text": row["text"]} for row in ARGUMENTS]
QRELS = "".join(
    f"{side}-{one}\t{side}-{other}\t1\n" for side in "ab" for one, other in (("pro", "con"), ("con", "pro"))
)
HEADED = "query-id\tcorpus-id\tscore\n" + QRELS
JSON = "".join(
    '{{"query-id": "{}", "corpus-id": "{}", "score": {}}}\n'.format(*line.split()) for line in QRELS.splitlines()
)
CSV = "query_id,doc_id,relevance\n" + QRELS.replace("\t", ",")
TREC = "".join("{} 0 {} {}\n".format(*line.split()) for line in QRELS.splitlines())
ORDERED = "score\tquery-id\tcorpus-id\n" + "".join(
    "{2}\t{0}\t{1}\n".format(*line.split()) for line in QRELS.splitlines()
)


@pytest.mark.parametrize("place", ["qrels", "qrels/test", "qrels/dev", "qrels/test-00000-of-00001"])
@pytest.mark.parametrize(
    ("suffix", "judged"),
    [
        (".tsv", QRELS), (".tsv", HEADED), (".tsv", ORDERED), (".txt", TREC), (".trec", TREC), (".jsonl", JSON),
        (".csv", CSV), (".json", f"[{','.join(JSON.splitlines())}]"), (".ndjson", JSON),
    ],
)  # fmt: skip
def test_judgements_are_read_in_either_place_in_any_form(
    write_lines: Write, tmp_path: Path, place: str, suffix: str, judged: str
) -> None:
    write_lines("arguments/corpus.jsonl", ARGUMENTS)
    write_lines("arguments/queries.jsonl", QUERIES)
    write_lines(f"arguments/{place}{suffix}", judged)
    benchmark = load_benchmark(tmp_path / "arguments", languages=["en"])
    assert evaluate("bm25", benchmark, resamples=0).measures["monolingual"]["MRR@20"] == 1.0
    assert benchmark.notes == (
        "4 queries stand in the corpus: a passage with the query's own id takes no part in its ranking",
    )
    assert [*benchmark.excluded["en"]["a-pro"]] == ["a-pro"]


def test_the_same_files_are_audited_by_the_same_rule(write_lines: Write) -> None:
    corpus, queries = write_lines("corpus.jsonl", ARGUMENTS), write_lines("queries.jsonl", QUERIES)
    found = audit("bm25", corpus, queries, write_lines("qrels.tsv", QRELS), measure="MRR@20", resamples=10)
    assert found.standings[0].value == 1.0
    assert any("takes no part in its ranking" in note for note in found.provenance["notes"])


@pytest.mark.parametrize("suffix", [".jsonl", ".ndjson", ".csv", ".parquet", ".json"])
@pytest.mark.parametrize("compress", ["", ".gz", ".xz", ".zst"])
def test_corpus_and_queries_are_read_in_any_form(tmp_path: Path, suffix: str, compress: str) -> None:
    if compress and suffix == ".parquet":
        pytest.skip("Parquet compresses by itself")
    compressed = {"": bytes, ".gz": gzip.compress, ".xz": lzma.compress, ".zst": zstandard.compress}[compress]
    for name, rows in (("corpus", ARGUMENTS), ("queries", QUERIES)):
        path, table = tmp_path / f"{name}{suffix}", pa.Table.from_pylist(rows)
        if suffix == ".parquet":
            pq.write_table(table, path)
            continue
        if suffix == ".csv":
            table.to_pandas().to_csv(path, index=False)
        else:
            table.to_pandas().to_json(path, orient="records", lines=suffix != ".json")
        (tmp_path / f"{path.name}{compress}").write_bytes(compressed(path.read_bytes()))
        if compress:
            path.unlink()
    (tmp_path / "qrels.tsv").write_text(QRELS)
    benchmark = load_benchmark(tmp_path, languages=["en"])
    assert benchmark.corpora["en"].texts[0] == f"Night {ARGUMENTS[0]['text']}"
    assert evaluate("bm25", benchmark, resamples=0).measures["monolingual"]["MRR@20"] == 1.0


def test_shards_in_folders_as_on_the_hub_are_one_corpus(tmp_path: Path) -> None:
    for name, rows in (("corpus/corpus-00000-of-00002", ARGUMENTS[:2]), ("corpus/corpus-00001-of-00002", ARGUMENTS[2:]),
                       ("queries/queries-00000-of-00001", QUERIES)):  # fmt: skip
        (tmp_path / name).parent.mkdir(exist_ok=True)
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / f"{name}.parquet")
    (tmp_path / "qrels").mkdir()
    judged = [dict(zip(("query-id", "corpus-id", "score"), line.split(), strict=True)) for line in QRELS.splitlines()]
    pq.write_table(pa.Table.from_pylist(judged), tmp_path / "qrels" / "test-00000-of-00001.parquet")
    assert load_benchmark(tmp_path, languages=["en"]).corpora["en"].ids == tuple(row["_id"] for row in ARGUMENTS)


def test_ids_that_are_the_same_by_chance_take_no_passage_out(write_lines: Write, tmp_path: Path) -> None:
    """Questions and answers that are both counted from 1."""
    for qrels in ("qrels.tsv", "qrels/test.tsv"):
        folder = qrels.partition(".")[0].replace("/", "-")
        corpus = [{"id": n, "text": text} for n, text in enumerate(("At night.", "All day.", "In May."), start=1)]
        queries = [
            {"id": n, "text": text} for n, text in enumerate(("When do cats sleep?", "When do owls fly?"), start=1)
        ]
        for name, rows in (("corpus.jsonl", corpus), ("queries.jsonl", queries), (qrels, "1\t2\t1\n2\t1\t1\n")):
            write_lines(f"{folder}/{name}", rows)
        benchmark = load_benchmark(tmp_path / folder, languages=["en"])
        assert benchmark.excluded == {}
        assert "2 queries have the id of a passage of another text, so ids are the same by chance" in benchmark.notes[0]


def test_translations_of_a_query_that_stands_in_the_corpus_take_no_part_either(write_lines: Write) -> None:
    corpus = [
        {"id": "a-en", "text": "Owls fly.", "language": "en", "item": "a"},
        {"id": "a-de", "text": "Eulen fliegen.", "language": "de", "item": "a"},
        {"id": "b-en", "text": "Owls do not fly.", "language": "en"},
    ]
    queries = write_lines("queries.jsonl", [{"id": "a-en", "text": "Owls fly.", "language": "en"}])
    from equilingua.benchmarks.own import own_benchmark
    from equilingua.corpora.own import read_own

    data = read_own(write_lines("corpus.jsonl", corpus), queries, write_lines("qrels.tsv", "a-en\tb-en\t1\n"))
    assert own_benchmark(data, name="a").excluded == {"en": {"a-en": ("a-de", "a-en")}}


@pytest.mark.parametrize("twice", ["corpus.csv", "queries.jsonl.gz", "qrels.txt"])
def test_a_table_that_is_there_twice_is_told(write_lines: Write, tmp_path: Path, twice: str) -> None:
    for name, rows in (("corpus.jsonl", ARGUMENTS), ("queries.jsonl", QUERIES), ("qrels.tsv", QRELS), (twice, "")):
        write_lines(name, rows)
    with pytest.raises(InputError, match=rf"holds several files of one name \(.*{twice}.*\): leave one"):
        load_benchmark(tmp_path, languages=["en"])


def test_judgements_beside_the_corpus_are_those_that_count(write_lines: Write, tmp_path: Path) -> None:
    for name, rows in (("corpus.jsonl", ARGUMENTS), ("queries.jsonl", QUERIES), ("qrels.jsonl", JSON)):
        write_lines(name, rows)
    write_lines("qrels/test.tsv", "a-pro\tb-pro\t1\n")
    benchmark = load_benchmark(tmp_path, languages=["en"])
    assert benchmark.qrels["en"]["a-pro"] == {"a-con": 1}
    assert benchmark.notes[0] == "qrels.jsonl judges; what lies in qrels is passed over"
