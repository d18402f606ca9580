from collections.abc import Callable
from pathlib import Path

import pytest

from equilingua.benchmarks.pairs import read_pair_file
from equilingua.errors import InputError

Write = Callable[..., Path]


def test_pairs_are_asked_and_found_in_every_language_they_have(write_lines: Write) -> None:
    path = write_lines(
        "faq.small.jsonl",
        [
            {"id": "1", "queries": {"en": "Who?", "de": "Wer?"}, "passages": {"en": "She.", "fr": "Elle."}},
            {"id": "2", "queries": {"en": "What?"}, "passages": {"en": "She."}},
        ],
    )
    benchmark = read_pair_file(path)
    assert benchmark.name == "faq"
    assert {tag: rows.ids for tag, rows in benchmark.queries.items()} == {"en": ("1", "2"), "de": ("1",)}
    # The passage that both pairs share stands once.
    assert {tag: rows.ids for tag, rows in benchmark.corpora.items()} == {"en": ("en/1",), "fr": ("fr/1",)}
    assert benchmark.qrels["en"] == {"1": {"en/1": 1, "fr/1": 1}, "2": {"en/1": 1}}
    assert benchmark.qrels["de"] == {"1": {"en/1": 1, "fr/1": 1}}
    assert benchmark.excluded == {}


def test_sentences_are_found_in_other_languages_and_their_own_text_is_excluded(write_lines: Write) -> None:
    path = write_lines(
        "sentences.jsonl",
        [
            {"id": "1", "texts": {"en": "Hello", "de": "Hallo"}},
            {"id": "2", "texts": {"en": "Hello", "fr": "Salut"}},
        ],
    )
    benchmark = read_pair_file(path)
    assert benchmark.corpora["en"].ids == ("en/1",)
    # "Hello" stands in two pairs, so both translations answer both.
    assert benchmark.qrels["en"] == {"1": {"de/1": 1, "fr/2": 1}, "2": {"de/1": 1, "fr/2": 1}}
    assert benchmark.qrels["de"] == {"1": {"en/1": 1}}
    assert benchmark.excluded == {
        "en": {"1": ("en/1",), "2": ("en/1",)},
        "de": {"1": ("de/1",)},
        "fr": {"2": ("fr/2",)},
    }


def test_only_the_languages_asked_for_are_taken(write_lines: Write) -> None:
    three, two = {"en": "Hello", "de": "Hallo", "fr": "Salut"}, {"en": "Hello", "de": "Guten Tag"}
    path = write_lines("s.jsonl", [{"id": "1", "texts": three}, {"id": "2", "texts": two}])
    benchmark = read_pair_file(path, languages=["EN", "fr"])
    assert benchmark.languages == ("en", "fr")
    # The second line has one of the two languages only.
    assert benchmark.queries["en"].ids == ("1",)
    assert benchmark.qrels["en"] == {"1": {"fr/1": 1}}
    with pytest.raises(InputError, match=r"s.jsonl: 1 problem\nholds no pair in th"):
        read_pair_file(path, languages=["th"])


def test_bad_lines_and_repeated_ids_are_in_one_report(write_lines: Write) -> None:
    good = {"id": "1", "texts": {"en": "Hello", "de": "Hallo"}}
    path = write_lines("s.jsonl", [good, good, {"id": "2", "texts": {"en": "alone"}}])
    with pytest.raises(InputError) as told:
        read_pair_file(path)
    assert "s.jsonl: 2 problems\npair '1' stands twice" in str(told.value)
    assert "s.jsonl:3: 'texts' holds one language only" in str(told.value)


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ({"_id": "1", "title": "Helsinki", "text": "A city."}, "passages or queries (rows of an id and a text)"),
        ({"query-id": "1", "corpus-id": "2", "score": 1}, "judgements (rows of query-id, corpus-id and score)"),
    ],
)
def test_rows_of_a_benchmark_are_told_once_and_how_to_give_them(
    write_lines: Write, row: dict[str, object], what: str
) -> None:
    path = write_lines("corpus.jsonl", [row] * 50)
    with pytest.raises(InputError) as caught:
        read_pair_file(path)
    assert str(caught.value) == (
        f"{path}: 1 problem\n{path}: seems to hold {what}, not pairs. Put corpus.jsonl, queries.jsonl and "
        "qrels.tsv in a folder and give the folder; or, with or without judgements, equilingua audit MODEL --corpus "
        "FILE --queries FILE"
    )


def test_a_pair_with_a_misspelt_column_is_told_with_its_line(write_lines: Write) -> None:
    with pytest.raises(InputError, match=r"pairs\.jsonl:1: 'queries' is missing"):
        read_pair_file(write_lines("pairs.jsonl", [{"id": "1", "query": {"en": "?"}, "passages": {"en": "!"}}]))


def test_rows_of_a_corpus_are_told_behind_a_byte_order_mark_too(write_lines: Write) -> None:
    path = write_lines("docs.jsonl", '\ufeff{"id": "a", "text": "x"}\n')
    with pytest.raises(InputError, match=r"docs.jsonl: seems to hold passages or queries"):
        read_pair_file(path)
