import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from equilingua.errors import InputError
from equilingua.facts import facts, facts_pairs, write_facts_benchmark
from equilingua.facts.templates import LANGUAGES


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = write_facts_benchmark(tmp_path_factory.mktemp("facts") / "benchmark")
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}


def paragraphs(file: dict[str, Any]) -> list[dict[str, Any]]:
    return [paragraph for article in file["data"] for paragraph in article["paragraphs"]]


def candidates(file: dict[str, Any]) -> list[str]:
    return [paragraph["context"][s:e] for paragraph in paragraphs(file) for s, e in paragraph["sentence_breaks"]]


def queries(file: dict[str, Any]) -> dict[str, str]:
    return {qa["id"]: qa["question"] for paragraph in paragraphs(file) for qa in paragraph["qas"]}


def relevant(paragraph: dict[str, Any], qa: dict[str, Any]) -> list[str]:
    start = qa["answers"][0]["answer_start"]
    return [paragraph["context"][s:e] for s, e in paragraph["sentence_breaks"] if s <= start < e]


def key_structure(thing: Any) -> Any:
    if isinstance(thing, dict):
        return {key: key_structure(value) for key, value in sorted(thing.items())}
    if isinstance(thing, list):
        structures = [key_structure(one) for one in thing]
        return structures[:1] if all(one == structures[0] for one in structures) else structures
    return type(thing).__name__


def test_there_is_one_file_for_every_language(files):
    assert sorted(files) == list(LANGUAGES)


def test_pool_has_one_different_sentence_for_every_fact(files):
    for file in files.values():
        assert len(candidates(file)) == len(set(candidates(file))) == len(facts())


def test_queries_are_the_test_facts_in_one_wording_each_with_ids_shared_across_languages(files):
    test_facts = [fact for fact in facts() if fact.split == "test"]
    for file in files.values():
        assert len(queries(file)) == len(set(queries(file).values())) == len(test_facts)
        assert queries(file).keys() == queries(files["en"]).keys()
    assert {id_.rpartition("/")[2] for id_ in queries(files["en"])} == {"1", "2", "3"}


def test_queries_and_their_sentences_are_those_of_the_pairs(files):
    pairs = {pair.id: pair for pair in facts_pairs("test")}
    for language, file in files.items():
        for paragraph in paragraphs(file):
            for qa in paragraph["qas"]:
                assert qa["question"] == pairs[qa["id"]].queries[language]
                assert relevant(paragraph, qa) == [pairs[qa["id"]].passages[language]]


def test_answers_stand_where_they_are_said_to(files):
    for file in files.values():
        for paragraph in paragraphs(file):
            for qa in paragraph["qas"]:
                (answer,) = qa["answers"]
                assert answer["text"]
                assert paragraph["context"][answer["answer_start"] :].startswith(answer["text"])
                assert answer["text"] in relevant(paragraph, qa)[0]


def test_sentence_breaks_cover_the_context_but_for_spaces(files):
    for file in files.values():
        for paragraph in paragraphs(file):
            slices = [paragraph["context"][s:e] for s, e in paragraph["sentence_breaks"]]
            assert slices == paragraph["sentences"]
            assert "".join(slices).replace(" ", "") == paragraph["context"].replace(" ", "")


def test_paragraphs_are_aligned_across_languages(files):
    for file in files.values():
        assert [article["title"] for article in file["data"]] == ["city", "country", "currency", "language"]
        lengths = [len(paragraph["sentence_breaks"]) for paragraph in paragraphs(file)]
        assert lengths == [len(paragraph["sentence_breaks"]) for paragraph in paragraphs(files["en"])]


def test_other_splits_ask_their_own_facts_of_the_same_pool(files, tmp_path):
    folder = write_facts_benchmark(tmp_path / "validation", split="validation", languages=["tr"])
    assert [path.name for path in folder.iterdir()] == ["tr.json"]
    file = json.loads((folder / "tr.json").read_text(encoding="utf-8"))
    assert candidates(file) == candidates(files["tr"])
    assert queries(file).keys() <= {pair.id for pair in facts_pairs("validation")}
    assert not queries(file).keys() & queries(files["tr"]).keys()


def test_writing_twice_gives_the_same_bytes(tmp_path):
    first = (write_facts_benchmark(tmp_path / "a", languages=["hi"]) / "hi.json").read_bytes()
    again = (write_facts_benchmark(tmp_path / "b", languages=["hi"]) / "hi.json").read_bytes()
    assert first == again


def test_unknown_split_writes_nothing(tmp_path):
    with pytest.raises(InputError, match="no split 'dev'"):
        write_facts_benchmark(tmp_path / "facts", split="dev")
    assert not (tmp_path / "facts").exists()


@pytest.mark.shared_data
def test_format_has_the_keys_of_xquad_r(files, shared_data: Path):
    with gzip.open(shared_data / "xquad-r" / "de.json.gz", "rt", encoding="utf-8") as file:
        published = json.load(file)
    paragraph = next(one for one in paragraphs(files["de"]) if one["qas"])
    ours = {"data": [{"paragraphs": [paragraph], "title": "country"}], "version": files["de"]["version"]}
    theirs = {
        "data": [{"paragraphs": published["data"][0]["paragraphs"][:1], "title": "x"}],
        "version": published["version"],
    }
    assert key_structure(ours) == key_structure(theirs)
    assert set(files["de"]["data"][0]) == set(published["data"][0])
