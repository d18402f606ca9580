from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embeddings_server import AT_ONCE, Server, answer, reply
from equilingua.benchmarks.benchmark import Benchmark
from equilingua.errors import InputError
from equilingua.evaluation.evaluate import evaluate
from equilingua.retrieval.encoding import EncodeOptions, encode
from equilingua.retrieval.endpoint import EmbeddingsEndpoint
from equilingua.retrieval.endpoint_server import OPENAI_URL
from equilingua.retrieval.registry import retriever


def endpoint(server: Server, **options: Any) -> EmbeddingsEndpoint:
    return EmbeddingsEndpoint("tiny", server.url, **options)


def test_vectors_come_in_the_order_of_the_texts_in_batches(server: Server) -> None:
    vectors = endpoint(server, batch_size=2).encode_query(["a", "bb", "ccc", "dd", "e"])
    assert vectors.tolist() == [[1, 97], [2, 98], [3, 99], [2, 100], [1, 101]]
    assert vectors.dtype == np.float32
    assert server.sent == [["a", "bb"], ["ccc", "dd"], ["e"]]
    assert {asked["path"] for asked in server.asked} == {"/v1/embeddings"}
    assert {asked["model"] for asked in server.asked} == {"tiny"}


def test_prompts_of_the_role_are_put_in_front(server: Server) -> None:
    model = endpoint(server, prompts={"query": "ask: "})
    model.encode_query(["a"])
    model.encode_document(["b", ""])
    assert server.sent == [["ask: a"], ["b", " "]]


def test_fields_of_the_body_go_with_the_requests_of_their_role(server: Server) -> None:
    fields = {"query_body": {"input_type": "search_query"}, "passage_body": {"input_type": "search_document"}}
    model = endpoint(server, body={"user": "me", "options": {"num_ctx": 512}}, dimensions=2, **fields)
    model.encode_query(["a"])
    model.encode_document(["b"])
    assert [asked["input_type"] for asked in server.asked] == ["search_query", "search_document"]
    assert all(asked["options"] == {"num_ctx": 512} and asked["user"] == "me" for asked in server.asked)
    assert [asked["dimensions"] for asked in server.asked] == [2, 2]
    EmbeddingsEndpoint("tiny", server.url).encode_query(["a"])
    assert set(server.asked[-1]) == {"path", "model", "input", "encoding_format"}


@pytest.mark.parametrize("name", ["input", "model", "dimensions"])
def test_fields_that_have_an_option_are_refused(name: str) -> None:
    with pytest.raises(InputError, match=f"field '{name}' of the body has an option of its own"):
        EmbeddingsEndpoint("tiny", passage_body={name: "x"})


@pytest.mark.parametrize("name", ["api_key", "apikey", "Authorization", "client-secret", "PASSWORD"])
def test_a_key_in_the_body_is_refused_and_not_repeated(name: str) -> None:
    with pytest.raises(InputError, match=f"field '{name}' of the body looks like a key.* OPENAI_API_KEY") as told:
        EmbeddingsEndpoint("tiny", body={name: "sk-1"})
    assert "sk-1" not in str(told.value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, b"x", object()])
def test_a_field_that_is_no_json_is_refused(value: Any) -> None:
    for name in ("body", "query_body", "passage_body"):
        with pytest.raises(InputError, match="a field of the body cannot be sent as JSON"):
            EmbeddingsEndpoint("tiny", **{name: {"a": [value]}})


def test_options_out_of_their_range_are_refused() -> None:
    for name, number in {"batch_size": 0, "timeout": 0.0, "attempts": 0, "dimensions": -1}.items():
        with pytest.raises(InputError, match=f"{name.replace('_', ' ')} {number} is not above 0"):
            EmbeddingsEndpoint("tiny", **{name: number})
    for number in (float("nan"), float("inf")):
        with pytest.raises(InputError, match=r"timeout .* is not above 0, or without end"):
            EmbeddingsEndpoint("tiny", timeout=number)
    with pytest.raises(InputError, match=r"long texts: unknown 'crop'. Allowed: cut, refuse"):
        EmbeddingsEndpoint("tiny", long_texts="crop")


def test_the_batch_size_of_encoding_reaches_the_server(server: Server) -> None:
    texts = [f"text {n}" for n in range(25)]
    encode(endpoint(server), texts, "query", EncodeOptions(batch_size=10))
    assert [len(sent) for sent in server.sent] == [10, 10, 5]
    server.asked.clear()
    encode(endpoint(server, batch_size=4), texts, "query", EncodeOptions(batch_size=10))
    assert max(len(sent) for sent in server.sent) == 4


def test_an_endpoint_is_an_encoder_with_a_cache(server: Server, tmp_path: Path) -> None:
    vectors = encode(endpoint(server), ["a", "bb", "a"], "query", EncodeOptions(cache=tmp_path))
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-6)
    again = encode(endpoint(server), ["bb", "a"], "query", EncodeOptions(cache=tmp_path))
    np.testing.assert_array_equal(again, vectors[[1, 0]])
    assert len(server.asked) == 1


def test_what_changes_vectors_changes_the_cache(server: Server) -> None:
    models = [
        endpoint(server),
        endpoint(server, dimensions=2),
        endpoint(server, body={"task": "retrieval"}),
        endpoint(server, query_body={"task": "retrieval"}),
        endpoint(server, passage_body={"task": "retrieval"}),
        EmbeddingsEndpoint("other", server.url),
        EmbeddingsEndpoint("tiny", f"{server.url}/2"),
    ]
    assert len({model.cache_key for model in models}) == len(models)
    same = endpoint(server, batch_size=3, timeout=5, attempts=1, long_texts="cut")
    assert same.cache_key == models[0].cache_key


