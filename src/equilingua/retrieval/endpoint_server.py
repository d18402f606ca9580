"""A server of embeddings: its address, the key that may go there, and how long it is waited for."""

import json
import os
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import quote, urlsplit

from equilingua.errors import InputError
from equilingua.escaping import terminal_text

OPENAI_URL = "https://api.openai.com/v1"
OPENAI_KEY = "OPENAI_API_KEY"
OTHER_KEY = "EQUILINGUA_API_KEY"

LONGEST_MESSAGE = 300


@dataclass(frozen=True, slots=True)
class Server:
    """A model of a server, and the rules by which it is asked.

    Attributes:
        model: its name there.
        url: up to and without ``/embeddings``.
        timeout: seconds in which an answer must have come whole.
        attempts: requests made for the same texts before giving up.

    Raises:
        InputError: if the URL is no http or https address, or has a user, password, query or fragment.
    """

    model: str
    url: str
    timeout: float
    attempts: int

    def __post_init__(self) -> None:
        _check_url(self.url)

    @property
    def name(self) -> str:
        """``openai:MODEL@URL``, as it begins every message."""
        return f"openai:{self.model}@{self.url.rstrip('/')}"

    @property
    def is_here(self) -> bool:
        """Whether the server is on this machine."""
        host = urlsplit(self.url).hostname or ""
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"

    @property
    def is_openai(self) -> bool:
        """Whether the server is OpenAI's own, and the way to it encrypted."""
        here, openai = urlsplit(self.url), urlsplit(OPENAI_URL)
        return (here.scheme, here.hostname, here.port) == (openai.scheme, openai.hostname, openai.port)

    @property
    def key_variable(self) -> str:
        """The variable that holds the key for this address: OpenAI's key goes to OpenAI alone, and encrypted."""
        return OPENAI_KEY if self.is_openai else OTHER_KEY

    def key(self) -> str:
        """The key to send, from the environment; nothing if there is none.

        Raises ``InputError``, which does not repeat it, if it cannot be one, or would be sent unencrypted.
        """
        key = os.environ.get(self.key_variable, "").strip()
        if not (key.isascii() and key.isprintable()):
            # As a header it would fail with an error that prints it.
            raise InputError(f"{self.key_variable}: holds characters that no key has. Set it anew")
        if key and urlsplit(self.url).scheme == "http" and not self.is_here:
            raise InputError(
                f"{self.name}: the key in {self.key_variable} would be sent unencrypted over http, where others can "
                "read it. Give an https address; unset the variable if the server needs no key; or reach the server "
                "through a tunnel, as http://localhost:PORT/v1"
            )
        return key

    def shown(self, words: object) -> str:
        """A server's words for a message: without the key, which they may repeat, on one line, short and harmless."""
        text = str(words)
        key = self.key()
        # The key goes first: what is left of one that was cut would not be found.
        for spelled in (key, json.dumps(key)[1:-1], quote(key, safe="")) if key else ():
            text = text.replace(spelled, "***")
        return terminal_text(" ".join(text.split())[:LONGEST_MESSAGE])


def _check_url(url: str) -> None:
    """Raise ``InputError``, which does not repeat what may be a password, for what is no address of an endpoint."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it checks it
        if " " in url or not url.isprintable():
            # urlsplit passes over some of these characters, so that two readers would see two hosts.
            raise ValueError("characters that no address has")
    except ValueError:
        # Python's words would repeat what may be a password.
        raise InputError(
            f"URL: cannot be read as an address, its host or port is malformed: write it like {OPENAI_URL}, "
            "http://localhost:8000/v1 or http://[::1]:8000/v1"
        ) from None
    refused = "@" in parts.netloc or "?" in url or "#" in url
    if parts.scheme not in ("http", "https") or not parts.hostname or refused:
        raise InputError(
            f"{parts.scheme or 'URL'}: an endpoint's address reads like {OPENAI_URL} or http://localhost:8000/v1, "
            "without user, password, query or fragment"
        )
