"""What is read: for every reader a small sound input, the file of it that is changed, and what was read of it."""

import io
import json
import tomllib
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from benchmarks.fuzz_readers.mutations import as_lines

from equilingua.auditing.audit import audit
from equilingua.auditing.record import Audit
from equilingua.benchmarks.benchmark import Benchmark, Corpus, Queries
from equilingua.benchmarks.load import load_benchmark
from equilingua.benchmarks.mewsli import read_mewsli_x
from equilingua.benchmarks.squad import read_afriqa
from equilingua.data_files import data_file
from equilingua.errors import Problems
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.run_files import read_run
from equilingua.files import content_hash
from equilingua.pairs.reading import Format, read_pairs
from equilingua.pairs.store import ParallelPairs
from equilingua.retrieval.vector_files import StoredVectors
from equilingua.studies.config import load_study
from equilingua.training.load import load_config

Found = Counter[tuple[str, str]]
"""What was read, or stands in a file: a name and its content, as often as it is there."""

Kind = Literal["lines", "document", "tsv", "qrels", "toml", "parquet", "zip", "bytes"]

WORDS = ("ميناء", "Köln", "ünal", "水", "ქალაქი", "river", "naïve", "Ωmega")


@dataclass(frozen=True)
class Input:
    """An input of a reader.

    Attributes:
        name: of the reader and the file.
        kind: how the file is laid out.
        file: the one that is changed, below the input's folder.
        base: its value: a list of rows, a document, or the text of a TOML file.
        others: the contents of the other files.
        read: reads the folder, and gives what it found; problems that it noted are raised.
        parts: of a value that other code parsed, what it surely holds; of a part that differs from the sound input's
            only the name counts.
        after: makes the input whole again after the file was changed, such as a hash of it.
        compressible: whether it may be compressed, its suffix told by the name.
    """

    name: str
    kind: Kind
    file: str
    base: Any
    others: dict[str, bytes]
    read: Callable[[Path], Found]
    parts: Callable[[Any], Iterator[tuple[str, str]]]
    after: Callable[[Path], None] = lambda _: None
    compressible: bool = False

    def content(self, value: Any) -> bytes:
        """A value as the bytes of the file."""
        match self.kind:
            case "lines":
                return as_lines(list(value))
            case "document":
                return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass")
            case "parquet":
                sink = pa.BufferOutputStream()
                # Without checksums nobody can tell that a letter became another one.
                pq.write_table(pa.Table.from_pylist(value), sink, write_page_checksum=True)
                return bytes(sink.getvalue().to_pybytes())
            case "toml":
                return str(value).encode()
            case "bytes":
                return bytes(value)
            case _:
                return "".join("\t".join(map(str, row)) + "\n" for row in value).encode("utf-8", "surrogatepass")


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, sort_keys=True, default=str)


def pair_rows(count: int = 6) -> list[dict[str, Any]]:
    """Pairs in two languages."""
    return [
        {
            "id": f"p{n}",
            "source": "s",
            "queries": {"en": f"who lives by {word}?", "de": f"wer wohnt an {word}?"},
            "passages": {"en": f"she lives by {word}", "de": f"sie wohnt an {word}"},
            "score": n / 10,
        }
        for n, word in enumerate(WORDS[:count])
    ]


def _by_id(name: str, *fields: str) -> Callable[[Any], Iterator[tuple[str, str]]]:
    def parts(rows: Any) -> Iterator[tuple[str, str]]:
        for row in rows:
            if isinstance(row, dict):
                yield str(row.get(name)), _plain([row.get(field) for field in fields])

    return parts


def _pairs(folder: Path, file: str, *, file_format: Format | None = None, stored: bool = False) -> Found:
    if stored:
        found = list(ParallelPairs.read(folder / file, progress=False))
    else:
        problems = Problems(file)
        found = list(read_pairs(folder / file, problems=problems, file_format=file_format))
        problems.raise_if_any()
    return Counter((pair.id, _plain([dict(pair.queries), dict(pair.passages)])) for pair in found)


