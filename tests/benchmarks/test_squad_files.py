import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.benchmarks.load import load_benchmark
from equilingua.benchmarks.squad import read_afriqa, read_squad_file, read_squad_languages
from equilingua.errors import InputError

Write = Callable[..., Path]
ANSWER = [{"text": "x", "answer_start": 0}]


def squad(*paragraphs: tuple[str, list[dict[str, Any]]]) -> str:
    return json.dumps({"data": [{"paragraphs": [{"context": text, "qas": qas} for text, qas in paragraphs]}]})


def question(id_: Any, *, answers: Any = ANSWER) -> dict[str, Any]:
    return {"id": id_, "question": f"{id_}?", "answers": answers}


def test_paragraphs_stand_once_and_questions_without_an_answer_are_none(write_lines: Write) -> None:
    path = write_lines(
        "en.mine.json",
        squad(("One.", [question(1)]), ("Two.", [question(2, answers=[])]), ("One.", [question(3)])),
    )
    benchmark = read_squad_file(path)
    assert benchmark.corpora["en"].texts == ("One.", "Two.")
    assert benchmark.queries["en"].texts == ("1?", "3?")
    assert benchmark.qrels["en"] == {"1": {"en/1": 1}, "3": {"en/1": 1}}


def test_the_language_comes_from_the_name_or_is_given(write_lines: Write) -> None:
    path = write_lines("reviews.json", squad(("One.", [question(1)])))
    assert read_squad_file(path, language="deu").languages == ("de",)
    with pytest.raises(InputError, match=r"reviews.json: SQuAD format does not say the language: give one, or name"):
        read_squad_file(path)


def test_the_name_of_a_split_is_no_language(write_lines: Write) -> None:
    path = write_lines("dev.json", squad(("One.", [question(1)])))
    with pytest.raises(InputError, match=r"dev.json: SQuAD format does not say the language: give one, or name"):
        read_squad_file(path)


def test_a_folder_holds_a_file_a_language_as_document_or_rows(write_lines: Write, tmp_path: Path) -> None:
    write_lines("many/tr.json", squad(("Bir.", [question(1)])))
    rows = [
        {"question_id": 1, "context": "Nueng.", "question": "1?", "answers": {"text": ["x"], "answer_start": [0]}},
        {"question_id": 2, "context": "Song.", "question": "2?", "answers": {"text": [], "answer_start": []}},
    ]
    write_lines("many/th.rows.jsonl", rows)
    separate = read_squad_languages(tmp_path / "many", parallel=False)
    assert {tag: found.ids for tag, found in separate.queries.items()} == {"th": ("th/1",), "tr": ("tr/1",)}
    assert separate.corpora["th"].texts == ("Nueng.", "Song.")
    parallel = read_squad_languages(tmp_path / "many")
    assert parallel.qrels["tr"] == {"1": {"th/1": 1, "tr/1": 1}}
    with pytest.raises(InputError, match=r"no file en.\*.json or en.\*.jsonl. Allowed: th, tr."):
        read_squad_languages(tmp_path / "many", languages=["en"])


def test_several_files_of_one_language_are_refused_where_it_is_asked_for(write_lines: Write, tmp_path: Path) -> None:
    for name in ("en.dev.json", "en.train.json", "tr.json"):
        write_lines(f"many/{name}", squad((name, [question(1)])))
    with pytest.raises(InputError, match=r"'en' has several files: en.dev.json, en.train.json. Leave one a language"):
        read_squad_languages(tmp_path / "many")
    assert read_squad_languages(tmp_path / "many", languages=["tr"]).languages == ("tr",)


def test_every_problem_of_every_file_is_in_one_report(write_lines: Write, tmp_path: Path) -> None:
    write_lines("many/de.json", squad(("", [question(1)]), ("Eins.", [question(1), question(1), question(None)])))
    write_lines("many/en.json", '{"data": [{}]}')
    write_lines("many/fr.json", '{"data": [')
    write_lines(
        "many/th.jsonl",
        '{"id": 1, "context": "x", "question": " ", "answers": ["x"]}\n[1]\n{\n'
        r'{"id": 2, "context": "x \ud83d", "question": "?", "answers": ["x"]}' + "\n"
        r'{"id": 3, "context": "x", "question": "\ud83d", "answers": ["x"]}' + "\n"
        '{"id": 4, "context": "x", "question": "?", "answers": {"answer_start": [0]}}',
    )
    with pytest.raises(InputError) as told:
        read_squad_languages(tmp_path / "many")
    for part in (
        "de.json:data[0].paragraphs[0]: 'context' must be a non-empty text, got ''",
        "de.json:data[0].paragraphs[1].qas[1]: question '1' stands twice",
        "de.json:data[0].paragraphs[1].qas[2]: the question's id is missing",
        "en.json:data[0]: not in SQuAD format: an object with a list 'paragraphs' was expected",
        "fr.json:1: broken JSON",
        "th.jsonl:1: question '1' must be a non-empty text",
        "th.jsonl:2: a JSON object was expected, got list",
        "th.jsonl:3: broken JSON",
        "th.jsonl:4: context holds half of a surrogate pair",
        "th.jsonl:5: question holds half of a surrogate pair",
        "th.jsonl: holds no question with an answer",
    ):
        assert part in str(told.value)


