from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from equilingua.benchmarks.load import load_benchmark
from equilingua.benchmarks.own import own_benchmark
from equilingua.corpora.own import read_own
from equilingua.errors import EquilinguaWarning, InputError

Write = Callable[..., Path]

CORPUS = [
    {"id": "a", "text": "They fly.", "title": "Owls", "language": "en"},
    {"id": 2, "text": "Katzen.", "language": "deu"},
    {"id": "c", "text": "Dogs."},
]
QUERIES = [
    {"id": "q-en", "text": "Who?", "language": "en", "item": "q"},
    {"id": "q-de", "text": "Wer?", "language": "de", "item": "q"},
    {"id": "other", "text": "What?", "language": "en"},
]


def test_ids_texts_languages_and_items_are_read_as_columns(write_lines: Write) -> None:
    data = read_own(write_lines("corpus.jsonl", CORPUS), write_lines("queries.jsonl", QUERIES))
    assert data.corpus.ids == ("a", "2", "c")
    assert data.corpus.texts == ("Owls They fly.", "Katzen.", "Dogs.")
    assert data.corpus.languages == ("en", "de", None)
    assert data.queries.items == ("q", "q", "other")
    assert data.qrels is None
    assert set(data.hashes) == {"corpus.jsonl", "queries.jsonl"}


def test_parallel_queries_share_an_id_and_what_is_relevant_to_either(write_lines: Write) -> None:
    qrels = write_lines("qrels.tsv", "query-id\tcorpus-id\tscore\nq-en\ta\t1\nq-en\t2\t1\nq-de\t2\t3\n")
    data = read_own(write_lines("corpus.jsonl", CORPUS[:2]), write_lines("queries.jsonl", QUERIES), qrels)
    benchmark = own_benchmark(data, name="mine")
    assert {language: rows.ids for language, rows in benchmark.queries.items()} == {"en": ("q", "other"), "de": ("q",)}
    assert benchmark.qrels == {"en": {"q": {"a": 1, "2": 3}}, "de": {"q": {"a": 1, "2": 3}}}
    assert {language: rows.ids for language, rows in benchmark.corpora.items()} == {"en": ("a",), "de": ("2",)}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("qrels.txt", "other 0 a 1\n"),
        ("qrels.tsv", "other\ta\t1\n"),
        ("qrels.jsonl", '{"query-id": "other", "corpus-id": "a", "score": 1}\n'),
    ],
)
def test_judgements_come_as_trec_lines_three_columns_or_json(write_lines: Write, name: str, text: str) -> None:
    corpus, queries = write_lines("corpus.jsonl", CORPUS), write_lines("queries.jsonl", QUERIES)
    assert read_own(corpus, queries, write_lines(name, text)).qrels == {"other": {"a": 1}}


def test_a_missing_language_is_filled_in_or_told(write_lines: Write) -> None:
    data = read_own(write_lines("corpus.jsonl", CORPUS), write_lines("queries.tsv", "q1\tWho?\nq2\tWhat?\n"))
    with pytest.raises(InputError, match=r"queries.tsv: 2 of 2 rows name no language, the first is 'q1': add a f"):
        own_benchmark(data, name="mine")
    assert data.queries.with_language("en").languages == ("en", "en")
    assert data.corpus.with_language("fr").languages == ("en", "de", "fr")


def test_one_language_is_not_given_to_rows_beside_others_that_name_theirs(write_lines: Write) -> None:
    queries = write_lines("queries.tsv", "q1\tWho?\nq2\tWhat?\n")
    mixed = read_own(write_lines("mixed.jsonl", CORPUS), queries)
    with pytest.raises(InputError, match=r"mixed.jsonl: 1 of 3 rows name no language, the first is 'c': add a field"):
        mixed.with_language("en")
    english = read_own(write_lines("english.jsonl", CORPUS[:1]), queries)
    assert english.with_language("eng").queries.languages == ("en", "en")
    with pytest.raises(InputError, match=r"queries.tsv: 2 of 2 rows name no language"):
        english.with_language("de")


@pytest.mark.parametrize("name", ["lang", "Language", "lang_code", "locale"])
def test_languages_under_another_usual_name_are_read_where_no_row_has_the_right_one(
    write_lines: Write, name: str
) -> None:
    corpus = write_lines("corpus.jsonl", [{"id": n, "text": "x", name: tag} for n, tag in enumerate(("en", "German"))])
    queries = write_lines("queries.jsonl", QUERIES)
    assert read_own(corpus, queries).corpus.languages == ("en", "de")
    write_lines("corpus.jsonl", [{"id": n, "text": "x", name: "yes", "language": "en"} for n in range(3)])
    assert read_own(corpus, queries).corpus.languages == ("en",) * 3


