import json
import logging
import traceback
from pathlib import Path
from typing import Any

import pytest

from embeddings_server import AT_ONCE, Server, answer, reply, running
from equilingua.errors import InputError
from equilingua.retrieval.encoding import EncodeOptions, encode
from equilingua.retrieval.endpoint import EmbeddingsEndpoint

KEY = 'sk-"secret"/key'


def endpoint(server: Server, **options: Any) -> EmbeddingsEndpoint:
    return EmbeddingsEndpoint("tiny", server.url, **options)


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch, server: Server) -> str:  # noqa: ARG001 - the server's fixture removes keys
    monkeypatch.setenv("EQUILINGUA_API_KEY", KEY)
    return KEY


def test_the_key_comes_from_the_environment(server: Server, key: str) -> None:
    server.key = key
    model = endpoint(server)
    assert model.encode_query(["a"]).tolist() == [[1, 97]]
    assert KEY not in repr(model) + model.name + model.cache_key


def test_without_a_key_none_is_sent(server: Server) -> None:
    endpoint(server).encode_query(["a"])
    assert "authorization" not in server.headers[0]


def test_a_server_is_told_of_nothing_but_the_request(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    # All that OpenAI's client would read from the environment, or add by itself.
    for name in ("API_KEY", "ADMIN_KEY", "ORG_ID", "PROJECT_ID", "WEBHOOK_SECRET"):
        monkeypatch.setenv(f"OPENAI_{name}", "sk-of-openai")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://elsewhere.invalid")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Gateway: sk-of-openai\nAuthorization: Bearer sk-of-openai")
    endpoint(server).encode_query(["a"])
    assert set(server.headers[0]) == {
        "accept", "accept-encoding", "connection", "content-length", "content-type", "host", "user-agent",
    }  # fmt: skip
    assert "sk-of-openai" not in str(server.headers)
    assert server.headers[0]["user-agent"] == "equilingua"


def test_a_key_that_is_none_is_refused_and_not_printed(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in (f"{KEY}\n{KEY}", f"{KEY}\u00e9", f"{KEY}\x1b"):
        monkeypatch.setenv("EQUILINGUA_API_KEY", wrong)
        with pytest.raises(InputError, match="EQUILINGUA_API_KEY: holds characters that no key has") as told:
            endpoint(server).encode_query(["a"])
        assert KEY not in str(told.value)
    assert server.asked == []


def test_a_refused_key_is_told_and_not_printed(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.key = "another"
    with pytest.raises(
        InputError, match=r"status 401: Incorrect key:. Set the environment variable EQUILINGUA_API_KEY"
    ):
        endpoint(server).encode_query(["a"])
    monkeypatch.setenv("EQUILINGUA_API_KEY", KEY)
    with pytest.raises(
        InputError, match=r"status 401: Incorrect key: .*\*\*\*. The key in EQUILINGUA_API_KEY was refused"
    ) as told:
        endpoint(server).encode_query(["a"])
    assert KEY not in str(told.value)
    assert len(server.asked) == 2


def spellings() -> dict[str, bytes]:
    from urllib.parse import quote

    return {"plain": KEY.encode(), "JSON": json.dumps(KEY)[1:-1].encode(), "URL": quote(KEY, safe="").encode()}


@pytest.mark.parametrize("spelling", ["plain", "JSON", "URL"])
@pytest.mark.parametrize("status", [200, 307, 400, 402, 403, 404, 429, 500, 503])
@pytest.mark.usefixtures("key")
def test_a_key_that_a_server_repeats_is_in_no_message_file_or_log(
    server: Server,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    status: int,
    spelling: str,
) -> None:
    text = spellings()[spelling]
    server.rule = lambda _: (status, AT_ONCE, b"no: " + text)
    with caplog.at_level(logging.DEBUG), pytest.raises(InputError) as told:
        encode(endpoint(server, attempts=4), ["a", "bb"], "query", EncodeOptions(cache=tmp_path))
    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()).decode("utf-8", "replace")
    shown = "".join(traceback.format_exception(told.value)) + "".join(capfd.readouterr()) + caplog.text + written
    assert not any(spelled.decode() in shown for spelled in spellings().values())


@pytest.mark.usefixtures("key")
def test_a_key_in_an_answer_that_is_none_is_hidden(server: Server) -> None:
    for place, message in (("index", r"answered with a vector of index '\*\*\*'"), ("embedding", "no base64")):
        document = answer(["a"])
        document["data"][0][place] = KEY
        server.rule = lambda _, document=document: reply(document)
        with pytest.raises(InputError, match=message) as told:
            endpoint(server).encode_query(["a"])
        assert KEY not in str(told.value)


@pytest.mark.usefixtures("key")
def test_a_key_at_the_end_of_a_long_message_is_hidden_before_it_is_cut(server: Server) -> None:
    for filler in (" ".join(["x" * 9] * 30)[:-20], " " * 9_992):
        server.rule = lambda _, filler=filler: (400, {}, f"{filler}{KEY} is wrong".encode())
        with pytest.raises(InputError, match="status 400") as told:
            endpoint(server).encode_query(["a"])
        assert "***" in str(told.value)
        assert KEY[:5] not in str(told.value)


@pytest.mark.parametrize(
    "host", ["192.168.1.5:8000", "example.org", "localhost.example.org", "[fe80::1]:8000", "0.0.0.0:8000"]
)
@pytest.mark.usefixtures("key")
def test_a_key_goes_over_http_to_no_other_machine(host: str) -> None:
    with pytest.raises(
        InputError, match=r"the key in EQUILINGUA_API_KEY would be sent unencrypted over http.* Give an https address"
    ) as told:
        EmbeddingsEndpoint("tiny", f"http://{host}/v1", attempts=1, timeout=0.1).encode_query(["a"])
    assert KEY not in str(told.value)


@pytest.mark.parametrize(
    "url", ["https://api.openai.com.evil.org/v1", "https://api.openai.com:8443/v1", "https://x.org"]
)
def test_a_key_for_openai_goes_nowhere_else(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    server = EmbeddingsEndpoint("tiny", url).server
    assert (server.key(), server.key_variable) == ("", "EQUILINGUA_API_KEY")
    assert EmbeddingsEndpoint("tiny").server.key() == KEY


def test_a_key_goes_over_http_to_this_machine(server: Server, key: str) -> None:
    for host in ("127.0.0.1", "localhost"):
        EmbeddingsEndpoint("tiny", f"http://{host}:{server.server_port}/v1", attempts=1).encode_query(["a"])
    assert [headers["authorization"] for headers in server.headers] == [f"Bearer {key}"] * 2
    for host in ("127.9.9.9", "[::1]"):
        with pytest.raises(InputError, match="gave no whole answer in 1 attempts"):
            EmbeddingsEndpoint("tiny", f"http://{host}:{server.server_port}/v1", attempts=1).encode_query(["a"])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.usefixtures("key")
def test_a_redirect_is_not_followed(server: Server, status: int) -> None:
    with running() as elsewhere:
        server.replies = [(status, {"Location": f"{elsewhere.url}/embeddings"}, b"")]
        with pytest.raises(InputError, match=f"status {status}: .*Redirects are not followed: give the address"):
            endpoint(server).encode_query(["a"])
        assert elsewhere.asked == []
    assert len(server.asked) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.usefixtures("key")
def test_this_machines_servers_are_not_asked_through_a_proxy(
    server: Server, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with running() as proxy:
        for name in ("http_proxy", "HTTP_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.server_port}")
        EmbeddingsEndpoint("tiny", f"http://{host}:{server.server_port}/v1", attempts=1).encode_query(["a"])
        monkeypatch.delenv("EQUILINGUA_API_KEY")
        EmbeddingsEndpoint("tiny", "http://elsewhere.invalid/v1", attempts=1).encode_query(["bb"])
        assert proxy.sent == [["bb"]]
        assert not any("authorization" in headers for headers in proxy.headers)
    assert server.sent == [["a"]]


def test_a_proxy_that_cannot_be_used_is_told_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    for proxy in ("ftp://user:" + "se" + "same@proxy:1", "http://user:" + "se" + "same@proxy:port"):
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        monkeypatch.setenv("https_proxy", proxy)
        with pytest.raises(InputError, match="the proxy that HTTP_PROXY, HTTPS_PROXY or ALL_PROXY names") as told:
            EmbeddingsEndpoint("tiny", "https://elsewhere.invalid/v1", attempts=1).encode_query(["a"])
        assert "sesame" not in "".join(traceback.format_exception(told.value))
