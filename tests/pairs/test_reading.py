import gzip
import json
import lzma
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from equilingua.errors import InputError, Problems
from equilingua.pairs.pair import ParallelPair
from equilingua.pairs.reading import read_pairs

LINES = [
    {"id": "a", "source": "s", "queries": {"en": "Who?", "fi": "Kuka?"}, "passages": {"en": "She."}, "fit": 0.5},
    {"id": "b", "source": "s", "queries": {"en": "When?"}, "passages": {"en": "Now.", "fi": "Nyt."}},
]
OPENERS = {"": open, ".gz": gzip.open, ".xz": lzma.open, ".zst": zstandard.open}


def write_lines(path: Path, lines: list[str]) -> Path:
    with OPENERS[path.suffix if path.suffix in OPENERS else ""](path, "wt") as file:
        file.write("\n".join(lines) + "\n")
    return path


def read(path: Path, **options: str):
    problems = Problems(str(path))
    return list(read_pairs(path, problems=problems, **options)), problems


@pytest.mark.parametrize("suffix", list(OPENERS))
def test_json_lines_read_alike_in_every_compression(tmp_path: Path, suffix: str) -> None:
    pairs, problems = read(write_lines(tmp_path / f"p.jsonl{suffix}", [json.dumps(line) for line in LINES]))
    assert [dict(pair.queries) for pair in pairs] == [line["queries"] for line in LINES]
    assert pairs[0].numbers == {"fit": 0.5}
    assert problems.count == 0


def test_parquet_reads_as_json_lines_do(tmp_path: Path) -> None:
    lines = write_lines(tmp_path / "p.jsonl", [json.dumps(line) for line in LINES])
    pq.write_table(pa.Table.from_pylist(LINES), tmp_path / "p.parquet")
    maps = pa.array([list(line["queries"].items()) for line in LINES], pa.map_(pa.string(), pa.string()))
    table = pa.Table.from_pylist(LINES)
    pq.write_table(table.set_column(table.column_names.index("queries"), "queries", maps), tmp_path / "maps.parquet")
    expected, _ = read(lines)
    assert read(tmp_path / "p.parquet")[0] == expected
    assert [dict(pair.queries) for pair in read(tmp_path / "maps.parquet")[0]] == [line["queries"] for line in LINES]


def test_every_bad_line_is_reported_with_its_place(tmp_path: Path) -> None:
    bad = ['{"id": "x", "queries"', json.dumps({"id": "y", "queries": {"en": ""}, "passages": {"en": "p"}}), "[1]"]
    pairs, problems = read(write_lines(tmp_path / "p.jsonl", [json.dumps(LINES[0]), *bad]))
    report = problems.report()
    assert len(pairs) == 1
    assert "p.jsonl: 3 problems" in report
    assert "p.jsonl:2: broken JSON at character" in report
    assert "p.jsonl:3: 'queries': empty text in 'en'" in report
    assert "p.jsonl:4: a JSON object was expected, got list" in report


def test_a_cut_off_archive_is_a_problem_with_a_place(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "p.jsonl.gz", [json.dumps(line) for line in LINES * 5000])
    path.write_bytes(path.read_bytes()[:-200])
    pairs, problems = read(path)
    assert 0 < len(pairs) < 10_000
    assert f"{path}:" in problems.report()
    assert "cannot be read further" in problems.report()


def test_a_missing_file_names_the_one_beside_it(tmp_path: Path) -> None:
    write_lines(tmp_path / "squad.train.jsonl", [json.dumps(LINES[0])])
    with pytest.raises(InputError, match=r"squad\.trian\.jsonl: no such file\. Did you mean .*squad\.train\.jsonl\?"):
        read(tmp_path / "squad.trian.jsonl")


def test_an_unknown_format_says_which_are_known(tmp_path: Path) -> None:
    (tmp_path / "p.xlsx").write_text("a,b")
    told = r"unknown format '\.xlsx'\. Allowed: \.arrow, \.csv, \.json, \.jsonl, \.ndjson, \.parquet, \.tsv\."
    with pytest.raises(InputError, match=told):
        read(tmp_path / "p.xlsx")


def squad(paragraph: dict) -> str:
    return json.dumps({"data": [{"paragraphs": [paragraph]}]})


QUESTION = {"id": "q1", "question": "Where?", "answers": [{"answer_start": 16, "text": "Here"}]}


def test_squad_gives_the_paragraph_or_the_sentence_of_the_published_breaks(tmp_path: Path) -> None:
    paragraph = {"context": "It began there. Here it ended.", "qas": [QUESTION]}
    whole, _ = read(write_lines(tmp_path / "whole.json", [squad(paragraph)]), language="de")
    broken, _ = read(write_lines(tmp_path / "b.json", [squad(paragraph | {"sentence_breaks": [[0, 16], [16, 30]]})]))
    assert whole[0].passages == {"de": "It began there. Here it ended."}
    assert broken[0].passages == {"en": "Here it ended."}
    assert broken[0].source == "b"


def test_squad_leaves_out_unanswerable_questions_and_reports_malformed_ones(tmp_path: Path) -> None:
    outside = QUESTION | {"id": "q3", "answers": [{"answer_start": 99, "text": "x"}]}
    questions = [QUESTION, QUESTION | {"answers": []}, {"id": "q2", "answers": QUESTION["answers"]}, outside]
    paragraph = {"context": "It began there. Here it ended.", "sentence_breaks": [[0, 16], [16, 30]], "qas": questions}
    pairs, problems = read(write_lines(tmp_path / "s.json", [squad(paragraph)]))
    assert [pair.id for pair in pairs] == ["q1"]
    assert "data[0].paragraphs[0].qas[2]: question 'q2' must be a non-empty text, got None" in problems.report()
    assert "qas[3]: the answer at character 99 lies in no sentence" in problems.report()


