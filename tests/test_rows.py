import gzip
import lzma
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from equilingua.archives import files_below, named_file
from equilingua.data_files import DataFile, Row, data_file, parsed
from equilingua.errors import InputError, Problems
from equilingua.rows import document, read_rows

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
        f"{lines}:2: broken JSON at character 1: Expecting property name enclosed in double quotes"
    ]
    assert list(map(str, read_rows(table, Problems("p")))) == [f"{table}: row 1", f"{table}: row 2"]
    assert read(table) == ([{"id": "a"}, {}], [])
    assert str(Row(DataFile(Path("a.zip"), "b.json"), "data[0]")) == "a.zip:b.json:data[0]"


def test_tab_separated_lines_are_an_id_and_a_text_under_a_heading_or_none(tmp_path: Path) -> None:
    path = tmp_path / "q.tsv"
    path.write_text("query_id\ttext\nq1\tWho?\nid\tWhat?\nq3\n")
    rows, told = read(data_file(path))
    assert rows == [{"query_id": "q1", "text": "Who?"}, {"query_id": "id", "text": "What?"}]
    assert [problem.partition(". ")[0] for problem in told] == [
        f"{path}:4: 2 columns (query_id, text) were expected, got 1"
    ]
    path.write_text("q1\tWho?\nid\tWhat?\n")
    assert read(data_file(path)) == ([{"id": "q1", "text": "Who?"}, {"id": "id", "text": "What?"}], [])


TOO_DEEP = "more than 100 lists and objects stand inside one another"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("[" * 100_000, TOO_DEEP),
        ('{"a": ' * 101 + "1" + "}" * 101, TOO_DEEP),
        ("[" * 500 + "]" * 500, TOO_DEEP),
        ("1" * 5_000, "an integer has more digits than can be read"),
        ('{"id": "a", "q": {"en": 1, "de": 2, "en": 3}}', "key 'en' stands twice in an object"),
        ('{"id": "a", "i\\u0064": "b"}', "key 'id' stands twice in an object"),
        ('{"q": {"en": ["x \\uD83d!"]}}', "q.en[0] holds half of a surrogate pair, which is no character"),
        ('{"\\uDE00": 1}', "a key holds half of a surrogate pair, which is no character"),
    ],
)
def test_json_that_is_lost_or_crashes_later_is_told_with_its_place(tmp_path: Path, line: str, told: str) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text('{"a": "\\ud83d\\ude00"}\n' + line + "\n{}\n")
    assert read(data_file(path)) == ([{"a": "\U0001f600"}, {}], [f"{path}:2: {told}"])
    path.write_text("\n" + line)
    with pytest.raises(InputError) as error:
        document(data_file(path))
    assert str(error.value) in (f"{path}: {told}", f"{path}:2: {told}")


def test_a_hundred_lists_inside_one_another_are_read(tmp_path: Path) -> None:
    (tmp_path / "p.jsonl").write_text("[" * 100 + "]" * 100)
    [value], problems = read(data_file(tmp_path / "p.jsonl"))
    assert (str(value), problems) == ("[" * 100 + "]" * 100, [])


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
        "p:2: not a number: invalid literal for int",
        "p:3: not a number: TypeError int",
        "p:4: must not be negative",
    ]
