"""Folding by the Unicode rules: every character, however it is written."""

import sys
import unicodedata

import regex
from hypothesis import given
from hypothesis import strategies as st

from equilingua.folding import folded

CHARACTERS = [chr(number) for number in range(sys.maxunicode + 1) if not 0xD800 <= number < 0xE000]


def test_capitals_fold_as_their_small_letters() -> None:
    differing = [c for c in CHARACTERS if unicodedata.category(c) == "Lu" and folded(c) != folded(c.lower())]
    assert differing == []


def test_folding_again_changes_nothing() -> None:
    assert [c for c in CHARACTERS if folded(folded(c)) != folded(c)] == []


def test_what_nobody_sees_is_gone_and_nothing_else() -> None:
    ignorable = regex.compile(r"\p{Default_Ignorable_Code_Point}")
    assert [c for c in CHARACTERS if (folded(c) == "") != bool(ignorable.fullmatch(c))] == []


@given(st.text())
def test_all_ways_to_write_a_text_fold_alike(text: str) -> None:
    ways = {unicodedata.normalize(form, text) for form in ("NFC", "NFD", "NFKC", "NFKD")}
    assert {folded(way) for way in ways} == {folded(text)}
