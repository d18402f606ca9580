"""One's own tables as pairs: what people have, in the forms that their tools write."""

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from equilingua import ParallelPairs
from equilingua.columns import Columns
from equilingua.errors import EquilinguaWarning, InputError, Problems
from equilingua.pairs.pair import ParallelPair
from equilingua.pairs.reading import read_pairs


def read(path: Path, **options: Any) -> list[ParallelPair]:
    problems = Problems(str(path))
    pairs = list(read_pairs(path, problems=problems, **options))
    problems.raise_if_any()
    return pairs


def texts(pairs: list[ParallelPair]) -> list[tuple[dict[str, str], dict[str, str]]]:
    return [(dict(pair.queries), dict(pair.passages)) for pair in pairs]


def lines(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


ROWS = [
    {"question": "Who flies?", "answer": "Owls do.", "lang": "en"},
    {"question": "Wer fliegt?", "answer": "Eulen.", "lang": "de"},
]
READ = [({"en": "Who flies?"}, {"en": "Owls do."}), ({"de": "Wer fliegt?"}, {"de": "Eulen."})]


def write_frame(path: Path, rows: list[dict[str, Any]]) -> Path:
    frame = pa.Table.from_pylist(rows).to_pandas()
    match path.suffix:
        case ".csv":
            frame.to_csv(path, index=False)
        case ".tsv":
            frame.to_csv(path, index=False, sep="\t")
        case ".parquet":
            frame.to_parquet(path)
        case ".json":
            frame.to_json(path, orient="records")
        case _:
            frame.to_json(path, orient="records", lines=True)
    return path


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet", ".json", ".jsonl", ".ndjson"])
def test_a_table_of_any_form_is_read_by_the_usual_names_of_its_columns(tmp_path: Path, suffix: str) -> None:
    pairs = read(write_frame(tmp_path / f"faq{suffix}", ROWS))
    assert texts(pairs) == READ
    assert {pair.source for pair in pairs} == {"faq"}
    assert len({pair.id for pair in pairs}) == 2


@pytest.mark.parametrize("query", ["question", "Query", "anchor", "query_text"])
@pytest.mark.parametrize("passage", ["passage", "Document", "context", "positive", "answer", "text"])
@pytest.mark.parametrize("language", ["language", "Lang", "lang_code"])
def test_usual_names_are_known(tmp_path: Path, query: str, passage: str, language: str) -> None:
    path = tmp_path / "faq.jsonl"
    path.write_text(lines([{query: "Who?", passage: "She.", language: "German", "id": 7}]))
    [pair] = read(path)
    assert (pair.id, dict(pair.queries), dict(pair.passages)) == ("7", {"de": "Who?"}, {"de": "She."})


def test_other_columns_are_named_and_those_that_are_not_there_told(tmp_path: Path) -> None:
    path = tmp_path / "faq.csv"
    path.write_text("Frage;Antwort;Sprache;Nr\nWer?;Sie.;deutsch;1\nWho?;She.;en;1\n")
    named = Columns(query="Frage", passage="Antwort,Text", language="Sprache", id="Nr")
    with pytest.raises(InputError, match=r"faq.csv:2: unknown language 'deutsch'"):
        read(path, columns=named)
    path.write_text(path.read_text().replace("deutsch", "German"))
    assert texts(read(path, columns=named)) == [({"de": "Wer?", "en": "Who?"}, {"de": "Sie.", "en": "She."})]
    with pytest.raises(InputError, match=r"no column 'Fragen' \(--query-column\). Did you mean 'Frage'\?"):
        read(path, columns=Columns(query="Fragen"))
    told = (
        r"faq.csv: no column is known as the query or the passage; columns are Frage, Antwort, Sprache, Nr. Say which"
    )
    with pytest.raises(InputError, match=told):
        read(path)


def test_the_language_is_that_of_the_option_or_the_files_name(tmp_path: Path) -> None:
    rows = [{"question": "Wer?", "answer": "Sie."}, {"question": "Wo?", "answer": "Da."}]
    for name in ("de.csv", "faq.de.csv", "faq-german.jsonl"):
        assert [*read(write_frame(tmp_path / name, rows))[0].queries] == ["de"]
    path = write_frame(tmp_path / "faq.csv", rows)
    assert [*read(path, language="deu")[0].queries] == ["de"]
    with pytest.raises(InputError, match=r"faq.csv:2: the row names no language: say which column does"):
        read(path)


def test_what_was_taken_of_several_columns_is_told(tmp_path: Path) -> None:
    path = tmp_path / "qa.en.jsonl"
    path.write_text(lines([{"question": "Who?", "answer": "She", "context": "She did it."}]))
    with pytest.warns(
        EquilinguaWarning, match=r"column 'context' is taken as the passage, though there is 'answer' too"
    ):
        assert texts(read(path)) == [({"en": "Who?"}, {"en": "She did it."})]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert texts(read(path, columns=Columns(passage="answer"))) == [({"en": "Who?"}, {"en": "She"})]


def test_rows_of_one_id_are_translations_or_other_right_passages(tmp_path: Path) -> None:
    rows = [
        {"id": "a", "lang": "en", "query": "Who?", "passage": "She.", "fit": 0.5},
        {"id": "b", "lang": "en", "query": "Where?", "passage": "There.", "fit": 1},
        {"id": "a", "lang": "de", "query": "Wer?", "passage": "Sie.", "fit": 0.7},
        {"id": "a", "lang": "en", "query": "Who?", "passage": "Her.", "fit": 0.5},
    ]
    for suffix in (".csv", ".jsonl"):
        pairs = read(write_frame(tmp_path / f"p{suffix}", rows))
        assert [pair.id for pair in pairs] == ["a", "a", "b"]
        assert texts(pairs) == [
            ({"en": "Who?", "de": "Wer?"}, {"en": "She.", "de": "Sie."}),
            ({"en": "Who?"}, {"en": "Her."}),
            ({"en": "Where?"}, {"en": "There."}),
        ]
        assert pairs[0].numbers == {"fit": 0.5}


@pytest.mark.parametrize("pattern", ["{}_{}", "{1}_{0}", "{}-{}", "{} {}"])
def test_a_column_a_language_is_a_text_in_it(tmp_path: Path, pattern: str) -> None:
    row = {pattern.format(what, tag): f"{what} {tag}" for what in ("question", "answer") for tag in ("en", "pt_BR")}
    rows = [{"question_id": 4, **row}, {"question_id": 5, pattern.format("question", "en"): "q", **row}]
    pairs = read(write_frame(tmp_path / "p.csv", rows))
    assert [pair.id for pair in pairs] == ["4", "5"]
    assert dict(pairs[0].queries) == {"en": "question en", "pt-BR": "question pt_BR"}
    assert dict(pairs[0].passages) == {"en": "answer en", "pt-BR": "answer pt_BR"}


def test_an_id_of_a_question_is_no_question_in_indonesian_but_beside_an_answer(tmp_path: Path) -> None:
    row = {"question_id": "7", "question_en": "q", "answer_en": "a"}
    assert texts(read(write_frame(tmp_path / "p.csv", [row]))) == [({"en": "q"}, {"en": "a"})]
    [pair] = read(write_frame(tmp_path / "q.csv", [row | {"answer_id": "b"}]))
    assert (dict(pair.queries), dict(pair.passages)) == ({"id": "7", "en": "q"}, {"en": "a", "id": "b"})


def test_columns_of_languages_and_translations_are_parallel_sentences(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("en\tde\nHello\tHallo\nBye\t\n")
    with pytest.raises(InputError, match=r"a.tsv:3: 'texts' holds one language only"):
        read(tmp_path / "a.tsv")
    (tmp_path / "b.jsonl").write_text(lines([{"id": "1", "translation": {"en": "Hello", "de": "Hallo"}}]))
    [pair] = read(tmp_path / "b.jsonl")
    assert (pair.sentences, dict(pair.passages)) == (True, {"en": "Hello", "de": "Hallo"})


def test_each_side_may_name_its_language(tmp_path: Path) -> None:
    row = {"query": "Wer?", "positive": "She.", "query_lang": "de", "positive_language": "en"}
    assert texts(read(write_frame(tmp_path / "p.csv", [row]))) == [({"de": "Wer?"}, {"en": "She."})]


def test_several_positives_and_negatives_are_read(tmp_path: Path) -> None:
    rows = [
        {"query": "Who?", "pos": ["She.", "Her."], "neg": ["He.", "It."]},
        {"query": "Where?", "positive_passages": [{"title": "T", "text": "There."}], "negative_passages": []},
        {"anchor": "When?", "positive": "Now.", "negative_1": "Then.", "negative_2": "Never."},
    ]
    read_rows = []
    for number, row in enumerate(rows):
        (tmp_path / f"{number}.en.jsonl").write_text(lines([{"id": number, **row}]))
        read_rows += read(tmp_path / f"{number}.en.jsonl")
    assert [(pair.id, pair.passages["en"], pair.negatives.get("en")) for pair in read_rows] == [
        ("0", "She.", ("He.", "It.")),
        ("0", "Her.", ("He.", "It.")),
        ("1", "T There.", None),
        ("2", "Now.", ("Then.", "Never.")),
    ]


def test_numbers_of_csv_are_columns_to_select_by(tmp_path: Path) -> None:
    path = write_frame(tmp_path / "p.csv", [row | {"score": number} for number, row in enumerate(ROWS)])
    pairs = ParallelPairs.read(path, progress=False)
    assert [pair.queries for pair in pairs.select(where=["score>=1"])] == [{"de": "Wer fliegt?"}]


def test_rows_in_squads_columns_are_told_by_them(tmp_path: Path) -> None:
    answered = {"id": "1", "question": "Who?", "context": "She did.", "answers": {"text": ["She"], "answer_start": [0]}}
    unanswered = answered | {"id": "2", "answers": {"text": [], "answer_start": []}}
    path = tmp_path / "train.en.parquet"
    pq.write_table(pa.Table.from_pylist([answered, unanswered]), path)
    assert texts(read(path)) == [({"en": "Who?"}, {"en": "She did."})]


Make = Callable[[datasets.Dataset, Path], None]


def as_hub(rows: datasets.Dataset, folder: Path) -> None:
    (folder / "data").mkdir(parents=True)
    (folder / "README.md").write_text("# Card")
    for number in range(2):
        rows.shard(2, number).to_parquet(folder / "data" / f"train-{number:05}-of-00002.parquet")
    rows.select([0]).to_parquet(folder / "data" / "test-00000-of-00001.parquet")


@pytest.mark.parametrize(
    "make",
    [
        lambda rows, folder: rows.save_to_disk(folder),
        lambda rows, folder: datasets.DatasetDict(train=rows).save_to_disk(folder),
        lambda rows, folder: rows.save_to_disk(folder, num_shards=2),
    ],
)
def test_what_datasets_saves_is_read(tmp_path: Path, make: Make) -> None:
    make(datasets.Dataset.from_list(ROWS), tmp_path / "saved")
    assert texts(read(tmp_path / "saved")) == READ
    assert ParallelPairs.read(tmp_path / "saved", progress=False).languages == ("de", "en")


def test_of_a_folder_as_on_the_hub_the_split_train_is_read_and_told(tmp_path: Path) -> None:
    as_hub(datasets.Dataset.from_list(ROWS), tmp_path / "hub")
    with pytest.warns(EquilinguaWarning, match=r"hub: of its splits \(test, train\) 'train' is read"):
        assert texts(read(tmp_path / "hub")) == READ
    assert texts(read(tmp_path / "hub" / "data" / "test-*.parquet")) == READ[:1]


def test_a_file_a_language_with_common_ids_is_one_table(tmp_path: Path) -> None:
    for tag, query in (("en", "Who?"), ("de", "Wer?")):
        write_frame(tmp_path / f"faq.{tag}.csv", [{"id": 1, "question": query, "answer": f"1 {tag}"}])
    assert texts(read(tmp_path)) == [({"de": "Wer?", "en": "Who?"}, {"de": "1 de", "en": "1 en"})]


def test_queries_with_what_is_relevant_to_them_are_pairs(tmp_path: Path) -> None:
    files = {
        "corpus.jsonl": [
            {"_id": "d1", "title": "Owls", "text": "They fly.", "language": "en", "item": "owl"},
            {"_id": "d2", "text": "Sie fliegen.", "language": "de", "item": "owl"},
            {"_id": "d3", "text": "Cats.", "language": "en"},
        ],
        "queries.jsonl": [
            {"_id": "q1", "text": "Who flies?", "language": "en", "item": "who"},
            {"_id": "q2", "text": "Wer fliegt?", "language": "de", "item": "who"},
            {"_id": "q3", "text": "Unjudged?", "language": "en"},
        ],
    }
    for name, rows in files.items():
        (tmp_path / name).write_text(lines(rows))
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "train.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td3\t2\nq1\td3\t0\n")
    (tmp_path / "qrels" / "test.tsv").write_text("q3\td3\t1\n")
    asked = {"en": "Who flies?", "de": "Wer fliegt?"}
    assert texts(read(tmp_path)) == [(asked, {"en": "Owls They fly.", "de": "Sie fliegen."}), (asked, {"en": "Cats."})]
    assert {pair.id for pair in read(tmp_path)} == {"who"}
    assert len(ParallelPairs.read(tmp_path, progress=False)) == 2


def test_a_wrong_file_repeats_no_problem_a_row(tmp_path: Path) -> None:
    (tmp_path / "p.jsonl").write_text(lines([{"question": "Who?", "answer": "She."}] * 500))
    with pytest.raises(InputError) as told:
        read(tmp_path / "p.jsonl")
    assert len(str(told.value).splitlines()) == 5
    assert str(told.value).endswith(f"... and 497 more of this kind, the next at {tmp_path / 'p.jsonl'}:4")
