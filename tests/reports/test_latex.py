import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equilingua.reports.latex import latex_escaped, latex_table
from equilingua.tables import Table

COMMANDS = {
    r"\textbackslash{}": "\\",
    r"\textasciitilde{}": "~",
    r"\textasciicircum{}": "^",
    r"\textless{}": "<",
    r"\textgreater{}": ">",
    r"\textbar{}": "|",
    **{rf"\{sign}": sign for sign in "#$%&_{}"},
}


def printed(latex: str) -> str:
    """What LaTeX would print of escaped text."""
    pattern = "|".join(re.escape(command) for command in sorted(COMMANDS, key=len, reverse=True))
    return re.sub(pattern, lambda found: COMMANDS[found.group()], latex)


@given(st.text(st.sampled_from("ab1 \\{}~^<>|#$%&_é中")))
def test_escaped_text_prints_as_it_was(text: str) -> None:
    assert printed(latex_escaped(text)) == " ".join(text.split())


@given(st.text(st.sampled_from("ab\\{}~^<>|#$%&_")))
def test_no_special_sign_is_left_bare(text: str) -> None:
    rest = re.sub(r"\\text[a-z]+\{\}|\\[#$%&_{}]", "", latex_escaped(text))
    assert not set(rest) & set("\\{}~^<>|#$%&_")


def test_a_table_keeps_its_cells_and_puts_intervals_below() -> None:
    table = Table("T_1", ("", "mAP [95 %]", "R&D"), (("a_b", "0.512 [0.490, 0.534]", "-"), ("c", "1", "2")), note="N.")
    lines = latex_table(table).splitlines()
    assert lines[2] == r"\caption{T\_1. N.}"
    assert lines[3] == r"\label{tab:t-1}"
    assert lines[5:7] == [r"\begin{tabular}{lrr}", r"\toprule"]
    assert lines[7] == r" & \shortstack[r]{mAP\\{\scriptsize [95 \%]}} & R\&D \\"
    assert lines[9] == r"a\_b & \shortstack[r]{0.512\\{\scriptsize [0.490, 0.534]}} & - \\"
    assert lines[10] == r"c & 1 & 2 \\"
    assert lines[-3:] == [r"\bottomrule", r"\end{tabular}}", r"\end{table}"]


def test_words_stand_left_and_negative_numbers_have_a_minus() -> None:
    rows = (("x-1", "cross-lingual", "-25 [-38, -11]", "-"),)
    lines = latex_table(
        Table("t", ("model", "setting", "difference", "p"), rows, note="First.\n\n- second")
    ).splitlines()
    assert lines[2] == r"\caption{t. First.}"
    assert lines[5] == r"\begin{tabular}{llrr}"
    assert lines[9] == r"x-1 & cross-lingual & \shortstack[r]{$-$25\\{\scriptsize [$-$38, $-$11]}} & - \\"


def test_stars_and_headers_of_several_words_go_below_with_their_intervals() -> None:
    table = Table("t", ("language", "against the mean [95 %]"), (("es", "-0.1 [-0.2, -0.0]*"),))
    lines = latex_table(table).splitlines()
    assert lines[7] == r"language & \shortstack[r]{against the mean\\{\scriptsize [95 \%]}} \\"
    assert lines[9] == r"es & \shortstack[r]{$-$0.1\\{\scriptsize [$-$0.2, $-$0.0]*}} \\"


def test_a_row_that_begins_with_a_bracket_is_no_option_of_the_line_before() -> None:
    lines = latex_table(Table("t", ("model",), (("[a]",), ("*",)))).splitlines()
    assert lines[9:11] == [r"{}[a] \\", r"{}* \\"]


def test_columns_of_long_words_are_broken_into_lines_and_share_the_width() -> None:
    rows = (("one claim", "a" * 41, "1", "b" * 40), ("another", "short", "2", "c" * 41))
    lines = latex_table(Table("t", ("claim", "found", "p", "why"), rows)).splitlines()
    assert lines[5] == r"\begin{tabular}{lp{0.40\linewidth}rp{0.40\linewidth}}"


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex here")
def test_latex_sets_a_table_that_is_too_wide_within_the_text(tmp_path: Path) -> None:
    rows = tuple((f"arm_{n} & more", *["-0.123 [-0.456, +0.789]*"] * 12, "word " * 30) for n in range(3))
    table = Table("Wide: 95 %", ("arm", *[f"mAP {n} [95 %]" for n in range(12)], "found"), rows, note="A note.")
    preamble = r"\documentclass{article}\usepackage{booktabs,graphicx}\begin{document}"
    (tmp_path / "page.tex").write_text(preamble + latex_table(table) + r"\end{document}", encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "page.tex"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Overfull" not in done.stdout
