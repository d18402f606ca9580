import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embeddings_server import AT_ONCE, Reply, Server, answer, reply
from equilingua.errors import EquilinguaWarning, InputError
from equilingua.retrieval.encoding import EncodeOptions, encode
from equilingua.retrieval.endpoint import EmbeddingsEndpoint

TEXTS = [f"text number {n}" for n in range(100)]


def endpoint(server: Server, **options: Any) -> EmbeddingsEndpoint:
    return EmbeddingsEndpoint("tiny", server.url, **options)


def expected(texts: list[str]) -> list[list[float]]:
    return [[len(text), ord(text[0])] for text in texts]


# How servers refuse too many texts, or a text that is too long: by status, words and language.
REFUSALS = {
    "DashScope": reply({"error": {"message": "batch size is invalid, it should not be larger than 10"}}, 400),
    "TEI": reply({"error": "batch size 64 > maximum allowed batch size 32", "error_type": "Validation"}, 413),
    "FastAPI": reply({"detail": [{"type": "too_long", "loc": ["body", "input"], "msg": "at most 10 items"}]}, 422),
    "nginx": (413, {}, b"<html><h1>413 Request Entity Too Large</h1></html>"),
    "llama.cpp": reply({"error": {"message": "input is too large to process. increase the physical batch size"}}, 500),
    "Ollama": reply({"error": "the input length exceeds the context length"}, 400),
    "in Chinese": reply({"code": 20015, "message": "输入过长"}, 400),
    "without words": (400, {}, b""),
    "in the body": reply({"error": {"message": "too much", "code": 400}}),
}


@pytest.mark.parametrize("kind", REFUSALS)
def test_a_server_that_takes_ten_texts_is_sent_no_more(server: Server, kind: str) -> None:
    server.rule = lambda asked: REFUSALS[kind] if len(asked["input"]) > 10 else None
    with pytest.warns(EquilinguaWarning, match=r"takes no 64 texts a request \(.*\); it is sent 8 from now on"):
        vectors = endpoint(server).encode_query(TEXTS)
    assert vectors.tolist() == expected(TEXTS)
    refused = [sent for sent in server.sent if len(sent) > 10]
    # Once as it was asked for, and then with short texts until the number was found.
    assert [len(sent) for sent in refused] == [64, 64, 32, 16]
    assert all(sent == ["a"] * len(sent) for sent in refused[1:])


@pytest.mark.parametrize("kind", REFUSALS)
def test_a_text_that_is_too_long_does_not_keep_the_others_from_being_encoded(
    server: Server, tmp_path: Path, kind: str
) -> None:
    texts = [*TEXTS[:40], "x" * 900, *TEXTS[40:], "y" * 2000]
    server.rule = lambda asked: REFUSALS[kind] if max(map(len, asked["input"])) > 500 else None
    options = EncodeOptions(cache=tmp_path, batch_size=32)
    with pytest.raises(
        InputError, match=r"refused 2 of 102 texts, the first of 2,000 characters, 'yyy.*--long-texts cut"
    ) as told:
        encode(endpoint(server, attempts=1), texts, "query", options)
    assert "\n" not in str(told.value)
    server.asked.clear()
    np.testing.assert_allclose(encode(endpoint(server), TEXTS, "query", options)[:, 0], 0.118, atol=0.02)
    assert server.asked == []


def test_long_texts_are_cut_where_that_is_asked_for_and_counted(server: Server, tmp_path: Path) -> None:
    texts = ["x" * 900, *TEXTS, "y" * 2000]
    server.rule = lambda asked: REFUSALS["Ollama"] if max(map(len, asked["input"])) > 500 else None
    model = endpoint(server, long_texts="cut", prompts={"query": "ask: "})
    with pytest.warns(
        EquilinguaWarning, match="2 of 102 texts were longer than it takes and were cut, the shortest to 379"
    ):
        vectors = model.encode_query(texts)
    assert 370 < vectors[0, 0] <= 500
    assert vectors[:, 1].tolist() == [ord("a")] * 102
    cut = [sent[0] for sent in server.sent if len(sent) == 1 and "xxx" in sent[0] and len(sent[0]) <= 500]
    assert cut == ["ask: " + "x" * (int(vectors[0, 0]) - 5)]
    # The vector of a part of a text is not kept as that of the text.
    options = EncodeOptions(cache=tmp_path)
    with pytest.warns(EquilinguaWarning, match="2 of 102 texts"):
        encode(model, texts, "query", options)
    with pytest.raises(InputError, match="refused 2 of 2 texts"):
        encode(endpoint(server, prompts={"query": "ask: "}), texts, "query", options)


def test_a_text_that_is_refused_whatever_its_length_is_told_though_long_ones_are_cut(server: Server) -> None:
    server.rule = lambda asked: reply({"error": "bad"}, 400) if any("!" in text for text in asked["input"]) else None
    with pytest.raises(InputError, match=r"refused 1 of 101 texts, the first of 40 characters, '!!.*: status 400: bad"):
        endpoint(server, long_texts="cut").encode_query([*TEXTS, "!" * 40])


def test_an_empty_text_that_is_refused_is_told(server: Server) -> None:
    server.rule = lambda asked: reply({"error": "empty"}, 422) if not all(map(str.strip, asked["input"])) else None
    with pytest.raises(InputError, match=r"refused 1 of 3 texts, the first of 0 characters, '': status 422: empty"):
        endpoint(server).encode_query(["a", "", "b"])