def test_no_texts_are_refused(server: Server) -> None:
    with pytest.raises(InputError, match="there are no texts to encode"):
        endpoint(server).encode_query([])


def test_what_came_before_a_server_broke_down_is_not_asked_for_again(server: Server, tmp_path: Path) -> None:
    texts = [letter * 3 for letter in "abcdefgh"]
    model = endpoint(server, attempts=1)
    encode(model, texts[:4], "query", EncodeOptions(cache=tmp_path))
    server.replies = [(503, {}, b"later")]
    with pytest.raises(InputError, match="status 503"):
        encode(model, texts, "query", EncodeOptions(cache=tmp_path))
    server.asked.clear()
    assert encode(model, texts, "query", EncodeOptions(cache=tmp_path)).shape == (8, 2)
    assert sorted(text for sent in server.sent for text in sent) == texts[4:]


@pytest.mark.parametrize(
    "failure",
    [
        (402, b'{"error": "no credit left"}'),
        (401, b""),
        (500, b""),
        (400, b"no"),
        (200, b"what?"),
        (200, b'{"data": 1}'),
    ],
)
def test_every_request_that_was_answered_is_kept_when_one_fails(
    server: Server, tmp_path: Path, failure: tuple[int, bytes]
) -> None:
    texts = [f"text {n:02}" for n in range(40)]
    options = EncodeOptions(batch_size=4, cache=tmp_path)
    answered = 0

    def rule(_: dict[str, Any]) -> Any:
        nonlocal answered
        answered += 1
        return None if answered <= 6 else (failure[0], {}, failure[1])

    server.rule = rule
    with pytest.raises(InputError):
        encode(endpoint(server, attempts=1), texts, "document", options)
    server.rule = lambda _: None
    server.asked.clear()
    vectors = encode(endpoint(server), texts, "document", options)
    assert len(vectors) == 40
    assert sorted(text for sent in server.sent for text in sent) == texts[24:]


def test_a_cache_that_cannot_be_written_stops_an_endpoint_before_it_is_paid(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(InputError, match="the cache of vectors cannot be used") as told:
        encode(endpoint(server), ["a"], "query", EncodeOptions(cache=tmp_path / "file"))
    assert "\n" not in str(told.value)
    assert server.asked == []


def test_an_overloaded_server_is_asked_again(server: Server) -> None:
    server.replies = [reply({}, status, **AT_ONCE) for status in (429, 500, 503, 408)]
    assert endpoint(server).encode_query(["a"]).tolist() == [[1, 97]]
    assert len(server.asked) == 5


def test_an_answer_without_index_is_in_the_order_of_the_texts(server: Server) -> None:
    document = answer(["a", "bb", "c"])
    for entry in document["data"]:
        del entry["index"]
    server.replies = [reply(document)]
    assert endpoint(server).encode_query(["a", "bb", "c"]).tolist() == [[1, 97], [2, 98], [1, 99]]


def test_endpoints_go_by_name() -> None:
    assert retriever("openai:text-embedding-3-small") == EmbeddingsEndpoint("text-embedding-3-small", OPENAI_URL)
    local = retriever("openai:BAAI/bge-m3@http://localhost:8000/v1")
    assert local == EmbeddingsEndpoint("BAAI/bge-m3", "http://localhost:8000/v1")
    assert local.name == "openai:BAAI/bge-m3@http://localhost:8000/v1"


def test_other_addresses_are_refused_without_repeating_them() -> None:
    refused = ["ftp://host/v1", "file:///etc/passwd", "localhost:8000", "http://user:secret@host/v1"]
    refused += ["http://:secret@host/v1", "http://@host/v1", "http://host/v1?key=secret", "http://host/v1#secret"]
    for address in refused:
        with pytest.raises(InputError, match=r"an endpoint's address reads like https://") as told:
            EmbeddingsEndpoint("m", address)
        assert "secret" not in str(told.value)
    with pytest.raises(InputError, match="openai: no model is named"):
        retriever("openai:@http://localhost:8000/v1")


@pytest.mark.parametrize(
    "address",
    [
        "http://[::1/v1",
        "http://host:secret/v1",
        "http://host:99999999/v1",
        "http://user:secret",
        "http://ho st/secret",
        "http://ho\nst/secret",
        "http://ho\x1bst/secret",
        "http://host/ secret",
    ],
)
def test_an_address_that_cannot_be_read_is_told_without_repeating_it(address: str) -> None:
    with pytest.raises(InputError, match=r"URL: cannot be read as an address.* http://localhost:8000/v1") as caught:
        EmbeddingsEndpoint("tiny", address)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("host", ["a..b", "xn--", "a" * 70, "\u0663.\u0664", "-", "[::1%25eth9]"])
def test_a_host_that_there_cannot_be_is_told(host: str) -> None:
    with pytest.raises(
        InputError, match=r"is no address that can be asked|gave no whole answer in 1 attempts, the last"
    ):
        EmbeddingsEndpoint("tiny", f"https://{host}/v1", attempts=1, timeout=5).encode_query(["a"])


def test_what_requests_ask_for_is_recorded_with_results(server: Server, small_benchmark: Benchmark) -> None:
    model = endpoint(server, query_body={"input_type": "search_query"}, body={"user": "me"}, dimensions=2)
    assert evaluate(model, small_benchmark, resamples=0).provenance["notes"][-3:] == [
        'fields of all requests: {"user": "me"}',
        'fields of queries: {"input_type": "search_query"}',
        "2 dimensions asked for",
    ]
