import pytest

from equilingua.errors import InputError
from equilingua.pairs.pair import parse_pair


def parse(**fields):
    return parse_pair(fields, default_source="file")


def test_languages_are_normalised_and_nulls_are_missing_texts() -> None:
    pair = parse(id="a", queries={"eng_Latn": "Who?", "pt-br": None}, passages={"pt-br": "Ela."})
    assert dict(pair.queries) == {"en": "Who?"}
    assert dict(pair.passages) == {"pt-BR": "Ela."}


def test_texts_serve_as_queries_and_passages() -> None:
    pair = parse(id="a", texts={"en": "Hello", "de": "Hallo"})
    assert pair.sentences
    assert pair.queries == pair.passages == {"en": "Hello", "de": "Hallo"}


def test_other_numeric_columns_are_kept_and_other_columns_ignored() -> None:
    pair = parse(id="a", queries={"en": "q"}, passages={"en": "p"}, fi_match=0.5, flag=True, note="x")
    assert pair.numbers == {"fi_match": 0.5}


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf"), 10**400], ids=range(4))
def test_a_number_that_is_not_finite_is_told(number: float) -> None:
    with pytest.raises(InputError, match=r"^'score' must be a finite number, or null for none, got "):
        parse(id="a", queries={"en": "q"}, passages={"en": "p"}, score=number)
    assert parse(id="a", queries={"en": "q"}, passages={"en": "p"}, score=None).numbers == {}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"queries": {"en": "q"}, "passages": {"en": "p"}}, "'id' is missing"),
        ({"id": "a", "passages": {"en": "p"}}, "'queries' is missing"),
        ({"id": "a", "queries": {"en": " "}, "passages": {"en": "p"}}, "'queries': empty text in 'en'"),
        ({"id": "a", "queries": {"xx": "q"}, "passages": {"en": "p"}}, "'queries': unknown language 'xx'"),
        ({"id": "a", "queries": {"en": 3}, "passages": {"en": "p"}}, "must be a string, got int"),
        ({"id": "a", "queries": {"en": "q", "EN": "q"}, "passages": {"en": "p"}}, "language 'en' stands twice"),
        ({"id": "a", "queries": {"en": "q"}, "passages": ["p"]}, "'passages' must be an object"),
        ({"id": "a", "texts": {"en": "q"}}, "parallel to nothing"),
        ({"id": "a", "texts": {"en": "q", "de": "q"}, "queries": {"en": "q"}}, "not both"),
        ({"id": "a", "queries": {"en": "q"}, "passages": {"en": "p"}, "provenance": {"en": "mt"}}, "allowed: native, "),
        ({"id": "a", "queries": {"en": "q"}, "passages": {"en": "p"}, "negatives": {"en": "n"}}, "list of non-empty"),
        ({"id": "a", "queries": {"en": "q"}, "passages": {"en": "p"}, "negative": {"en": ["n"]}}, "mean 'negatives'"),
    ],
)
def test_what_is_wrong_is_said(fields: dict, message: str) -> None:
    with pytest.raises(InputError, match=message.replace("(", r"\(")):
        parse_pair(fields, default_source="file")


def test_every_problem_of_a_line_is_told_at_once() -> None:
    with pytest.raises(InputError) as error:
        parse(queries={"en": "", "xx": "q"}, passages={"en": "p"})
    assert "'id' is missing" in str(error.value)
    assert "unknown language 'xx'" in str(error.value)
    assert "empty text in 'en'" in str(error.value)
