import io

import pytest
from rich.console import Console

from equilingua.tables import Table


def test_columns_of_words_are_left_and_numbers_right() -> None:
    rows = (("x", "-", "better", "< .01"), ("y", "1 [0, 2]", "-", "-"))
    table = Table("t", ("model", "mAP", "verdict", "p"), rows)
    assert table.text_columns == (True, False, True, False)
    assert table.markdown().splitlines()[3] == "| --- | --: | --- | --: |"


def test_a_rich_table_shows_brackets_as_they_are() -> None:
    console = Console(file=io.StringIO(), width=60)
    rows = (("runs/[a]", "0.500 [0.490, 0.510]"),)
    console.print(Table("hybrid [/seed]", ("label", "mAP [95 %]"), rows, "Of [bold].").rich())
    text = console.file.getvalue()  # type: ignore[attr-defined]
    for part in ("hybrid [/seed]", "runs/[a]", "0.500", "[0.490, 0.510]", "[95 %]", "Of [bold]."):
        assert part in text


def test_markdown_escapes_what_would_end_a_cell_and_leaves_the_title_to_a_heading() -> None:
    table = Table("a <b>", ("", "x|y"), (("m", "1"),), "Less < more.")
    assert table.markdown() == "a &lt;b>\n\n|  | x\\|y |\n| --- | --: |\n| m | 1 |\n\nLess &lt; more."
    assert table.markdown_parts() == table.markdown().split("\n\n")[1:]


def test_plain_text_has_title_columns_and_note(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table("Costs", ("arm", "steps"), (("hybrid", "1,000"), ("x-y", "50")), "Means.")
    assert str(table) == "Costs\n\narm     steps\nhybrid  1,000\nx-y        50\n\nMeans."
    table.show()
    assert capsys.readouterr().out == f"\n{table}\n"
