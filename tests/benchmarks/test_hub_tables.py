import pytest
from datasets import Dataset

from equilingua.benchmarks.hub import (
    beir_part,
    belebele_part,
    bitext_benchmark,
    speeches_benchmark,
)
from equilingua.errors import InputError


def test_beir_tables_are_documents_with_titles_and_the_judged_queries() -> None:
    part = beir_part(
        Dataset.from_list([{"_id": "1", "title": "Owls", "text": "Fly."}, {"_id": "2", "title": "", "text": "Cats."}]),
        Dataset.from_list([{"id": 7, "text": "Who?"}, {"id": 8, "text": "What?"}]),
        Dataset.from_list([{"query-id": "7", "corpus-id": 1, "score": 1.0}]),
    )
    assert part.corpus.texts == ("Owls Fly.", "Cats.")
    assert (part.queries.ids, part.queries.texts) == (("7",), ("Who?",))
    assert part.qrels == {"7": {"1": 1}}


def test_a_missing_column_is_told_with_those_there_are() -> None:
    table = Dataset.from_list([{"_id": "1", "body": "x"}])
    with pytest.raises(InputError, match=r"a table of the hub lacks text: it has _id, body"):
        beir_part(table, table, Dataset.from_list([{"query-id": "1", "corpus-id": "1", "score": 1}]))


def test_belebele_has_a_passage_once_for_all_its_questions() -> None:
    rows = [
        {"link": "a", "question_number": n, "flores_passage": "Passage.", "question": f"{n}?", "mc_answer1": "x"}
        for n in (1, 2)
    ]
    part = belebele_part(Dataset.from_list([*rows, rows[0] | {"link": "b", "flores_passage": "Other."}]))
    assert part.corpus.ids == ("a", "b")
    assert part.queries.ids == ("a#1", "a#2", "b#1")
    assert part.qrels == {"a#1": {"a": 1}, "a#2": {"a": 1}, "b#1": {"b": 1}}


def test_bitext_is_searched_for_in_both_directions() -> None:
    tables = {
        "deu-eng": Dataset.from_list([{"sentence1": "Hallo", "sentence2": "Hello"}]),
        "fra-eng": Dataset.from_list([{"sentence1": "Salut", "sentence2": "Hello"}]),
    }
    benchmark = bitext_benchmark(tables, name="pairs", hashes={"hub": "commit"})
    assert benchmark.languages == ("de", "en", "fr")
    assert benchmark.corpora["en"].ids == ("en/deu-eng/0",)
    assert benchmark.qrels["fr"] == {"fra-eng/0": {"en/deu-eng/0": 1}}
    assert benchmark.hashes == {"hub": "commit"}


def test_debates_are_asked_for_by_their_title_in_every_language() -> None:
    rows = [
        {"did": "s1", "TEXT": "Speech one.", "LANGUAGE": "EN", "title_EN": "Fish", "title_DE": "Fisch", "qid_EN": "d1"},
        {"did": "s2", "TEXT": "Rede zwei.", "LANGUAGE": "DE", "title_EN": "Fish", "title_DE": "Fisch", "qid_EN": "d1"},
        {"did": "s3", "TEXT": "Rede drei.", "LANGUAGE": "DE", "title_EN": "Tax", "title_DE": None, "qid_EN": "d2"},
    ]
    benchmark = speeches_benchmark(Dataset.from_list(rows), name="debates", hashes={})
    assert {tag: found.ids for tag, found in benchmark.queries.items()} == {"de": ("d1",), "en": ("d1", "d2")}
    assert benchmark.qrels["en"] == {"d1": {"s1": 1, "s2": 1}, "d2": {"s3": 1}}
    assert benchmark.corpora["de"].texts == ("Rede zwei.", "Rede drei.")
