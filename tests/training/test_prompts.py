"""Which text stands before queries and passages, by whatever names a model keeps its prompts."""

from types import SimpleNamespace
from typing import Any

import pytest

from equilingua.training.prompts import RolePrompts, missing_prompts, role_prompts, set_prompts


def model(prompts: Any, default: str | None = None) -> Any:
    return SimpleNamespace(prompts=prompts, default_prompt_name=default)


@pytest.mark.parametrize("name", ["document", "passage", "corpus", "doc", "search_document", "retrieval.passage"])
def test_names_of_passages_prompts_are_one(name: str) -> None:
    stored = {"query": "q: ", "document": "", name: "p: "}
    assert role_prompts(model(stored)) == RolePrompts("q: ", "p: ")


@pytest.mark.parametrize(
    "name", ["query", "question", "search_query", "retrieval.query", "Retrieval-query", "s2p_query"]
)
def test_names_of_queries_prompts_are_one(name: str) -> None:
    assert role_prompts(model({"query": "", "document": "", name: "q: "})) == RolePrompts("q: ", "")


def test_the_roles_first_name_wins_where_several_have_a_text() -> None:
    stored = {"passage": "second", "document": "first", "s2p_query": "third", "query": "own", "STS": "other"}
    assert role_prompts(model(stored)) == RolePrompts("own", "first")


@pytest.mark.parametrize(
    ("stored", "default", "expected"),
    [
        ({"query": "q: ", "document": ""}, "query", RolePrompts("q: ", "")),
        ({"query": "q: "}, "query", RolePrompts("q: ", "")),
        ({"passage": "p: "}, "passage", RolePrompts("", "p: ")),
        ({"query": "", "document": "", "general": "all: "}, "general", RolePrompts("all: ", "all: ")),
        ({"query": "q: ", "document": "", "general": "all: "}, "general", RolePrompts("q: ", "all: ")),
        ({"query": "q: "}, "gone", RolePrompts("q: ", "")),
    ],
)
def test_a_default_prompt_is_that_of_a_role_without_its_own_but_never_the_other_roles(
    stored: dict[str, str], default: str, expected: RolePrompts
) -> None:
    assert role_prompts(model(stored, default)) == expected


@pytest.mark.parametrize("stored", [None, {}, {"query": None, "document": None}, ["query"]])
def test_a_model_without_prompts_has_none(stored: Any) -> None:
    assert role_prompts(model(stored)) == role_prompts(object()) == RolePrompts("", "")


def test_given_prompts_win_and_an_empty_one_is_none() -> None:
    stored = model({"query": "q: ", "passage": "p: "})
    assert role_prompts(stored, query="ask: ") == RolePrompts("ask: ", "p: ")
    assert role_prompts(stored, query="", passage="") == RolePrompts("", "")


@pytest.mark.parametrize("default", ["passage", "query", "general", None])
def test_set_prompts_are_what_the_stock_library_then_uses(default: str | None) -> None:
    stored = model({"query": "q: ", "passage": "p: ", "general": "all: "}, default)
    set_prompts(stored, RolePrompts("ask: ", ""))
    assert stored.prompts == {"query": "ask: ", "document": "", "general": "all: "}
    assert stored.default_prompt_name == {"passage": "document"}.get(default or "", default)
    assert role_prompts(stored).query == "ask: "


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("intfloat/multilingual-e5-small", "--query-prompt 'query: ' --passage-prompt 'passage: '"),
        ("models--intfloat--e5-base-v2", "--query-prompt 'query: ' --passage-prompt 'passage: '"),
        ("intfloat/multilingual-e5-large-instruct", "--query-prompt 'Instruct: "),
        ("BAAI/bge-base-en-v1.5", "--query-prompt 'Represent this sentence for searching relevant passages: '"),
        ("nomic-ai/nomic-embed-text-v1.5", "--query-prompt 'search_query: ' --passage-prompt 'search_document: '"),
        ("Snowflake/snowflake-arctic-embed-l-v2.0", "--query-prompt 'query: '"),
        ("Snowflake/snowflake-arctic-embed-m", "--query-prompt 'Represent"),
    ],
)
def test_families_made_with_prompts_are_told_on_one_line(name: str, told: str) -> None:
    line = missing_prompts([name], RolePrompts())
    assert line is not None
    assert told in line
    assert "\n" not in line
    assert missing_prompts([name], RolePrompts("anything", "anything")) is None


@pytest.mark.parametrize(
    "name",
    ["sentence-transformers/LaBSE", "BAAI/bge-m3", "Alibaba-NLP/gte-multilingual-base", "runs/hybrid5", "the5th"],
)
def test_other_families_are_not(name: str) -> None:
    assert missing_prompts([name], RolePrompts()) is None
