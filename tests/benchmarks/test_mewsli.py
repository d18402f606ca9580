import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from equilingua.benchmarks.cards import benchmark_card
from equilingua.benchmarks.load import load_benchmark
from equilingua.benchmarks.mewsli import read_mewsli_x
from equilingua.errors import InputError

TEXT = "Earlier news. A quake on the Richter scale. More."
SENTENCES = [{"start": 0, "end": 13}, {"start": 14, "end": 43}, {"start": 44, "end": 49}]


def entity(number: int, language: str) -> dict[str, Any]:
    described = {"title": f"Title {number}", "description": f"Description {number}."}
    return {"entity_id": f"Q{number}", "description_language": language} | described


@pytest.fixture
def folder(write_lines: Callable[..., Path], tmp_path: Path) -> Path:
    languages = ("en", "id", "de")
    write_lines("mewsli/candidate_set_entities.jsonl", [entity(n, languages[n % 3]) for n in range(30)])
    mentions = [
        {"example_id": f"m{n}", "entity_id": f"Q{n}", "mention_span": {"start": 29, "end": 42, "text": "Richter scale"}}
        for n in (4, 8)
    ]
    contexts = [
        {"context": {"language": tag, "text": TEXT, "sentence_spans": SENTENCES}, "mentions": [mention]}
        for tag, mention in zip(("en", "es"), mentions, strict=True)
    ]
    write_lines("mewsli/wikinews_mentions-test.jsonl", contexts)
    return tmp_path / "mewsli"


def test_a_query_is_the_mention_and_its_sentence_and_a_passage_title_and_description(folder: Path) -> None:
    benchmark = read_mewsli_x(folder)
    assert benchmark.queries["es"].texts == ("Richter scale A quake on the Richter scale.",)
    assert benchmark.qrels == {"en": {"m4": {"Q4": 1}}, "es": {"m8": {"Q8": 1}}}
    assert {tag: len(rows.ids) for tag, rows in benchmark.corpora.items()} == {"en": 10, "id": 10, "de": 10}
    assert benchmark.corpora["id"].texts[1] == "Title 4 Description 4."


def test_a_smaller_pool_holds_what_is_asked_for_and_is_drawn_by_seed(folder: Path) -> None:
    def pool(seed: int) -> set[str]:
        benchmark = read_mewsli_x(folder, pool=12, seed=seed)
        return {id_ for rows in benchmark.corpora.values() for id_ in rows.ids}

    assert len(pool(0)) == 12
    assert pool(0) >= {"Q4", "Q8"}
    assert pool(0) == pool(0) != pool(1)


def test_the_pool_is_the_same_for_any_languages_of_the_mentions(folder: Path) -> None:
    some, every = read_mewsli_x(folder, pool=12, languages=["es"]), read_mewsli_x(folder, pool=12)
    assert (set(some.queries), some.corpora) == ({"es"}, every.corpora)


def test_languages_of_passages_alone_may_be_asked_for(folder: Path) -> None:
    """As the report does for the texts of a result: the card names the languages of mentions alone."""
    data = folder.rename(folder.with_name("mewsli-x"))
    every = load_benchmark("mewsli-x", data=data)
    assert not set(every.languages) <= set(benchmark_card("mewsli-x").languages)
    assert load_benchmark("mewsli-x", data=data, languages=every.languages).queries == every.queries


def test_a_pool_too_small_and_lines_without_text_are_told(folder: Path, write_lines: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match=r"a pool of 1 cannot hold the 2 entities that are asked for"):
        read_mewsli_x(folder, pool=1)
    empty = {"context": {"language": "en", "text": "", "sentence_spans": []}, "mentions": [{"example_id": "m"}]}
    write_lines("mewsli/wikinews_mentions-test.jsonl", [empty, {}])
    with pytest.raises(InputError) as told:
        read_mewsli_x(folder)
    assert "wikinews_mentions-test.jsonl:1: not a mention of Mewsli-X: KeyError 'mention_span'" in str(told.value)
    assert "wikinews_mentions-test.jsonl:2: not a mention of Mewsli-X: KeyError 'context'" in str(told.value)


def test_a_language_that_is_no_text_is_told_with_its_line(folder: Path, write_lines: Callable[..., Path]) -> None:
    write_lines("mewsli/candidate_set_entities.jsonl", [entity(1, "en"), entity(2, "en") | {"description_language": 3}])
    context = {"language": None, "text": TEXT, "sentence_spans": []}
    write_lines("mewsli/wikinews_mentions-test.jsonl", [{"context": context, "mentions": []}])
    with pytest.raises(InputError) as told:
        read_mewsli_x(folder)
    assert "candidate_set_entities.jsonl:2: not an entity of Mewsli-X: AttributeError" in str(told.value)
    assert "wikinews_mentions-test.jsonl:1: not a mention of Mewsli-X: AttributeError" in str(told.value)


def test_an_article_without_text_in_a_language_that_was_not_asked_for_refuses_nothing(folder: Path) -> None:
    before = read_mewsli_x(folder)
    language = next(iter(before.queries))
    [grades, *_] = before.qrels[language].values()
    mention = {
        "example_id": "sv-1",
        "mention_span": {"start": 0, "end": 1, "text": "x"},
        "entity_id": next(iter(grades)),
    }
    article = {"context": {"language": "sv", "text": None, "sentence_spans": []}, "mentions": [mention]}
    with (folder / "wikinews_mentions-test.jsonl").open("a") as file:
        file.write(json.dumps(article) + "\n")
    assert read_mewsli_x(folder, languages=[language]).queries == {language: before.queries[language]}
    with pytest.raises(InputError, match="the article's text is missing"):
        read_mewsli_x(folder)