def test_a_byte_order_mark_at_the_start_of_any_file_is_passed_over(write_lines: Write) -> None:
    corpus = write_lines("corpus.jsonl", '\ufeff{"id": "a", "text": "x"}\n')
    queries = write_lines("queries.tsv", "\ufeffid\ttext\nq1\tWho?\n")
    for name, judged in (
        ("qrels.tsv", "q1\ta\t1"),
        ("qrels.jsonl", '{"query-id": "q1", "corpus-id": "a", "score": 1}'),
    ):
        data = read_own(corpus, queries, write_lines(name, f"\ufeff{judged}\n"))
        assert (data.corpus.ids, data.queries.ids, data.qrels) == (("a",), ("q1",), {"q1": {"a": 1}})


def test_parquet_reads_as_json_lines_do(write_lines: Write, tmp_path: Path) -> None:
    corpus, queries = [row | {"id": str(row["id"])} for row in CORPUS], write_lines("queries.jsonl", QUERIES)
    pq.write_table(pa.Table.from_pylist(corpus), tmp_path / "corpus.parquet")
    data = read_own(tmp_path / "corpus.parquet", queries)
    assert data.corpus == read_own(write_lines("corpus.jsonl", corpus), queries).corpus
    pq.write_table(pa.Table.from_pylist([{"id": "a", "text": " "}]), tmp_path / "queries.parquet")
    with pytest.raises(InputError, match=r"queries.parquet: row 1: 'a' has neither text nor title"):
        read_own(tmp_path / "corpus.parquet", tmp_path / "queries.parquet")


def test_several_corpus_files_are_one_corpus(write_lines: Write) -> None:
    parts = [write_lines("docs-0.jsonl", CORPUS[:1]), write_lines("docs-1.jsonl", CORPUS[1:])]
    assert read_own(parts, write_lines("queries.jsonl", QUERIES)).corpus.ids == ("a", "2", "c")


def test_every_bad_line_of_every_file_is_in_one_report(write_lines: Write) -> None:
    corpus = write_lines(
        "corpus.jsonl",
        '{"id": "a", "text": "x"}\n{"id": "a", "text": "y"}\n{"text": "z"}\n{"id": "b", "text": " "}\n{"id": "c"\n'
        '{"id": "d", "text": "x", "language": "klingonese"}\n["e"]\n{"id": "f", "text": 3}\n{"id": 1.5, "text": "x"}\n',
    )
    queries = write_lines("queries.tsv", "q1\tWho?\nq2\n")
    qrels = write_lines("qrels.tsv", "q1\ta\t1\nq1\ta\t2\nq9\ta\t1\nq1\tz\t1\nq1\ta\thigh\nq1\ta\n")
    with pytest.raises(InputError) as told:
        read_own(corpus, queries, qrels)
    message = str(told.value)
    assert message.startswith("corpus and queries: 11 problems")
    for part in (
        f"corpus.jsonl:2: id 'a' stands twice, first at {corpus}:1",
        "corpus.jsonl:3: 'id' is missing",
        "corpus.jsonl:5: broken JSON at character",
        "corpus.jsonl:6: unknown language 'klingonese'",
        "corpus.jsonl:7: a JSON object was expected, got list",
        "corpus.jsonl:8: 'text' of 'f' must be a text",
        "corpus.jsonl:9: 'id' must be a non-empty text or an integer, got 1.5",
        "queries.tsv:2: 2 columns (id, text) were expected, got 1",
        "qrels.tsv:2: query 'q1' and passage 'a' were judged otherwise before",
        "qrels.tsv:5: the score must be a whole number, got 'high'",
        "qrels.tsv:6: 3 columns (query, passage, score) or TREC's 4 were expected, got 2",
    ):
        assert part in message


