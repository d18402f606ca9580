"""Texts of others are shown, and neither followed nor obeyed, wherever reports and commands write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from equilingua.escaping import csv_cell, markdown_escaped, markdown_paragraphs, terminal_text
from equilingua.reports.latex import latex_escaped
from equilingua.tables import Table

ESCAPE = "a\x1b]0;owned\x07b\x9b31mc\rd\u202ee"
LINKS = (
    "[click](javascript:alert(1))",
    "![x](http://tracker.example/p.png)",
    "[a][b]",
    "[b]: http://evil.example",
    "[b] : x",
    "[x] (http://evil.example)",
    "\\[x](y)",
    "\\\\[x](y)",
    "[![x](y)](z)",
    "<http://evil.example>",
    "<script>alert(1)</script>",
    "<b onclick=x>",
    "&#91;x](y)",
)


def tokens(markdown: str) -> list[Token]:
    found: list[Token] = []
    for token in MarkdownIt("commonmark").enable("table").parse(markdown):
        found += [token, *(token.children or [])]
    return found


def active(markdown: str) -> list[str]:
    return [
        token.type for token in tokens(markdown) if token.type in ("link_open", "image", "html_inline", "html_block")
    ]


@pytest.mark.parametrize("text", LINKS)
def test_nothing_in_a_text_becomes_a_link_an_image_or_html(text: str) -> None:
    assert any(active(f"{one}\n\n[b]: u\n\n[a]: u\n\n[x]: u") for one in (text, f"- {text}", "[b]"))  # these could
    safe = markdown_escaped(text)
    for place in (safe, f"- {safe}", f"## {safe}", f"| a |\n| --- |\n| {safe} |"):
        assert not active(place)
        assert MarkdownIt("commonmark").enable("table").parse(place)


@given(st.text(st.sampled_from("[]()!:<>&#;\\`|*_ab1 \n"), max_size=24))
def test_no_text_at_all_does_and_a_cell_stays_one(text: str) -> None:
    safe = markdown_escaped(text)
    assert not active(f"- {safe}")
    row = [token for token in tokens(f"| a | b |\n| --- | --- |\n| {safe} | end |") if token.type == "inline"]
    assert len(row) == 4
    assert row[3].content == "end"


@pytest.mark.parametrize("text", ["see https://evil.example/x", "HTTP://EVIL.example", "www.evil.example", "ftp://a.b"])
def test_addresses_are_not_made_links_by_whoever_shows_the_markdown(text: str) -> None:
    safe = markdown_escaped(text)
    assert "://" not in safe
    assert "www." not in safe
    [shown] = [token for token in tokens(safe) if token.type == "inline"]
    assert "".join(token.content for token in shown.children or []) == text


@pytest.mark.parametrize("text", ["0.798 [0.781, 0.814]", "rank_distance, R@10.", "a/b", "C:\\x", "1 < 2 & 3", "x*"])
def test_ordinary_texts_read_as_they_are(text: str) -> None:
    [shown] = [token for token in tokens(markdown_escaped(text)) if token.type == "inline"]
    assert "".join(token.content for token in shown.children or []) == text


def test_the_lines_of_a_note_stay_lines() -> None:
    assert markdown_paragraphs("Means.\n\n- [a](b) better\n- c") == "Means.\n\n- [a\\](b) better\n- c"
    table = Table("t", ("a",), (("b",),), note="of [m](http://e.example)")
    assert not active(table.markdown())


@pytest.mark.parametrize("sign", ["=1+1", "+1+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", " =1", '"=1', "＝1+1"])
def test_cells_that_are_formulas_get_an_apostrophe(sign: str) -> None:
    assert str(csv_cell(sign)).startswith("'")


@pytest.mark.parametrize("cell", ["en", "-0.25", "+3", "1e-9", "-1,234", "a=b", "", -0.5, 3, None])
def test_other_cells_stay_as_they_are(cell: object) -> None:
    assert csv_cell(cell) == cell


def test_control_characters_are_spelled_out_everywhere(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table(ESCAPE, (ESCAPE,), ((ESCAPE,),), note=ESCAPE)
    table.show()
    shown = [str(table), capsys.readouterr().out, table.markdown(), latex_escaped(ESCAPE), str(csv_cell(ESCAPE))]
    for text in (*shown, terminal_text(ESCAPE)):
        assert not set(text) & {"\x1b", "\x07", "\x9b", "\r", "\u202e"}
        assert "x1b" in text
