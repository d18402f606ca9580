import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from embeddings_server import Server, reply
from equilingua.cli.app import app
from equilingua.cli.endpoint_options import request_fields
from equilingua.errors import EquilinguaWarning, InputError

CORPUS = [{"id": f"p{n}", "text": f"{['red', 'green', 'blue'][n % 3]} thing {n}"} for n in range(25)]
QUERIES = [{"id": "q0", "text": "which is red?"}, {"id": "q1", "text": "which is blue?"}]


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    for name, rows in (("corpus", CORPUS), ("queries", QUERIES)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return ["--corpus", str(tmp_path / "corpus.jsonl"), "--queries", str(tmp_path / "queries.jsonl")]


def search(tmp_path: Path, model: str, *arguments: str) -> Result:
    command = ["search", model, *arguments, "--output", str(tmp_path / "run.trec"), "--top-k", "3"]
    return CliRunner().invoke(app, command, catch_exceptions=False)


def test_options_of_an_endpoint_reach_the_server(server: Server, files: list[str], tmp_path: Path) -> None:
    done = search(
        tmp_path, f"openai:tiny@{server.url}", *files, "--batch-size", "10", "--dimensions", "2",
        "--query-prompt", "ask: ", "--passage-prompt", "tell: ",
        "--endpoint-body", "truncate=true", "--endpoint-body", '{"options": {"num_ctx": 512}}',
        "--query-body", "input_type=search_query", "--passage-body", "input_type=search_document",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert sorted(len(sent) for sent in server.sent) == [2, 5, 10, 10]
    assert all(asked["truncate"] is True and asked["options"] == {"num_ctx": 512} for asked in server.asked)
    assert all(asked["dimensions"] == 2 for asked in server.asked)
    kinds = {asked["input_type"]: asked["input"][0].partition(" ")[0] for asked in server.asked}
    assert kinds == {"search_query": "ask:", "search_document": "tell:"}
    assert len((tmp_path / "run.trec").read_text().splitlines()) == 6
    # The command keeps what it paid for.
    server.asked.clear()
    (tmp_path / "run.trec").unlink()
    (tmp_path / "run.trec.json").unlink()
    again = search(
        tmp_path, f"openai:tiny@{server.url}", *files, "--dimensions", "2", "--query-prompt", "ask: ",
        "--passage-prompt", "tell: ", "--endpoint-body", '{"options": {"num_ctx": 512}, "truncate": true}',
        "--query-body", "input_type=search_query", "--passage-body", "input_type=search_document",
    )  # fmt: skip
    assert again.exit_code == 0
    assert server.asked == []


def test_long_texts_are_told_or_cut(server: Server, files: list[str], tmp_path: Path) -> None:
    long = {"id": "long", "text": "red " * 300}
    (tmp_path / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in (*CORPUS, long)))
    server.rule = lambda asked: reply({"error": "too long"}, 400) if max(map(len, asked["input"])) > 900 else None
    with pytest.raises(
        InputError, match=r"refused 1 of 26 texts, the first of 1,200 characters, 'red .*--long-texts cut"
    ):
        search(tmp_path, f"openai:tiny@{server.url}", *files)
    asked = len(server.asked)
    with pytest.warns(EquilinguaWarning, match="1 of 1 texts were longer than it takes and were cut"):
        done = search(tmp_path, f"openai:tiny@{server.url}", *files, "--long-texts", "cut")
    assert done.exit_code == 0
    assert max(len(sent) for sent in server.sent[asked:]) == 1


@pytest.mark.parametrize(
    "option",
    [
        ["--endpoint-body", "a=1"], ["--query-body", "a=1"], ["--passage-body", "a=1"], ["--dimensions", "2"],
        ["--long-texts", "cut"], ["--timeout", "5"],
    ],
)  # fmt: skip
def test_options_of_an_endpoint_are_refused_for_other_retrievers(
    option: list[str], files: list[str], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=rf"{option[0]}: only for an endpoint \(openai:MODEL@URL\), not for 'bm25'"):
        search(tmp_path, "bm25", *files, *option)


@pytest.mark.parametrize("command", ["evaluate", "audit", "search"])
def test_every_command_with_a_retriever_takes_them(command: str) -> None:
    parameters = {option for one in typer.main.get_command(app).commands[command].params for option in one.opts}  # type: ignore[attr-defined]
    wanted = {"--endpoint-body", "--query-body", "--passage-body", "--dimensions", "--long-texts", "--timeout"}
    assert wanted <= parameters


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ([], {}),
        (["a=b"], {"a": "b"}),
        (["a=1", "b=1.5", "c=false", "d=null", "e=[1, 2]"], {"a": 1, "b": 1.5, "c": False, "d": None, "e": [1, 2]}),
        (['a="1"'], {"a": "1"}),
        (["a=b=c"], {"a": "b=c"}),
        (["a="], {"a": ""}),
        ([" a =b"], {"a": "b"}),
        (['{"a": {"b": 1}}', "c=d"], {"a": {"b": 1}, "c": "d"}),
        (["b=" + "[" * 2000, "c=" + "9" * 5000], {"b": "[" * 2000, "c": "9" * 5000}),
    ],
)
def test_fields_are_read_as_json_or_texts(given: list[str], fields: dict[str, Any]) -> None:
    assert request_fields(given, "endpoint_body") == fields


@pytest.mark.parametrize("text", ["", "a", "=b", " =b", "{", '{"a": 1', '{"a": 1} x', "[1]", '{"a":' * 2000])
def test_what_is_no_field_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="--query-body"):
        request_fields([text], "query_body")


def test_a_field_given_twice_is_refused() -> None:
    for given in (["a=1", "a=2"], ["a=1", '{"a": 2}'], ['{"a": 1, "a": 2}']):
        with pytest.raises(InputError, match=r"--passage-body: .*'a' (is given|stands) twice"):
            request_fields(given, "passage_body")


def test_a_key_in_a_field_is_refused_before_anything_is_sent(server: Server, files: list[str], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="field 'api_key' of the body looks like a key"):
        search(tmp_path, f"openai:tiny@{server.url}", *files, "--endpoint-body", "api_key=sk-1")
    assert server.asked == []