def test_judgements_are_looked_up_once_corpus_and_queries_are_right(write_lines: Write) -> None:
    corpus, queries = write_lines("corpus.jsonl", "\n"), write_lines("queries.tsv", "q1\tWho?\n")
    qrels = write_lines("qrels.tsv", "q9\ta\t1\nq1\ta\t1\nq1\tz\t1\n")
    with (
        pytest.raises(InputError) as refused,
        pytest.warns(EquilinguaWarning, match=r"1 judgements name queries that are not among the queries"),
    ):
        read_own(corpus, queries, qrels)
    # Of passages nothing is told but that there are none.
    assert str(refused.value) == f"corpus and queries: 1 problem\n{corpus}: no passage"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        (
            "docs.jsonl",
            '{"number": 1, "words": "x"}\n' * 9,
            ": no row has 'id' or 'text'; columns are number, words. Say which are (--id-column and --passage-column "
            "NAME), or call them id, text",
        ),
        (
            "docs.jsonl",
            '{"id": 1, "words": "x"}\n' * 9,
            ": no row has 'text'; columns are id, words. Say which are (--passage-column NAME), or call them id, text",
        ),
        (
            "docs.txt",
            "id,text\n1,x\n2,y\n",
            ":1: broken JSON at character 0: Expecting value; no line can be read. Corpus and queries are JSON lines "
            "(.jsonl), CSV, TSV or Parquet with id and text, or id<TAB>text (.tsv), plain or .gz, .xz, .zst",
        ),
        (
            "docs.tsv",
            "1\tx\ty\n1\tx\ty\n",
            ":1: 3 columns, and the first line names none that is known: give the file a heading such as id<TAB>text, "
            "or say which columns it has (--query-column NAME, ...); no line can be read. Corpus and queries are JSON "
            "lines (.jsonl), CSV, TSV or Parquet with id and text, or id<TAB>text (.tsv), plain or .gz, .xz, .zst",
        ),
    ],
)
def test_what_is_wrong_with_every_row_is_told_once(write_lines: Write, name: str, text: str, told: str) -> None:
    corpus = write_lines(name, text)
    with pytest.raises(InputError) as refused:
        read_own(corpus, write_lines("queries.jsonl", QUERIES))
    assert str(refused.value) == f"corpus and queries: 1 problem\n{corpus}{told}"


def test_judgements_of_what_is_not_there_are_counted_and_passed_over(write_lines: Write) -> None:
    corpus, queries = write_lines("corpus.jsonl", CORPUS), write_lines("queries.jsonl", QUERIES)
    lines = [*(f"elsewhere-{n}\ta\t1" for n in range(34_441)), "other\ta\t2", "other\tgone\t1"]
    qrels = write_lines("qrels.tsv", "\n".join(lines))
    told = (
        rf"^{qrels}: 34,441 judgements name queries that are not among the queries, the first is 'elsewhere-0' at "
        rf"{qrels}:1; 1 judgements name passages that are not in the corpus, the first is 'gone' at {qrels}:34443: "
    )
    with pytest.warns(EquilinguaWarning, match=told):
        assert read_own(corpus, queries, qrels).qrels == {"other": {"a": 2}}


@pytest.mark.parametrize("line", ["q9\ta\t1", "other\tz\t1"])
def test_judgements_of_which_none_is_left_are_refused(write_lines: Write, line: str) -> None:
    corpus, queries = write_lines("corpus.jsonl", CORPUS), write_lines("queries.jsonl", QUERIES)
    with pytest.raises(
        InputError, match=r"qrels.tsv: none of its 3 judgements is of a query and a passage that are the"
    ):
        read_own(corpus, queries, write_lines("qrels.tsv", f"{line}\n" * 3))


@pytest.mark.parametrize("text", ['"text": null', '"text": ""', '"text": " \\n"', '"lang": "en"'])
def test_a_text_that_is_none_is_none_however_it_is_written(write_lines: Write, tmp_path: Path, text: str) -> None:
    rows = f'{{"id": "a", "title": "Owls", {text}}}\n{{"id": "b", {text}}}\n{{"id": "c", "text": "x"}}\n'
    corpus, queries = write_lines("corpus.jsonl", rows), write_lines("queries.jsonl", QUERIES)
    assert read_own(corpus, queries).corpus.texts == ("Owls", "", "x")
    with pytest.raises(InputError, match=r"queries.jsonl:2: 'b' has neither text nor title"):
        read_own(corpus, write_lines("queries.jsonl", rows))
    for qrels in ("qrels.tsv", "qrels/test.tsv"):
        folder = tmp_path / qrels.replace("/", "_")
        for name, content in (("corpus.jsonl", rows), ("queries.tsv", "q\tx\n"), (qrels, "q\ta\t1\n")):
            write_lines(f"{folder.name}/{name}", content.replace("lang", "kind"))
        read = load_benchmark(folder, languages=["en"])
        assert [*read.corpora["en"].texts] == ["Owls", "", "x"]


@pytest.mark.parametrize("heading", ["id\ttext", "_id\tpassage", "query_id\tquery", "QID\tText"])
def test_a_heading_of_tab_separated_lines_is_no_row(write_lines: Write, heading: str) -> None:
    queries = write_lines("queries.tsv", f"{heading}\ncovid\tWhat is it?\nid\tWhat is an id?\n")
    assert read_own(write_lines("corpus.jsonl", CORPUS), queries).queries.ids == ("covid", "id")


