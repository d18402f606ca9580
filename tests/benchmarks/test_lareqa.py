import gzip
import json
import lzma
import shutil
from pathlib import Path
from typing import Any

import pytest
import zstandard

from equilingua.benchmarks.load import load_benchmark
from equilingua.benchmarks.squad import read_lareqa
from equilingua.errors import InputError, Problems
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.result import EvaluationResult
from equilingua.files import cache_folder
from equilingua.pairs.reading import read_pairs

XQUAD_R = {
    "ar": 1222, "de": 1276, "el": 1234, "en": 1180, "es": 1215, "hi": 1244,
    "ru": 1219, "th": 852, "tr": 1167, "vi": 1209, "zh": 1196,
}  # fmt: skip


def question(id_: str | int, answer_start: int, text: str = "Who?") -> dict[str, Any]:
    return {"id": id_, "question": text, "answers": [{"answer_start": answer_start, "text": "x"}]}


def write(folder: Path, name: str, *paragraphs: dict[str, Any]) -> None:
    folder.mkdir(exist_ok=True)
    text = json.dumps({"version": "1", "data": [{"title": "t", "paragraphs": list(paragraphs)}]}, ensure_ascii=False)
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """English asks a, b, c; German lacks b. Contexts start with a byte order mark or hold equal and blank sentences."""
    lareqa = tmp_path / "lareqa"
    one = {"context": "\ufeffA cat.  A cat. ", "sentence_breaks": [[0, 8], [8, 16]], "qas": [question("a", 8)]}
    two = {"context": "Dogs. Owls.", "sentence_breaks": [[0, 6], [6, 11]], "qas": [question("b", 0), question("c", 10)]}
    write(lareqa, "en.json", one, two)
    write(
        lareqa,
        "de.json.gz",
        {"context": "Hunde. Eulen.", "sentence_breaks": [[0, 7], [7, 13]], "qas": [question("c", 7), question("a", 6)]},
    )
    (lareqa / "README.md").write_text("no language")
    (lareqa / "metadata.json").write_text("{}")
    return lareqa


def test_passages_are_the_slices_as_they_stand_numbered_by_paragraph_and_sentence(folder: Path) -> None:
    corpus = read_lareqa(folder).corpora["en"]
    assert dict(zip(corpus.ids, corpus.texts, strict=True)) == {
        "en_1_0": "\ufeffA cat. ",
        "en_1_1": " A cat. ",
        "en_2_0": "Dogs. ",
        "en_2_1": "Owls.",
    }
    assert corpus.contexts[0] == corpus.contexts[1] == "\ufeffA cat.  A cat. "


def test_relevant_is_the_sentence_an_answer_starts_in_in_every_language_that_asks(folder: Path) -> None:
    benchmark = read_lareqa(folder)
    assert benchmark.languages == ("de", "en")
    assert benchmark.qrels["en"] == {
        "a": {"de_1_0": 1, "en_1_1": 1},
        "b": {"en_2_0": 1},
        "c": {"de_1_1": 1, "en_2_1": 1},
    }
    assert benchmark.queries["de"].ids == ("c", "a")
    assert benchmark.qrels["de"]["c"] == benchmark.qrels["en"]["c"]


def test_only_the_languages_asked_for_are_read(folder: Path) -> None:
    benchmark = read_lareqa(folder, languages=["EN"])
    assert (benchmark.languages, set(benchmark.hashes)) == (("en",), {"en.json"})
    assert benchmark.qrels["en"]["a"] == {"en_1_1": 1}