def test_texts_that_are_too_much_together_are_sent_in_halves_and_others_whole(server: Server) -> None:
    def rule(asked: dict[str, Any]) -> Reply | None:
        return reply({"error": "too many tokens"}, 400) if sum(map(len, asked["input"])) > 1000 else None

    server.rule = rule
    texts = ["z" * 300] * 16 + TEXTS[:16]
    assert endpoint(server, batch_size=16).encode_query(texts).tolist() == expected(texts)
    answered = [len(sent) for sent in server.sent if sum(map(len, sent)) <= 1000 and sent[0] != "a"]
    assert answered == [2] * 8 + [16]


def test_a_request_that_no_server_would_answer_is_told_after_one_that_is_as_small_as_can_be(server: Server) -> None:
    server.rule = lambda _: reply({"error": {"message": "The model 'tiny' does not exist"}}, 400)
    with pytest.raises(InputError, match=r"status 400: The model 'tiny' does not exist$"):
        endpoint(server).encode_query(TEXTS)
    # All texts; as many short ones; one by each of three encodings.
    assert [len(sent) for sent in server.sent] == [64, 64, 1, 1, 1]


@pytest.mark.parametrize("status", [400, 422, 500])
@pytest.mark.parametrize("words", ["base64 encoding is not currently supported", "Extra inputs are not permitted", ""])
def test_a_server_that_gives_no_base64_is_asked_for_numbers(server: Server, status: int, words: str) -> None:
    server.rule = lambda asked: (
        reply({"error": words}, status, **AT_ONCE) if asked.get("encoding_format") == "base64" else None
    )
    assert endpoint(server, attempts=1).encode_query(TEXTS).tolist() == expected(TEXTS)
    assert [asked["encoding_format"] for asked in server.asked] == ["base64"] * 3 + ["float"] * 3


def test_a_server_that_knows_no_encodings_is_asked_without_one(server: Server) -> None:
    server.rule = lambda asked: (
        reply({"detail": "extra fields not permitted"}, 422) if "encoding_format" in asked else None
    )
    assert endpoint(server).encode_query(["a", "bb"]).tolist() == expected(["a", "bb"])
    assert "encoding_format" not in server.asked[-1]


def test_an_encoding_that_is_asked_for_is_kept_to(server: Server) -> None:
    endpoint(server, body={"encoding_format": "float"}).encode_query(["a"])
    assert [asked["encoding_format"] for asked in server.asked] == ["float"]
    server.rule = lambda asked: reply({"error": "none"}, 400) if asked["encoding_format"] == "base64" else None
    with pytest.raises(InputError, match="status 400: none"):
        endpoint(server, body={"encoding_format": "base64"}).encode_query(["a"])


def test_numbers_in_place_of_base64_are_read(server: Server) -> None:
    server.rule = lambda asked: reply(answer(asked["input"]))
    assert endpoint(server).encode_query(["a", "bb"]).tolist() == expected(["a", "bb"])


@pytest.mark.parametrize("spoilt", ["AAA", "AAAAA===", "ä", "[1.0, 2.0]", base64.b64encode(b"12345").decode()])
def test_base64_that_is_none_is_asked_for_as_numbers(server: Server, spoilt: str) -> None:
    def rule(asked: dict[str, Any]) -> Reply | None:
        document = answer(asked["input"])
        for entry in document["data"]:
            entry["embedding"] = spoilt
        return reply(document) if asked.get("encoding_format") == "base64" else None

    server.rule = rule
    assert endpoint(server).encode_query(["a", "bb"]).tolist() == expected(["a", "bb"])


def test_a_server_that_answers_the_first_texts_only_is_sent_fewer(server: Server) -> None:
    server.rule = lambda asked: reply(answer(asked["input"][:10]))
    with pytest.warns(
        EquilinguaWarning, match=r"takes no 64 texts a request \(answered with 10 vectors for 64 texts\)"
    ):
        assert endpoint(server).encode_query(TEXTS).tolist() == expected(TEXTS)


def test_vectors_that_are_missing_once_are_asked_for_again(server: Server) -> None:
    server.replies = [reply(answer(["a"]))]
    assert endpoint(server).encode_query(["a", "bb"]).tolist() == expected(["a", "bb"])
    server.rule = lambda asked: reply({"data": []}) if "bb" in asked["input"] else None
    with pytest.raises(InputError, match="answered with 0 vectors for 1 texts, for the text 'bb'"):
        endpoint(server).encode_query(["a", "bb"])


def test_a_fault_of_the_server_for_one_text_is_told_with_the_text(server: Server) -> None:
    server.rule = lambda asked: reply({"error": "EOF"}, 500, **AT_ONCE) if "bb" in asked["input"] else None
    with pytest.raises(InputError, match="status 500: EOF, for the text 'bb'"):
        endpoint(server, attempts=2).encode_query(["a", "bb", "c"])


def test_other_dimensions_than_asked_for_are_refused(server: Server) -> None:
    with pytest.raises(InputError, match="gave vectors of 2 dimensions, 64 were asked for"):
        endpoint(server, dimensions=64).encode_query(["a"])
    server.replies = [(200, {}, b'{"data": [{"index": 0, "embedding": [1, 2, 3]}]}')]
    with pytest.raises(InputError, match="gave vectors of 2 and 3 dimensions"):
        endpoint(server, batch_size=1).encode_query(["a", "b"])


def test_what_one_process_found_out_serves_all_its_requests(server: Server) -> None:
    server.rule = lambda asked: reply({"error": "no base64"}, 400) if asked["encoding_format"] == "base64" else None
    texts = [json.dumps(n) for n in range(500)]
    endpoint(server).encode_query(texts)
    assert sum(asked["encoding_format"] == "base64" for asked in server.asked) == 3