def test_an_id_that_stands_in_two_files_is_told_with_both_places(write_lines: Write) -> None:
    one, two = write_lines("one.jsonl", "\n" + '{"id": "a", "text": "x"}\n'), write_lines("two.jsonl", CORPUS)
    with pytest.raises(InputError, match=rf"{two}:1: id 'a' stands twice, first at {one}:2$"):
        read_own([one, two], write_lines("queries.jsonl", QUERIES))


def test_a_judgement_that_lacks_a_field_is_told_with_the_fields_it_has(write_lines: Write) -> None:
    corpus, queries = write_lines("corpus.jsonl", CORPUS), write_lines("queries.jsonl", QUERIES)
    judged = write_lines("qrels.jsonl", '{"asked": "q1", "corpus-id": "a", "stars": 1}\n')
    with pytest.raises(
        InputError, match=r"qrels.jsonl:1: 'query-id', 'score' missing; the row has asked, corpus-id, stars"
    ):
        read_own(corpus, queries, judged)


@pytest.mark.parametrize("score", ["1" + "0" * 400, "NaN", "1e999", "0.5", "null"])
def test_a_score_that_is_no_whole_number_is_told(write_lines: Write, score: str) -> None:
    judged = f'{{"query-id": "q1", "corpus-id": "a", "score": {score}}}\n'
    corpus, queries = write_lines("corpus.jsonl", CORPUS), write_lines("queries.jsonl", QUERIES)
    with pytest.raises(InputError, match=r"qrels.jsonl:1: the score must be a whole number"):
        read_own(corpus, queries, write_lines("qrels.jsonl", judged))


def test_judgements_of_which_none_is_above_0_are_refused(write_lines: Write) -> None:
    qrels = write_lines("qrels_zero.tsv", "other\ta\t0\nother\tc\t-1\n")
    with pytest.raises(InputError, match=r"qrels_zero.tsv: no grade is above 0, so nothing is relevant$"):
        read_own(write_lines("corpus.jsonl", CORPUS), write_lines("queries.jsonl", QUERIES), qrels)


def test_an_item_stands_once_in_a_language(write_lines: Write) -> None:
    twice = [{"id": n, "text": "Who?", "language": "en", "item": "q"} for n in range(2)]
    with pytest.raises(InputError, match=r"queries.jsonl: query '1': item 'q' stands twice in 'en'"):
        read_own(write_lines("corpus.jsonl", CORPUS), write_lines("queries.jsonl", twice))


def test_empty_and_missing_files_are_told(write_lines: Write, tmp_path: Path) -> None:
    queries = write_lines("queries.jsonl", QUERIES)
    with pytest.raises(InputError, match=r"corpus.jsonl: no passage"):
        read_own(write_lines("corpus.jsonl", "\n"), queries)
    with pytest.raises(InputError, match=r"corpus.json: no such file. Did you mean .*corpus.jsonl\?"):
        read_own(tmp_path / "corpus.json", queries)


def test_a_damaged_file_is_told_with_its_line(write_lines: Write, tmp_path: Path) -> None:
    broken = tmp_path / "corpus.jsonl.gz"
    broken.write_bytes(b"no gzip")
    with pytest.raises(InputError, match=r"corpus.jsonl.gz:1: cannot be read further"):
        read_own(broken, write_lines("queries.jsonl", QUERIES))


def test_queries_stand_with_the_tag_by_which_the_corpus_names_their_language(write_lines: Write) -> None:
    corpus = [{"id": "a", "text": "Ugler.", "language": "nb"}, {"id": "b", "text": "Owls.", "language": "en"}]
    queries = [{"id": "q", "text": "Hvem?", "language": "no"}, {"id": "r", "text": "Who?", "language": "en-GB"}]
    qrels = write_lines("qrels.tsv", "q\ta\t1\nr\tb\t1\n")
    data = read_own(write_lines("corpus.jsonl", corpus), write_lines("queries.jsonl", queries), qrels)
    with pytest.warns(EquilinguaWarning) as told:
        benchmark = own_benchmark(data, name="mine")
    assert set(benchmark.queries) == {"nb", "en"}
    assert ["'no' are taken for 'nb'" in str(one.message) for one in told] == [True, False]


def test_tags_that_stand_side_by_side_are_kept_apart(write_lines: Write) -> None:
    corpus = [{"id": "a", "text": "Corujas.", "language": "pt-BR"}, {"id": "b", "text": "Mochos.", "language": "pt"}]
    queries = [{"id": "q", "text": "Quem?", "language": "pt"}, {"id": "r", "text": "Quem?", "language": "pt-BR"}]
    qrels = write_lines("qrels.tsv", "q\ta\t1\nr\tb\t1\n")
    data = read_own(write_lines("corpus.jsonl", corpus), write_lines("queries.jsonl", queries), qrels)
    assert set(own_benchmark(data, name="mine").queries) == {"pt", "pt-BR"}