def test_every_problem_of_every_file_is_in_one_report(folder: Path) -> None:
    write(
        folder,
        "es.json",
        {"context": "Uno.", "qas": [question("a", 0)]},
        {
            "context": "Uno. Dos.",
            "sentence_breaks": [[0, 5], [5, 9]],
            "qas": [question("b", 9), question("c", 0), question("c", 1), {"id": "d", "question": "?", "answers": []}],
        },
    )
    (folder / "ru.json").write_text('{"data": [', encoding="utf-8")
    (folder / "th.json.gz").write_bytes(b"no gzip")
    (folder / "zh.json").write_text('{"articles": []}', encoding="utf-8")
    with pytest.raises(InputError) as told:
        read_lareqa(folder, languages=["es", "ru", "th", "zh", "vi", "en"])
    message = str(told.value)
    assert ": 8 problems" in message
    for part in (
        "no file vi.json, plain or compressed. Allowed: de, en, es, ru, th, zh.",
        "es.json:data[0].paragraphs[0]: no sentence_breaks",
        "es.json:data[0].paragraphs[1].qas[0]: the answer of question 'b' starts at 9, outside every sentence",
        "es.json:data[0].paragraphs[1].qas[2]: question 'c' stands twice",
        "es.json:data[0].paragraphs[1].qas[3]: question 'd' has no answer",
        "ru.json:1: broken JSON",
        "th.json.gz: cannot be read",
        "zh.json: not in SQuAD format",
    ):
        assert part in message


def test_a_file_that_starts_with_a_byte_order_mark_is_read(folder: Path) -> None:
    path = folder / "en.json"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(read_lareqa(folder).queries["en"].ids) == 3


def test_half_a_surrogate_pair_is_told_with_its_paragraph(folder: Path) -> None:
    path = folder / "en.json"
    path.write_text(path.read_text().replace("Dogs. ", r"Dogs\ud83d"))
    with pytest.raises(InputError, match=r"en.json: data\[0\].paragraphs\[1\].context holds half of a surrogate pair"):
        read_lareqa(folder)


def test_a_context_that_is_no_text_is_told(folder: Path) -> None:
    write(folder, "th.json", {"context": None, "sentence_breaks": [[0, 1]], "qas": []})
    with pytest.raises(InputError, match=r"th.json:data\[0\].paragraphs\[0\]: 'context' must be a non-empty"):
        read_lareqa(folder)


def test_files_are_read_in_any_compression(folder: Path) -> None:
    expected = read_lareqa(folder)
    english, german = folder / "en.json", folder / "de.json.gz"
    (folder / "en.json.xz").write_bytes(lzma.compress(english.read_bytes()))
    (folder / "de.json.zst").write_bytes(zstandard.compress(gzip.decompress(german.read_bytes())))
    english.unlink()
    german.unlink()
    assert read_lareqa(folder).corpora == expected.corpora


def test_a_folder_without_language_files_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no <language>.json file, plain or compressed"):
        read_lareqa(tmp_path)


def test_a_named_benchmark_is_found_in_the_data_folder_or_is_it(folder: Path, tmp_path: Path) -> None:
    named = folder.rename(tmp_path / "xquad-r")
    for data in (tmp_path, named):
        benchmark = load_benchmark("xquad-r", data=data, languages=["de"])
        assert (benchmark.name, benchmark.languages) == ("xquad-r", ("de",))
    with pytest.raises(InputError, match=r"holds no mlqa-r: pass --data DIR where DIR/mlqa-r holds it"):
        load_benchmark("mlqa-r", data=named)


