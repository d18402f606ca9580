"""Tables as spreadsheets, pandas and databases write them."""

from pathlib import Path
from typing import Any

import pytest

from equilingua.data_files import data_file
from equilingua.errors import Problems
from equilingua.rows import read_rows

ROWS = [{"id": "1", "text": "Who, what?", "lang": "en"}, {"id": "2", "text": 'A "quote"\n\nand a line.', "lang": "de"}]


def read(path: Path, content: str | bytes, **options: Any) -> tuple[list[Any], list[str]]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    problems = Problems("table")
    rows = [row.value for row in read_rows(data_file(path), problems, **options)]
    return rows, [problem.removeprefix(str(path)) for problem in problems.shown]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("before", ["", "\ufeff", "sep={}\n", "\n"])
def test_csv_is_read_whatever_separates_its_cells(tmp_path: Path, separator: str, end: str, before: str) -> None:
    text = '"A ""quote""\n\nand a line."'
    lines = (["id", "text", "lang"], ["1", '"Who, what?"', "en"], ["2", text, "de"], ["", "", ""])
    content = before.format(separator) + "".join(separator.join(cells) + end for cells in lines)
    assert read(tmp_path / "t.csv", content) == (ROWS, [])


def test_a_cell_without_content_has_no_key_and_a_column_without_a_name_is_passed_over(tmp_path: Path) -> None:
    rows, told = read(tmp_path / "t.csv", ",id,text\n0,1,x\n1,2,\n2,3,y,\n")
    assert (rows, told) == ([{"id": "1", "text": "x"}, {"id": "2"}, {"id": "3", "text": "y"}], [])


def test_what_is_no_csv_is_told_with_its_line_and_the_rest_is_read(tmp_path: Path) -> None:
    rows, told = read(tmp_path / "t.csv", 'id,text\n1,x\n2\n3,"a"b\n4,y,z\n5,"two\nlines"\n6,"open\n7,z\n')
    assert rows == [{"id": "1", "text": "x"}, {"id": "5", "text": "two\nlines"}]
    assert told == [
        ":3: 2 columns (id, text) were expected, got 1",
        ":5: 2 columns (id, text) were expected, got 3",
        ":4: no CSV: ',' expected after '\"'",
        ":9: the cell in quotes that begins in row 8 is not closed",
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("id,text\n1,é\n".encode("cp1252"), ":2: byte 0xe9 is not UTF-8: save the table as UTF-8 ('CSV UTF-8')"),
        ("id,text\n1,x\n".encode("utf-16"), ":1: is UTF-16 text: save it as UTF-8"),
        (b"id,text,id\n1,x,2\n", ":1: column 'id' is there twice"),
    ],
)
def test_a_table_in_another_encoding_or_with_a_name_twice_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    assert read(tmp_path / "t.csv", content) == ([], [told])


def test_a_text_longer_than_pythons_limit_of_a_cell_is_read(tmp_path: Path) -> None:
    [row], told = read(tmp_path / "t.csv", f"id,text\n1,{'x' * 200_000}\n")
    assert (len(row["text"]), told) == (200_000, [])


@pytest.mark.parametrize("heading", ["id\ttitle\ttext", "question\tanswer\tgroup_id", "Nr\tlang\tWorte", "en\tde\tfr"])
def test_tab_separated_lines_may_have_any_columns_that_a_heading_names(tmp_path: Path, heading: str) -> None:
    rows, told = read(tmp_path / "t.tsv", f'{heading}\na\t"b" c\t"He said ""hi"""\n\td\t"e"\n')
    names = heading.split("\t")
    assert rows == [dict(zip(names, ["a", '"b" c', 'He said "hi"'], strict=True)), {names[1]: "d", names[2]: '"e"'}]
    assert told == []


def test_columns_that_the_user_names_make_a_heading(tmp_path: Path) -> None:
    content = "Frage\tAntwort\nWer?\tSie.\n"
    assert read(tmp_path / "t.tsv", content, named=("Frage", "Antwort"))[0] == [{"Frage": "Wer?", "Antwort": "Sie."}]
    assert read(tmp_path / "t.tsv", content)[0] == [{"id": "Frage", "text": "Antwort"}, {"id": "Wer?", "text": "Sie."}]


@pytest.mark.parametrize(
    "content",
    [
        '[{"id": 1, "text": "x"},\n {"id": 2, "text": "y"}]',
        '{"id": 1, "text": "x"}\n{"id": 2, "text": "y"}\n',
        '{"data": [{"id": 1, "text": "x"}, {"id": 2, "text": "y"}]}',
        '{"id": [1, 2], "text": ["x", "y"]}',
        '{"id": {"0": 1, "1": 2}, "text": {"0": "x", "1": "y"}}',
        '{\n "id": [1, 2],\n "text": ["x", "y"]\n}',
    ],
)
def test_json_is_a_list_lines_or_columns(tmp_path: Path, content: str) -> None:
    assert read(tmp_path / "t.json", content) == ([{"id": 1, "text": "x"}, {"id": 2, "text": "y"}], [])


def test_broken_json_is_told_once(tmp_path: Path) -> None:
    assert read(tmp_path / "t.json", '[{"id": 1,\n"text": }]') == ([], [":2: broken JSON: Expecting value"])
