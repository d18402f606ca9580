import gzip
import lzma
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from equilingua.errors import InputError, Problems
from equilingua.rows import DataFile, Row, data_file, files_below, named_file, parsed, read_rows

COMPRESS = {".gz": gzip.compress, ".xz": lzma.compress, ".zst": zstandard.compress, "": bytes}


def read(file: DataFile) -> tuple[list[object], list[str]]:
    problems = Problems("rows")
    return [row.value for row in read_rows(file, problems)], problems.shown


@pytest.mark.parametrize("suffix", list(COMPRESS))
def test_rows_are_alike_on_disk_and_in_an_archive_in_every_compression(tmp_path: Path, suffix: str) -> None:
    content = COMPRESS[suffix]('\ufeff{"id": "a"}\n\n{"id": "b"}\n'.encode())
    path = tmp_path / f"docs.jsonl{suffix}"
    path.write_bytes(content)
    with zipfile.ZipFile(tmp_path / "docs.zip", "w") as archive:
        archive.writestr(f"top/{path.name}", content)
    member = named_file(files_below(tmp_path / "docs.zip"), "docs.jsonl")
    assert member is not None
    assert (member.stem, member.suffix) == ("docs", ".jsonl")
    assert read(data_file(path)) == read(member) == ([{"id": "a"}, {"id": "b"}], [])


def test_a_row_is_told_by_its_place(tmp_path: Path) -> None:
    (tmp_path / "p.jsonl").write_text("\n{\n3\n")
    pq.write_table(pa.table({"id": ["a", None]}), tmp_path / "p.parquet")
    lines, table = data_file(tmp_path / "p.jsonl"), data_file(tmp_path / "p.parquet")
    assert list(map(str, read_rows(lines, Problems("p")))) == [f"{lines}:3"]
    assert read(lines)[1] == [
        f"{lines}:2: broken JSON at character 2: Expecting property name enclosed in double quotes"
    ]
    assert list(map(str, read_rows(table, Problems("p")))) == [f"{table}: row 1", f"{table}: row 2"]
    assert read(table) == ([{"id": "a"}, {}], [])
    assert str(Row(DataFile(Path("a.zip"), "b.json"), "data[0]")) == "a.zip:b.json:data[0]"


def test_tab_separated_lines_are_an_id_and_a_text_under_a_heading_or_none(tmp_path: Path) -> None:
    path = tmp_path / "q.tsv"
    path.write_text("query_id\ttext\nq1\tWho?\nid\tWhat?\nq3\n")
    rows = [{"id": "q1", "text": "Who?"}, {"id": "id", "text": "What?"}]
    assert read(data_file(path)) == (rows, [f"{path}:4: 2 columns (id, text) were expected, got 1"])


@pytest.mark.parametrize("line", ["[" * 100_000, "1" * 5_000])
def test_json_that_python_does_not_read_is_told_with_its_place(tmp_path: Path, line: str) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text(line + "\n{}\n")
    rows, problems = read(data_file(path))
    assert rows == [{}]
    assert problems[0].startswith(f"{path}:1: JSON that cannot be read: ")
    with pytest.raises(InputError, match=r"p.jsonl(:1)?: (cannot be read|broken JSON): "):
        data_file(path).document()


def test_what_a_row_is_refused_for_is_noted_with_its_place_and_the_others_go_on() -> None:
    rows = [
        Row(DataFile(Path("p")), number, value) for number, value in enumerate(["7", "x", None, "-1", "8"], start=1)
    ]

    def parse(row: Row) -> int | None:
        if row.value == "-1":
            raise InputError("must not be negative")
        number = int(row.value)
        return None if number == 8 else number

    problems = Problems("p")
    assert list(parsed(rows, parse, problems, expected="not a number")) == [7]
    assert [problem.partition("()")[0] for problem in problems.shown] == [
        "p:2: not a number: ValueError invalid literal for int",
        "p:3: not a number: TypeError int",
        "p:4: must not be negative",
    ]


def test_another_shape_is_a_mistake_of_the_reader_where_none_is_expected() -> None:
    with pytest.raises(TypeError):
        list(parsed([Row(DataFile(Path("p")), 1, None)], lambda row: int(row.value), Problems("p")))
