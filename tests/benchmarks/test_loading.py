from collections.abc import Callable
from pathlib import Path

import pytest

from equilingua.benchmarks.load import load_benchmark
from equilingua.errors import InputError

Write = Callable[..., Path]


def test_a_named_benchmark_is_read_from_any_of_its_places_with_its_card(write_beir: Write, tmp_path: Path) -> None:
    write_beir("beir/scifact")
    for data in (tmp_path, tmp_path / "beir", tmp_path / "beir" / "scifact"):
        benchmark = load_benchmark("scifact", data=data)
        assert (benchmark.name, benchmark.languages) == ("scifact", ("en",))
        assert benchmark.card is not None
        assert benchmark.card.title == "SciFact, of BEIR"


def test_a_language_that_a_named_benchmark_lacks_is_told(write_beir: Write, tmp_path: Path) -> None:
    write_beir("scifact")
    with pytest.raises(InputError, match=r"benchmark 'scifact' has no language 'de'. Allowed: en."):
        load_benchmark("scifact", data=tmp_path, languages=["de"])


def test_what_is_not_on_disk_is_looked_for_on_the_hub(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"benchmark 'nq': mteb/nq is neither in the cache nor within reach"):
        load_benchmark("nq", data=tmp_path)


def test_what_has_no_home_on_the_hub_has_to_be_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EQUILINGUA_DATA", raising=False)
    expected = r"where DIR/mewsli-x holds it \(mewsli-x layout\), as in https://github.com/google-research"
    with pytest.raises(InputError, match=r"'mewsli-x' has to be on disk: pass --data DIR .*" + expected):
        load_benchmark("mewsli-x")
    with pytest.raises(InputError, match=r"holds no mewsli-x: pass --data DIR " + expected):
        load_benchmark("mewsli-x", data=tmp_path)


def test_a_folder_of_a_benchmarks_name_does_not_hide_it_but_as_a_path(
    write_beir: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_beir("nq", language="fr")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"mteb/nq is neither in the cache"):
        load_benchmark("nq")
    assert load_benchmark("./nq").languages == load_benchmark(Path("nq")).languages == ("fr",)


def test_a_path_is_read_as_what_lies_there(write_beir: Write, write_lines: Write, tmp_path: Path) -> None:
    own = load_benchmark(write_beir("own", language="fr"))
    assert (own.name, own.languages, own.card) == ("own", ("fr",), None)
    assert load_benchmark(write_beir("unsaid"), languages=["de"]).languages == ("de",)
    for language in ("de", "en"):
        write_beir(f"many/{language}")
    assert load_benchmark(tmp_path / "many").queries["de"].ids == ("q1",)
    assert load_benchmark(tmp_path / "many", languages=["en"]).languages == ("en",)
    pairs = write_lines("pairs.jsonl", [{"id": "1", "texts": {"en": "Hello", "fi": "Hei"}}])
    assert load_benchmark(pairs).languages == ("en", "fi")
    squad = write_lines("th.json", '{"data": [{"paragraphs": [{"context": "x", "qas": []}]}]}')
    with pytest.raises(InputError, match=r"th.json: holds no question with an answer"):
        load_benchmark(squad)


def test_a_folder_of_trec_files_is_ones_own(write_lines: Write, tmp_path: Path) -> None:
    write_lines("trec/corpus.jsonl", [{"id": n, "text": f"text {n}"} for n in range(3)])
    write_lines("trec/queries.tsv", "101\tWho?\n102\tWhat?\n")
    write_lines("trec/qrels.txt", "101 0 1 2\n101 0 2 0\n")
    benchmark = load_benchmark(tmp_path / "trec", languages=["eng"])
    assert (benchmark.name, benchmark.queries["en"].ids) == ("trec", ("101",))
    assert benchmark.qrels == {"en": {"101": {"1": 2, "2": 0}}}
    assert benchmark.excluded == {"en": {}}
    write_lines("trec/qrels.txt", "101 0 9 1\n")
    with pytest.raises(InputError, match=r"qrels.txt: none of its 1 judgements is of .* the first is '9' at"):
        load_benchmark(tmp_path / "trec", languages=["en"])


def test_rows_without_a_language_are_told(write_beir: Write) -> None:
    with pytest.raises(InputError, match=r"2 of 2 rows name no language, the first is 'q1'"):
        load_benchmark(write_beir("unsaid"))


def test_one_language_given_for_rows_of_which_some_name_theirs_is_refused(
    write_beir: Write, write_lines: Write
) -> None:
    """In BEIR's layout, and with judgements beside the corpus."""
    told = r"queries.jsonl: 1 of 2 rows name no language, the first is 'q2'"
    folder = write_beir("mixed")
    write_lines("mixed/queries.jsonl", [{"_id": "q1", "text": "Wer?", "language": "de"}, {"_id": "q2", "text": "Who?"}])
    with pytest.raises(InputError, match=told):
        load_benchmark(folder, languages=["de"])
    write_lines("mixed/corpus.jsonl", [{"id": "d1", "text": "x", "language": "de"}])
    write_lines("mixed/qrels.tsv", "q1\td1\t1\n")
    with pytest.raises(InputError, match=told):
        load_benchmark(folder, languages=["de"])


def test_languages_under_another_usual_name_are_read_but_where_the_folder_names_it(
    write_beir: Write, tmp_path: Path
) -> None:
    assert load_benchmark(write_beir("own", lang="fr"), languages=["fr"]).languages == ("fr",)
    for language in ("de", "en"):
        write_beir(f"many/{language}", lang=language)
    assert load_benchmark(tmp_path / "many").languages == ("de", "en")


def test_a_folder_with_other_json_is_not_taken_for_lareqa(write_lines: Write, tmp_path: Path) -> None:
    write_lines("foo.jsonl", "")
    write_lines("metadata.json", "{}")
    with pytest.raises(InputError, match=r"holds no xquad-r: pass --data DIR where DIR/xquad-r holds it"):
        load_benchmark("xquad-r", data=tmp_path, languages=["en"])
    question = {"id": "q", "question": "What?", "answers": [{"text": "It", "answer_start": 0}]}
    sentence = {"context": "It ended.", "sentence_breaks": [[0, 9]], "qas": [question]}
    write_lines("en.json", [{"data": [{"paragraphs": [sentence]}]}])
    assert load_benchmark("xquad-r", data=tmp_path, languages=["en"]).corpora["en"].ids == ("en_1_0",)


def test_a_file_that_is_no_benchmark_is_told(write_lines: Write) -> None:
    with pytest.raises(InputError, match=r"notes.txt: no benchmark: give a folder, or a .zip, .jsonl"):
        load_benchmark(write_lines("notes.txt", "x"))


def test_several_splits_without_a_test_are_told(write_beir: Write) -> None:
    folder = write_beir("own", language="fr")
    (folder / "qrels" / "test.tsv").rename(folder / "qrels" / "train.tsv")
    with pytest.raises(InputError, match=r"qrels holds several splits \(dev, train\) and none is named test"):
        load_benchmark(folder)
    (folder / "qrels" / "train.tsv").unlink()
    assert load_benchmark(folder).queries["fr"].ids == ("q2",)


def test_a_task_of_mteb_is_named_by_its_prefix() -> None:
    pytest.importorskip("mteb")
    with pytest.raises(InputError, match=r"mteb has no task 'Nope"):
        load_benchmark("mteb:NopeNopeNope")