def test_afriqa_asks_in_african_languages_for_one_english_corpus(write_lines: Write, tmp_path: Path) -> None:
    def row(id_: str, context: str | None) -> dict[str, Any]:
        title = None if context is None else "Title"
        return {"id": id_, "context": context, "title": title, "question_lang": f"{id_}?", "question_translated": "en?"}

    start = "afriqa/gold_span_passages.afriqa"
    write_lines(f"{start}.hau.en.dev.json", [row("0", "One."), row("1", None)])
    write_lines(f"{start}.hau.en.train.json", [row("0", "Two.")])
    write_lines(f"{start}.zul.en.dev.json", [row("0", "One."), row("1", "Three.")])
    benchmark = read_afriqa(tmp_path / "afriqa")
    assert benchmark.corpora["en"].texts == ("Title One.", "Title Two.", "Title Three.")
    assert benchmark.qrels == {
        "ha": {"ha/dev/0": {"1": 1}, "ha/train/0": {"2": 1}},
        "zu": {"zu/dev/0": {"1": 1}, "zu/dev/1": {"3": 1}},
    }
    only = read_afriqa(tmp_path / "afriqa", languages=["zu", "en"])
    assert (set(only.queries), only.corpora) == ({"zu"}, benchmark.corpora)


def test_a_byte_order_mark_at_the_start_is_passed_over(write_lines: Write) -> None:
    path = write_lines("de.json", "\ufeff" + squad(("One.", [question(1)])))
    assert read_squad_file(path).queries["de"].ids == ("1",)


@pytest.mark.parametrize("read", [read_squad_languages, read_afriqa])
def test_a_folder_that_is_not_there_is_told(tmp_path: Path, read: Callable[..., Benchmark]) -> None:
    with pytest.raises(InputError, match=r"nowhere: no such folder$"):
        read(tmp_path / "nowhere")


def test_a_question_whose_answer_has_no_place_and_no_text_is_none(write_lines: Write) -> None:
    empty = question(2, answers=[{"text": "", "answer_start": -1}])
    path = write_lines("en.json", squad(("One.", [question(1), empty])))
    assert read_squad_file(path).queries["en"].ids == ("1",)


QUESTION = {"id": "5733a5f5", "question": "Who?", "answers": [{"text": "She", "answer_start": 0}]}


def one_question(**changes: object) -> list[dict[str, object]]:
    return [{"data": [{"paragraphs": [{"context": "She did it.", "qas": [QUESTION | changes]}]}]}]


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("en.json", "en"), ("tydi-ar.json", "ar"), ("xquad.de.json.gz", "de"), ("dev_fi.json", "fi"),
        ("ko.dev.json", "ko"),
        ("tydiqa-goldp-dev-telugu.json", "te"), ("squad-pt-br.json", "pt-BR"), ("zh_cn.json", "zh-CN"),
        ("no.norquad.val.json", "no"), ("test-context-vi-question-vi.json", "vi"), ("train.fra.json", "fr"),
    ],
)  # fmt: skip
def test_a_folder_of_squad_files_is_a_benchmark_of_the_languages_that_their_names_tell(
    write_lines: Write, tmp_path: Path, name: str, language: str
) -> None:
    write_lines("many/he.json", one_question(question="Mi?"))
    path = write_lines(f"many/{name.removesuffix('.gz')}", one_question())
    if name.endswith(".gz"):
        path.with_name(name).write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    write_lines("many/metadata.json", "{}")
    write_lines("many/README.md", "# Card")
    benchmark = load_benchmark(tmp_path / "many")
    assert benchmark.languages == tuple(sorted(("he", language)))
    # An id that is no count names the question: its translations have the same.
    assert benchmark.queries["he"].ids == benchmark.queries[language].ids == ("5733a5f5",)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("dev-v1.1.json", r"dev-v1.1.json: the name tells no language: name it after its language, such as en.dev-v1"),
        ("context-en-question-de.json", r"context-en-question-de.json: the name may tell en or de: name it after"),
        ("squad-en-de.json", r"squad-en-de.json: the name may tell en or de"),
        ("he-dev.json", r"'he' has several files: he-dev.json, he.json. Leave one a language in the folder"),
    ],
)
def test_a_name_that_tells_no_language_or_several_is_told(
    write_lines: Write, tmp_path: Path, name: str, told: str
) -> None:
    write_lines("many/he.json", one_question())
    write_lines(f"many/{name}", one_question())
    with pytest.raises(InputError, match=told):
        load_benchmark(tmp_path / "many")
    if "several" not in told:
        assert load_benchmark(tmp_path / "many", languages=["he"]).languages == ("he",)


def test_questions_that_are_counted_are_no_translations(write_lines: Write, tmp_path: Path) -> None:
    for tag in ("tr", "no"):
        write_lines(f"many/{tag}.json", one_question(id=1))
    benchmark = load_benchmark(tmp_path / "many")
    assert benchmark.queries["tr"].ids == ("tr/1",)
    assert "1 question ids stand in several files (1, ...), but they are counted" in benchmark.notes[0]


def test_what_is_wrong_in_a_language_that_was_not_asked_for_refuses_nothing(write_lines: Write, tmp_path: Path) -> None:
    row = {"id": 1, "question_lang": "Wa?", "context": "She did it.", "answer_pivot": {}}
    for tag, rows in (("hau", [row]), ("ibo", [row | {"context": ""}, row | {"context": "He did."}, "broken"])):
        write_lines(f"a/gold_span_passages.afriqa.{tag}.en.dev.json", rows)
    benchmark = read_afriqa(tmp_path / "a", languages=["ha"])
    assert benchmark.corpora["en"].texts == ("She did it.", "He did.")
    assert "2 rows of languages that were not asked for are left out of the corpus" in benchmark.notes[0]
    with pytest.raises(InputError, match=r"ibo.en.dev.json:1: 'context' must be a non-empty text"):
        read_afriqa(tmp_path / "a")
