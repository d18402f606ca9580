import json
from pathlib import Path

import pytest

from equilingua.errors import InputError, Problems
from equilingua.mixtures.instructions import WORDINGS, derive_instructions
from equilingua.pairs.pair import ParallelPair
from equilingua.pairs.reading import dolly_pair, read_pairs

ROW = {"instruction": "Who sings? ", "context": "", "response": "The owl.", "category": "open_qa"}


def test_rows_read_with_their_context_under_the_line_they_stand_in(tmp_path: Path) -> None:
    path = tmp_path / "dolly.jsonl"
    path.write_text("\n".join(map(json.dumps, [ROW, ROW | {"context": "Owls sing."}])))
    problems = Problems("dolly")
    pairs = list(read_pairs(path, file_format="dolly", problems=problems))
    assert [dict(pair.queries) for pair in pairs] == [{"en": "Who sings?"}, {"en": "Who sings?\nOwls sing."}]
    assert [pair.id for pair in pairs] == ["dolly/1", "dolly/2"]
    assert pairs[0].passages == {"en": "The owl."}
    assert problems.count == 0


def test_bad_rows_are_told_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "dolly.jsonl"
    path.write_text("\n".join(map(json.dumps, [{"instruction": "x", "response": 3}, [1], ROW | {"response": " "}])))
    problems = Problems("dolly")
    assert list(read_pairs(path, file_format="dolly", problems=problems)) == []
    assert "dolly.jsonl:1: 'response' must be a text, got 3" in problems.report()
    assert "dolly.jsonl:2: a JSON object was expected, got list" in problems.report()
    assert "dolly.jsonl:3: 'passages': empty text in 'en'" in problems.report()


def test_a_row_may_name_its_languages() -> None:
    pair = dolly_pair(ROW | {"id": "a", "language": "de", "response_language": "fi"}, language="en", source="d")
    assert (list(pair.queries), list(pair.passages), pair.id) == (["de"], ["fi"], "a")
    with pytest.raises(InputError, match=r"'language' must be a text, got 3"):
        dolly_pair(ROW | {"language": 3}, language="en", source="d", default_id="x")


PAIRS = [ParallelPair(f"p{n}", "s", {"en": f"q{n}", "es": f"c{n}"}, {"en": f"a{n}", "es": f"r{n}"}) for n in range(200)]


def test_every_task_and_wording_is_drawn_and_says_what_the_pair_says() -> None:
    rows = list(derive_instructions(PAIRS, seed=0))
    assert [row["id"] for row in rows] == [pair.id for pair in PAIRS]
    said = {row["instruction"].replace("Spanish", "{language}").replace("English", "{language}") for row in rows}
    assert said == {wording for wordings in WORDINGS.values() for wording in wordings}
    for row, pair in zip(rows, PAIRS, strict=True):
        query, answer = pair.queries, pair.passages
        asked, told = row["language"], row["response_language"]
        match row["category"]:
            case "answer":
                assert (row["context"], row["response"], asked) == (query[asked], answer[asked], told)
            case "ask":
                assert (row["context"], row["response"], asked) == (answer[asked], query[asked], told)
            case "translate":
                assert asked != told
                assert (row["context"], row["response"]) in [(s[asked], s[told]) for s in (query, answer)]
                assert {"en": "English", "es": "Spanish"}[told] in row["instruction"]


def test_what_is_drawn_depends_on_the_seed_and_the_pair_alone() -> None:
    first = list(derive_instructions(PAIRS, seed=0))
    assert list(derive_instructions(PAIRS[50:], seed=0)) == first[50:]
    assert list(derive_instructions(PAIRS, seed=1)) != first


def test_a_pair_only_serves_the_tasks_it_allows() -> None:
    across = ParallelPair("x", "s", {"en": "q"}, {"fi": "a"})
    sentences = [ParallelPair(f"t{n}", "s", t, t, sentences=True) for n in range(20) if (t := {"en": "x", "fi": "y"})]
    assert list(derive_instructions([across], seed=0)) == []
    assert {row["category"] for row in derive_instructions(sentences, seed=0)} == {"translate"}