def test_json_that_is_not_squad_says_what_to_write_instead(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"not in SQuAD format, which has a list under 'data'; write pairs as JSON"):
        read(write_lines(tmp_path / "s.json", ["[]"]))


@pytest.mark.parametrize("suffix", [".gz", ".xz", ".zst"])
def test_a_damaged_archive_is_a_problem_not_a_traceback(tmp_path: Path, suffix: str) -> None:
    path = write_lines(
        tmp_path / f"p.jsonl{suffix}", [json.dumps(line | {"n": n}) for n in range(999) for line in LINES]
    )
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 40] = b"\xff" * 40
    path.write_bytes(bytes(content))
    _, problems = read(path)
    assert problems.count >= 1
    cut = tmp_path / f"s.json{suffix}"
    write_lines(cut, [squad({"context": "c" * 9999, "qas": [QUESTION]})])
    cut.write_bytes(cut.read_bytes()[:-20])
    with pytest.raises(InputError, match=r"s\.json.*: (cannot be read|broken JSON)"):
        read(cut)


def test_half_a_surrogate_pair_is_told_with_its_line(tmp_path: Path) -> None:
    line = json.dumps(LINES[0]).replace("Who?", "\\ud800")
    _, problems = read(write_lines(tmp_path / "p.jsonl", [line]))
    assert "p.jsonl:1: queries.en holds half of a surrogate pair" in problems.report()


def test_half_a_surrogate_pair_in_squads_format_is_told_with_its_place(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "s.json", [squad({"context": "c \ud83d", "qas": [QUESTION]})])
    with pytest.raises(
        InputError, match=r"s\.json: data\[0\]\.paragraphs\[0\]\.context holds half of a surrogate pair"
    ):
        read(path)


@pytest.mark.parametrize(
    "content", ['{"data": ["x"]}', '{"data": [{"paragraphs": 3}]}', '{"data": [{"paragraphs": ["x"]}]}']
)
def test_squad_of_another_shape_says_where(tmp_path: Path, content: str) -> None:
    with pytest.raises(InputError, match=r"s\.json:data\[0\].*an object with a list"):
        read(write_lines(tmp_path / "s.json", [content]))


def scored(path: Path, values: list[object]) -> tuple[list[ParallelPair], Problems]:
    lines = [json.dumps(LINES[0] | {"id": n, "score": value}) for n, value in enumerate(values)]
    return read(write_lines(path / "p.jsonl", lines))


def test_a_column_of_numbers_holds_something_else_in_no_line(tmp_path: Path) -> None:
    _, problems = scored(tmp_path, ["high", 0.9, 0.8, "0.1", None, 0.7, True, 0.6, float("nan")])
    assert problems.shown == [
        f"{tmp_path}/p.jsonl:9: 'score' must be a finite number, or null for none, got nan",
        f"{tmp_path}/p.jsonl:1: 'score' holds 'high', and so do 2 other lines, but a number in 4: write numbers, or "
        "null for none",
    ]


def test_a_stray_number_among_texts_is_no_problem(tmp_path: Path) -> None:
    pairs, problems = scored(tmp_path, ["Owls", 1984, "Crows", 2001])
    assert ([pair.numbers.get("score") for pair in pairs], problems.count) == ([None, 1984, None, 2001], 0)


def test_a_column_without_a_number_may_hold_anything(tmp_path: Path) -> None:
    values = ["Owls", "1984", None, True, ["x"]]
    lines = [json.dumps(LINES[0] | {"id": n, "title": value}) for n, value in enumerate(values)]
    pairs, problems = read(write_lines(tmp_path / "p.jsonl", lines))
    assert (len(pairs), problems.count) == (5, 0)


@pytest.mark.parametrize("suffix", list(OPENERS))
def test_a_byte_order_mark_at_the_start_is_passed_over(tmp_path: Path, suffix: str) -> None:
    lines = [json.dumps(line) for line in LINES]
    pairs, problems = read(write_lines(tmp_path / f"p.jsonl{suffix}", ["\ufeff" + lines[0], lines[1]]))
    assert ([pair.id for pair in pairs], problems.shown) == (["a", "b"], [])
    paragraph = {"context": "It began there. Here it ended.", "qas": [QUESTION]}
    pairs, _ = read(write_lines(tmp_path / f"s.json{suffix}", ["\ufeff" + squad(paragraph)]))
    assert [pair.id for pair in pairs] == ["q1"]


@pytest.mark.parametrize(
    ("id_", "told"), [(None, "is missing"), (1.5, "must be a non-empty text or an integer, got 1.5")]
)
def test_a_question_without_an_id_is_told_and_not_named_after_it(tmp_path: Path, id_: object, told: str) -> None:
    """Two questions named None would be taken for translations of one another."""
    path = write_lines(
        tmp_path / "s.json", [squad({"context": "It began. Here it ended.", "qas": [QUESTION | {"id": id_}]})]
    )
    pairs, problems = read(path)
    assert (pairs, problems.shown) == ([], [f"{path}:data[0].paragraphs[0].qas[0]: the question's id {told}"])


def test_rows_in_squads_columns_are_read_from_parquet_too(tmp_path: Path) -> None:
    row = {
        "question_id": 7,
        "question": "Where?",
        "context": "Here.",
        "answers": {"text": ["Here"], "answer_start": [0]},
    }
    lines = write_lines(tmp_path / "rows.jsonl", [json.dumps(row)])
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "rows.parquet")
    pairs, _ = read(lines, file_format="squad-rows")
    assert [pair.id for pair in pairs] == ["7"]
    assert read(tmp_path / "rows.parquet", file_format="squad-rows")[0] == pairs