def test_the_data_folder_comes_from_the_environment(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.rename(tmp_path / "mlqa-r")
    monkeypatch.setenv("EQUILINGUA_DATA", str(tmp_path))
    assert load_benchmark("mlqa-r").name == "mlqa-r"
    monkeypatch.delenv("EQUILINGUA_DATA")
    with pytest.raises(InputError, match=r"benchmark 'mlqa-r' has to be on disk: pass --data DIR"):
        load_benchmark("mlqa-r")


def test_a_folder_of_ones_own_is_a_benchmark_of_its_name(folder: Path) -> None:
    assert load_benchmark(folder).name == "lareqa"


def test_an_unknown_benchmark_is_told_with_the_nearest_name() -> None:
    with pytest.raises(InputError, match=r"unknown benchmark 'xqad-r'. Did you mean 'xquad-r'\?"):
        load_benchmark("xqad-r")


def test_the_built_in_facts_are_a_benchmark_written_once() -> None:
    first = load_benchmark("facts", languages=["en", "th"])
    folders = list((cache_folder() / "benchmarks").iterdir())
    assert (first.name, first.languages, len(folders)) == ("facts", ("en", "th"), 1)
    before = {path: path.stat().st_mtime_ns for path in folders[0].iterdir()}
    assert load_benchmark("facts", languages=["en", "th"]) == first
    assert {path: path.stat().st_mtime_ns for path in folders[0].iterdir()} == before


@pytest.mark.shared_data
def test_xquad_r_has_the_published_numbers_of_queries_and_candidates(shared_data: Path) -> None:
    benchmark = load_benchmark("xquad-r", data=shared_data)
    assert {language: len(corpus.ids) for language, corpus in benchmark.corpora.items()} == XQUAD_R
    assert sum(XQUAD_R.values()) == 13_014
    assert {len(queries.ids) for queries in benchmark.queries.values()} == {1190}
    for language, judged in benchmark.qrels.items():
        assert set(judged) == set(benchmark.queries["en"].ids), language
        assert {len(grades) for grades in judged.values()} == {11}


@pytest.mark.parametrize("other", ["en.json.gz", "EN.json", "eng.json", "en.json.xz"])
def test_two_files_of_one_language_are_told(folder: Path, other: str) -> None:
    shutil.copy(folder / "en.json", folder / other)
    with pytest.raises(InputError, match=rf"'en' has several files: .*{other}.*\. Leave one a language"):
        read_lareqa(folder)
    with pytest.raises(InputError, match=r"'en' has several files"):
        load_benchmark(folder, languages=["en"])
    assert load_benchmark(folder, languages=["de"]).languages == ("de",)


@pytest.mark.parametrize("breaks", [[[0, 6], [6, 12]], [[-1, 6], [6, 11]], [[0, 6], [11, 6]], [[0, 10**30], [6, 11]]])
def test_sentence_breaks_beyond_the_context_are_told(folder: Path, breaks: list[list[int]]) -> None:
    write(folder, "fr.json", {"context": "Dogs. Owls.", "sentence_breaks": breaks, "qas": [question("b", 0)]})
    with pytest.raises(InputError, match=r"fr\.json:data\[0\]\.paragraphs\[0\]: sentence_breaks has \[.*0 to 11"):
        read_lareqa(folder)
    problems = Problems("pairs")
    assert list(read_pairs(folder / "fr.json", problems=problems, language="fr")) == []
    assert "sentence_breaks has [" in problems.report()


def test_whole_number_ids_are_saved_as_the_texts_they_are_read_as(folder: Path, tmp_path: Path) -> None:
    one = {"context": "Dogs. Owls.", "sentence_breaks": [[0, 6], [6, 11]]}
    for language in ("en", "de"):
        (folder / "de.json.gz").unlink(missing_ok=True)
        write(folder, f"{language}.json", one | {"qas": [question(7, 0, "Dogs?"), question(2**63, 6, "Owls?")]})
    result = evaluate("bm25", load_benchmark(folder), resamples=0)
    saved = EvaluationResult.load(result.save(tmp_path / "result"))
    assert {query for pair in saved.scores for query in pair.query_ids} == {"7", str(2**63)}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 100,
        b'{"data": ' + b"[" * 100_000,
        b'{"data": [' + b"[" * 300 + b"]" * 300 + b"]}",
        b'{"data": [], "data": []}',
        b'{"data": [{"paragraphs": [{"context": "a \\ud800", "qas": []}]}]}',
        '{"data": []}'.encode("utf-16"),
        b'{"data": \xe9}',
    ],
)
def test_no_file_of_a_language_is_a_traceback(folder: Path, content: bytes) -> None:
    (folder / "fr.json").write_bytes(content)
    with pytest.raises(InputError, match=r"fr\.json"):
        read_lareqa(folder)
