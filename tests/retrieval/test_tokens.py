import pytest
from hypothesis import given
from hypothesis import strategies as st

from equilingua.retrieval.lexical import BM25, normalised, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The COLOURS of autumn, 1999!", ["the", "colours", "of", "autumn", "1999"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("Cafe\u0301 CAFÉ", ["café", "café"]),
        ("한국어 문장", ["한국어", "문장"]),
        ("北京大学", ["北京", "京大", "大学"]),
        ("水", ["水"]),
        ("コーヒーを飲む", ["コー", "ーヒ", "ヒー", "ーを", "を飲", "飲む"]),
        ("ไทย", ["ไท", "ทย"]),
        ("iPhone在中国", ["iphone", "在中", "中国"]),
        ("?! ...", []),
        ("", []),
    ],
)
def test_words_where_there_are_spaces_and_bigrams_where_there_are_none(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@given(st.text())
def test_tokens_hold_the_letters_and_digits_of_the_text_in_order(text: str) -> None:
    position, whole = 0, normalised(text)
    for token in tokens(text):
        position = whole.find(token, position)
        assert position >= 0
    assert {c for c in whole if c.isalnum()} <= set("".join(tokens(text)))


def test_tokens_that_were_not_learned_are_left_out() -> None:
    pool = BM25().pool([["a rose is a rose"]])
    assert pool.query_terms(["Rose is red", "blue", "a rose a"]).toarray().tolist() == [[0, 1, 1], [0, 0, 0], [2, 1, 0]]