def squad_document(*, breaks: bool = False) -> dict[str, Any]:
    """Two articles in SQuAD's format, perhaps with LAReQA's sentence breaks."""
    paragraphs = []
    for n, word in enumerate(WORDS):
        first, second = f"They met by {word}. ", f"Nobody saw {word} again."
        question = {"id": f"q{n}", "question": f"Who met by {word}?", "answers": [{"answer_start": 0, "text": "They"}]}
        paragraph: dict[str, Any] = {"context": first + second, "qas": [question]}
        if breaks:
            ends = [len(first), len(first) + len(second)]
            paragraph["sentence_breaks"] = [[0, ends[0]], ends]
        paragraphs.append(paragraph)
    half = len(paragraphs) // 2
    return {"data": [{"title": "a", "paragraphs": paragraphs[:half]}, {"title": "b", "paragraphs": paragraphs[half:]}]}


def _questions(document: Any) -> Iterator[tuple[str, str]]:
    """The answered questions that stand where SQuAD has them."""
    for article in _items(document, "data"):
        for paragraph in _items(article, "paragraphs"):
            for question in _items(paragraph, "qas"):
                if isinstance(question, dict) and _is_answered(question):
                    yield str(question.get("id")), _plain([paragraph.get("context"), question.get("question")])


def _is_answered(question: dict[str, Any]) -> bool:
    """Whether it says that there is an answer, or says nothing of answers, which is to be told."""
    answers = question.get("answers", "missing")
    return bool(answers.get("text", "missing") if isinstance(answers, dict) and answers else answers)


def _items(value: Any, name: str) -> list[Any]:
    within = value.get(name) if isinstance(value, dict) else None
    return within if isinstance(within, list) else []


def _of_benchmark(language: str | None, *, passages: bool = False) -> Callable[[Benchmark], Found]:
    """The texts of a benchmark in a language, or in all, by ids without what readers put before them."""

    def found(benchmark: Benchmark) -> Found:
        sides: Mapping[str, Queries | Corpus] = benchmark.corpora if passages else benchmark.queries
        chosen = [rows for tag, rows in sides.items() if language in (None, tag)]
        pairs = [pair for rows in chosen for pair in zip(rows.ids, rows.texts, strict=True)]
        return Counter((id_.rpartition("/")[2], _plain([text])) for id_, text in pairs)

    return found


def _judged(benchmark: Benchmark) -> Found:
    return Counter(
        (f"{query} {passage}", _plain([int(grade)]))
        for of_queries in benchmark.qrels.values()
        for query, grades in of_queries.items()
        for passage, grade in grades.items()
    )


def own_rows() -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[tuple[str, str, int]]]:
    """A corpus, queries and judgements of one's own."""
    corpus = [{"id": f"d{n}", "text": f"the story of {word}", "language": "en"} for n, word in enumerate(WORDS)]
    queries = [{"id": f"q{n}", "text": f"what of {word}?", "language": "en"} for n, word in enumerate(WORDS)]
    return corpus, queries, [(f"q{n}", f"d{n}", 1) for n in range(len(WORDS))]


def _own(name: str, changed: str, *, kind: Kind, layout: str) -> Input:
    corpus, queries, qrels = own_rows()
    suffix = {"lines": ".jsonl", "tsv": ".tsv", "parquet": ".parquet", "qrels": ".tsv"}[kind]
    place = "qrels/test" if layout == "beir" else "qrels"
    rows: dict[str, Any] = {"corpus": corpus, "queries": queries, place: qrels}
    files = {"corpus": "corpus.jsonl", "queries": "queries.jsonl", place: f"{place}.tsv"}
    target = place if changed == "qrels" else changed
    files[target] = target + suffix
    written: dict[str, bytes] = {"corpus.jsonl": as_lines(corpus), "queries.jsonl": as_lines(queries)}
    written[f"{place}.tsv"] = "".join(f"{q}\t{d}\t{g}\n" for q, d, g in qrels).encode()
    if target in ("corpus", "queries"):
        del written[f"{target}.jsonl"]
    else:
        del written[f"{place}.tsv"]
    base = rows[target]
    parts = _by_id("id", "text")
    reader = _of_benchmark(None, passages=changed == "corpus")
    if kind == "tsv":
        base, parts = [(row["id"], row["text"]) for row in base], _cells
    elif changed == "qrels":
        base, parts, reader = [(q, d, str(g)) for q, d, g in qrels], _judgements, _judged

    def read(folder: Path) -> Found:
        languages = ["en"] if kind == "tsv" else None
        return reader(load_benchmark(folder, languages=languages))

    if kind == "tsv":
        written = {
            file: as_lines([{name: row[name] for name in ("id", "text")} for row in rows[file.split(".")[0]]])
            if file.endswith(".jsonl")
            else content
            for file, content in written.items()
        }
    return Input(name, kind, files[target], base, written, read, parts, compressible=kind != "parquet")


def _cells(rows: Any) -> Iterator[tuple[str, str]]:
    for row in rows:
        if len(row) == 2:
            yield str(row[0]), _plain([row[1]])


def _judgements(rows: Any) -> Iterator[tuple[str, str]]:
    for row in dict.fromkeys(rows):  # a judgement twice is one
        if len(row) == 3 and str(row[2]).isdigit():
            yield f"{row[0]} {row[1]}", _plain([int(row[2])])


def _leaves(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if inner is None:
        yield place, _plain(value)
    else:
        for key, one in inner:
            yield from _leaves(one, f"{place}.{key}")


def _document_of(document: Any) -> Found:
    return Counter(_leaves(json.loads(json.dumps(document))))


def _folder_files(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def saved_inputs(work: Path) -> Iterator[Input]:
    """A result and an audit, made here; their documents, and the table of a result's queries."""
    corpus, queries, qrels = own_rows()
    for name, content in {"docs.jsonl": as_lines(corpus), "queries.jsonl": as_lines(queries)}.items():
        (work / name).write_bytes(content)
    (work / "qrels.tsv").write_text("".join(f"{q}\t{d}\t{g}\n" for q, d, g in qrels), encoding="utf-8")
    made = audit("bm25", work / "docs.jsonl", work / "queries.jsonl", work / "qrels.tsv", resamples=20)
    made.save(work / "audit")
    (work / "pairs.jsonl").write_bytes(as_lines(pair_rows()))
    evaluate("bm25", load_benchmark(work / "pairs.jsonl"), resamples=20).save(work / "result")

    def saved(name: str, folder: str, file: str, read: Callable[[Path], Any]) -> Input:
        files = _folder_files(work / folder)
        base = json.loads(files.pop(file))
        return Input(name, "document", file, base, files, lambda at: _document_of(read(at).to_dict()), _kept)

    yield saved("result folder: result.json", "result", "result.json", EvaluationResult.load)
    yield saved("audit folder: audit.json", "audit", "audit.json", Audit.load)
    files = _folder_files(work / "result")
    rows = pq.read_table(work / "result" / "per_query.parquet").to_pylist()

    def rehash(folder: Path) -> None:
        document = json.loads(files["result.json"])
        document["per_query_sha256"] = content_hash(folder / "per_query.parquet")
        (folder / "result.json").write_text(json.dumps(document), encoding="utf-8")

    yield Input(
        "result folder: per_query.parquet", "parquet", "per_query.parquet", rows, {}, _queries_of_result, _ids, rehash
    )


def _kept(document: Any) -> Iterator[tuple[str, str]]:
    """All of a document but the hash of what lies beside it."""
    yield from ((place, value) for place, value in _leaves(document) if place != ".per_query_sha256")


def _queries_of_result(folder: Path) -> Found:
    scores = EvaluationResult.load(folder).scores
    return Counter((pair.setting + pair.name, query) for pair in scores for query in pair.query_ids)


def _ids(rows: Any) -> Iterator[tuple[str, str]]:
    for row in rows:
        query, corpus = row.get("query_language"), row.get("corpus_language")
        name = query if corpus in (query, "*") else f"{query}-{corpus}"
        yield f"{row.get('setting')}{name}", str(row.get("query_id"))


TRAINING = """alpha = 0.25
steps = 70
kind = "hybrid"
batch_size = 32
seed = 3
learning_rate = 0.001

[prompts]
query = "Frage für: "
passage = "x: "
"""

STUDY = """name = "fuzz"
title = "Läufe"
question = "Which?"
hypothesis = "None."
baseline = "one"
model = "m"
seeds = [0, 1]
pairs = ["a.jsonl", {file = "b.json", language = "de"}]

[training]
steps = 10
batch_size = 8

[arms.one.training]
kind = "x-x-mono"

[arms.two.training]
kind = "x-y"

[[evaluations]]
name = "e"
benchmark = "xquad-r"
"""


def _toml_leaves(text: Any) -> Iterator[tuple[str, str]]:
    yield from _leaves(json.loads(json.dumps(tomllib.loads(text), default=str)))


def _settings(folder: Path) -> Found:
    load_config(folder / "t.toml")
    return Counter(_toml_leaves((folder / "t.toml").read_text(encoding="utf-8-sig")))


def _study(folder: Path) -> Found:
    load_study(folder / "s.toml")
    return Counter(_toml_leaves((folder / "s.toml").read_text(encoding="utf-8-sig")))


def _pair_inputs() -> Iterator[Input]:
    rows, parts = pair_rows(), _by_id("id", "queries", "passages")
    dolly = [{"id": row["id"], "instruction": row["queries"]["en"], "context": "", "response": "Yes."} for row in rows]

    def dolly_parts(value: Any) -> Iterator[tuple[str, str]]:
        for row in value:
            if isinstance(row, dict):
                query = [row.get("instruction"), row["context"]] if row.get("context") else row.get("instruction")
                yield str(row.get("id")), _plain([{"en": query}, {"en": row.get("response")}])

    def squad_parts(value: Any) -> Iterator[tuple[str, str]]:
        for id_, content in _questions(value):
            context, question = json.loads(content)
            yield id_, _plain([{"en": question}, {"en": context}])

    flat = [
        {"id": id_, "question": json.loads(c)[1], "context": json.loads(c)[0], "answers": {"text": ["They"]}}
        for id_, c in _questions(squad_document())
    ]

    def flat_parts(value: Any) -> Iterator[tuple[str, str]]:
        for row in value:
            if isinstance(row, dict) and _is_answered(row):
                yield str(row.get("id")), _plain([{"en": row.get("question")}, {"en": row.get("context")}])

    def reads(file: str, form: Format | None = None, *, stored: bool = False) -> Callable[[Path], Found]:
        return lambda folder: _pairs(folder, _present(folder, file), file_format=form, stored=stored)

    yield Input("pairs: JSON lines", "lines", "p.jsonl", rows, {}, reads("p.jsonl"), parts, compressible=True)
    yield Input("pairs: their store", "lines", "p.jsonl", rows, {}, reads("p.jsonl", stored=True), parts)
    yield Input("pairs: Parquet", "parquet", "p.parquet", rows, {}, reads("p.parquet"), parts)
    yield Input(
        "pairs: SQuAD", "document", "p.json", squad_document(), {}, reads("p.json"), squad_parts, compressible=True
    )
    yield Input("pairs: rows of SQuAD", "lines", "p.jsonl", flat, {}, reads("p.jsonl", "squad-rows"), flat_parts)
    yield Input("pairs: Dolly", "lines", "p.jsonl", dolly, {}, reads("p.jsonl", "dolly"), dolly_parts)


def _present(folder: Path, file: str) -> str:
    """The file, under the name that it has with a suffix of a compression."""
    return next(path.name for path in folder.iterdir() if path.name.startswith(file))


def _benchmark_inputs() -> Iterator[Input]:
    document = squad_document(breaks=True)
    other = json.dumps(document).encode()

    def asked(value: Any) -> Iterator[tuple[str, str]]:
        for id_, content in _questions(value):
            yield id_, _plain([json.loads(content)[1]])

    german = _of_benchmark("de")
    lareqa = {"en.json": other}
    yield Input(
        "LAReQA folder", "document", "de.json", document, lareqa, lambda at: german(load_benchmark(at)), asked,
        compressible=True,
    )  # fmt: skip
    squad = squad_document()
    yield Input(
        "SQuAD file", "document", "de.x.json", squad, {},
        lambda at: german(load_benchmark(at / _present(at, "de.x.json"))), asked,
    )  # fmt: skip
    rows = pair_rows()
    yield Input(
        "pairs file as benchmark", "lines", "p.jsonl", rows, {},
        lambda at: german(load_benchmark(at / _present(at, "p.jsonl"))), _german_queries,
    )  # fmt: skip
    for changed in ("corpus", "queries", "qrels"):
        kind: Kind = "qrels" if changed == "qrels" else "lines"
        yield _own(f"BEIR folder: {changed}", changed, kind=kind, layout="beir")
        yield _own(f"own data: {changed}", changed, kind=kind, layout="own")
    yield _own("own data: corpus as Parquet", "corpus", kind="parquet", layout="own")
    yield _own("own data: queries as TSV", "queries", kind="tsv", layout="own")
    yield _zip_input()
    yield _mewsli_input()
    yield _afriqa_input()


def _german_queries(rows: Any) -> Iterator[tuple[str, str]]:
    for row in rows:
        if isinstance(row, dict) and isinstance(queries := row.get("queries"), dict) and "de" in queries:
            yield str(row.get("id")), _plain([queries["de"]])


def _zip_input() -> Input:
    corpus, queries, qrels = own_rows()
    members = {"corpus.jsonl": as_lines(corpus), "queries.jsonl": as_lines(queries)}
    members["qrels/test.tsv"] = "".join(f"{q}\t{d}\t{g}\n" for q, d, g in qrels).encode()
    found = _of_benchmark("en", passages=True)
    return Input(
        "BEIR zip", "zip", "b.zip", members, {}, lambda at: found(load_benchmark(at / "b.zip")), _by_id("id", "text")
    )


def zipped(members: dict[str, bytes], path: Path) -> None:
    """Write an archive."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def _mewsli_input() -> Input:
    rows = [
        {"entity_id": f"Q{n}", "title": word, "description": "a place", "description_language": "en"}
        for n, word in enumerate(WORDS)
    ]
    mention = {"example_id": "m", "entity_id": "Q0", "mention_span": {"start": 0, "end": 3, "text": "The"}}
    context = {"language": "de", "text": "The place.", "sentence_spans": [{"start": 0, "end": 10}]}
    others = {"wikinews_mentions-test.jsonl": as_lines([{"context": context, "mentions": [mention]}])}

    def parts(value: Any) -> Iterator[tuple[str, str]]:
        for row in value:
            if isinstance(row, dict):
                yield str(row.get("entity_id")), _plain([f"{row.get('title')} {row.get('description')}"])

    found = _of_benchmark("en", passages=True)
    file = "candidate_set_entities.jsonl"
    return Input("Mewsli-X", "lines", file, rows, others, lambda at: found(read_mewsli_x(at)), parts)


def _afriqa_input() -> Input:
    rows = [
        {"id": str(n), "context": f"It is {word}.", "title": word, "question_lang": f"Ina {word}?"}
        for n, word in enumerate(WORDS)
    ]

    def parts(value: Any) -> Iterator[tuple[str, str]]:
        for row in value:
            if isinstance(row, dict) and row.get("context") is not None:
                yield str(row.get("id")), _plain([row.get("question_lang")])

    found = _of_benchmark("ha")
    file = "gold_span_passages.afriqa.hau.en.test.json"
    return Input("AfriQA", "lines", file, rows, {}, lambda at: found(read_afriqa(at)), parts)


def _ranked_inputs() -> Iterator[Input]:
    """What is made elsewhere of a benchmark's texts: a run, and vectors as numpy and as Parquet have them."""
    rows = pair_rows()
    others = {"p.jsonl": as_lines(rows)}
    run = [("en/p0", "Q0", f"en/p{n}", str(n + 1), str(9 - n), "tag") for n in range(len(rows))]

    def ranked(folder: Path) -> Found:
        benchmark = load_benchmark(folder / "p.jsonl")
        lists = read_run([data_file(folder / "m.run")], benchmark, "multilingual", nothing_found=True)
        return Counter((f"{n}", "") for one in lists.values() for n in range(len(one.positions)))

    def lines(value: Any) -> Iterator[tuple[str, str]]:
        yield from ((f"{n}", "") for n, row in enumerate(value) if any(cell.strip() for cell in row))

    yield Input("TREC run", "qrels", "m.run", run, others, ranked, lines)
    vectors = [{"id": row["id"], "vector": [float(n), 1.5]} for n, row in enumerate(rows)]

    def stored(file: str) -> Callable[[Path], Found]:
        def read(folder: Path) -> Found:
            ids = [row["id"] for row in vectors]
            found = StoredVectors.read(folder / file).rows({"en": ids})["en"]
            return Counter((id_, _plain([float(one) for one in row])) for id_, row in zip(ids, found, strict=True))

        return read

    yield Input("vectors: Parquet", "parquet", "v.parquet", vectors, {}, stored("v.parquet"), lambda _: iter(()))
    buffer = io.BytesIO()
    np.savez(
        buffer,
        ids=np.array([row["id"] for row in vectors]),
        vectors=np.array([row["vector"] for row in vectors], dtype=np.float32),
    )
    yield Input("vectors: numpy", "bytes", "v.npz", buffer.getvalue(), {}, stored("v.npz"), lambda _: iter(()))


def every_input(work: Path) -> list[Input]:
    """Every reader's input; ``work`` is an empty folder, where results are made."""
    return [
        *_pair_inputs(),
        *_benchmark_inputs(),
        Input("settings (TOML)", "toml", "t.toml", TRAINING, {}, _settings, _toml_leaves),
        Input("study (TOML)", "toml", "s.toml", STUDY, {}, _study, _toml_leaves),
        *saved_inputs(work),
        *_ranked_inputs(),
    ]
