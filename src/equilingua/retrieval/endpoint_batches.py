"""Texts sent to an endpoint in requests that its server takes: fewer texts, another encoding, shorter texts.

Servers refuse what is too much in words and with statuses of their own. So what was refused is found out by asking: as
many copies of a short text tell whether there were too many texts, one copy tells whether any request is answered, and
halves of a request lead to the text that cannot be taken.
"""

import warnings
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from equilingua.errors import EquilinguaWarning, InputError
from equilingua.retrieval.bits import Form
from equilingua.retrieval.endpoint_connection import FAULTS, Connection
from equilingua.retrieval.endpoint_reply import RefusedError
from equilingua.retrieval.parts import EncodedPart
from equilingua.retrieval.vectors import Vectors

SHORT = "a"

# In the order in which they are tried: base64 is a quarter of the bytes, and exact. Some servers take but the other,
# and some no field of this name.
ENCODINGS: tuple[Mapping[str, Any], ...] = ({"encoding_format": "base64"}, {"encoding_format": "float"}, {})

# Values of a field (``output_dtype``, ``embedding_type``) by which servers are asked for packed bits, or whole numbers.
BITS = ("binary", "ubinary")
NUMBERS = (*BITS, "int8", "uint8")

# Of a text that is too long so much is left, again and again until it is taken; the rest of fewer characters is not.
LEFT = 0.75
SHORTEST = 16

LONGEST_SHOWN = 60


class Batches:
    """The texts of one role on their way to a server.

    Args:
        connection: to ask it by.
        prompt: put before every text.
        fields: of every request, beside model, texts and encoding.
        most: texts a request; fewer if the server takes fewer.
        cuts: whether texts that are refused for their length are cut.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        prompt: str,
        fields: Mapping[str, Any],
        most: int,
        cuts: bool,
    ) -> None:
        self._server = connection.server
        self._connection = connection
        self._prompt = prompt
        self._fields = fields
        self._most = most
        self._cuts = cuts
        # base64 of other numbers than float32 would be read as garbage.
        numbers = any(value in NUMBERS for value in fields.values() if isinstance(value, str))
        self._encodings = [{}] if "encoding_format" in fields else list(ENCODINGS[1 if numbers else 0 :])
        # As many texts were taken in one request.
        self._taken = 0
        self._bits = any(value in BITS for value in fields.values() if isinstance(value, str))
        self._width: int | None = None
        self._refused: list[tuple[str, RefusedError]] = []
        self._cut: list[int] = []

    def parts(self, texts: Sequence[str]) -> Iterator[EncodedPart]:
        """The vectors of the texts, as they are answered.

        Raises ``InputError``, after all others were answered, if there are texts that the server does not take; at once
        if it takes none, or does not answer.
        """
        waiting = deque([list(range(len(texts)))] if texts else [])
        while waiting:
            places = waiting.popleft()
            if len(places) > self._most:
                waiting.appendleft(places[self._most :])
                places = places[: self._most]
            try:
                yield EncodedPart(places, self._ask([texts[place] for place in places]))
            except RefusedError as refusal:
                half = -(-len(places) // 2)
                if self._asks_otherwise(len(places), refusal):
                    waiting.appendleft(places)
                elif len(places) > 1:
                    waiting.extendleft([places[half:], places[:half]])
                elif (vectors := self._of_refused(texts[places[0]], refusal)) is not None:
                    yield EncodedPart(places, vectors, lasting=False)
        self._tell_of_long(len(texts))

    def _ask(self, texts: Sequence[str], *, attempts: int | None = None) -> Vectors:
        # Servers refuse empty texts.
        sent = [self._prompt + text or " " for text in texts]
        vectors = self._connection.ask(sent, {**self._encodings[0], **self._fields}, attempts=attempts)
        if self._bits:
            vectors = Form.of([vectors]).unpacked(vectors)
        widths = sorted({vectors.shape[1], self._width or vectors.shape[1]})
        asked = self._fields.get("dimensions")
        if len(widths) > 1 or (asked and widths != [asked]):
            wanted = f", {asked} were asked for" if asked else ""
            raise InputError(
                f"{self._server.name}: gave vectors of {' and '.join(map(str, widths))} dimensions{wanted}"
            )
        self._width = vectors.shape[1]
        self._taken = max(self._taken, len(texts))
        return vectors

    def _is_taken(self, count: int) -> bool:
        """Whether the server answers a request of so many short texts."""
        if count > self._taken:
            try:
                self._ask([SHORT] * count, attempts=1)
            except RefusedError:
                return False
        return True

    def _asks_otherwise(self, count: int, refusal: RefusedError) -> bool:
        """Whether requests are made in another way from now on, after one of so many texts was refused.

        Raises ``InputError`` with the server's words if it answers no request at all.
        """
        if self._is_taken(count):
            return False
        before = self._encodings
        while not self._is_taken(1):
            self._encodings = self._encodings[1:]
            if not self._encodings:
                raise InputError(f"{self._server.name}: {self._server.shown(refusal)}") from None
        if self._encodings is before:
            self._most = count // 2
            while not self._is_taken(self._most):
                self._most //= 2
            warnings.warn(
                f"{self._server.name}: takes no {count:,} texts a request ({self._server.shown(refusal)}); it is sent "
                f"{self._most:,} from now on",
                EquilinguaWarning,
                stacklevel=2,
            )
        return True

    def _of_refused(self, text: str, refusal: RefusedError) -> Vectors | None:
        """The vector of the beginning of a text that is refused, where texts may be cut; else it is noted."""
        if refusal.status in (HTTPStatus.OK, *FAULTS) and not refusal.too_much:
            words = self._server.shown(refusal)
            raise InputError(f"{self._server.name}: {words}, for the text {_beginning(text)}") from None
        length = int(len(text) * LEFT) if self._cuts else 0
        while length >= SHORTEST:
            try:
                vectors = self._ask([text[:length]])
            except RefusedError:
                length = int(length * LEFT)
            else:
                self._cut.append(length)
                return vectors
        self._refused.append((text, refusal))
        return None

    def _tell_of_long(self, count: int) -> None:
        if self._cut:
            warnings.warn(
                f"{self._server.name}: {len(self._cut):,} of {count:,} texts were longer than it takes and were cut, "
                f"the shortest to {min(self._cut):,} characters",
                EquilinguaWarning,
                stacklevel=2,
            )
        if self._refused:
            text, refusal = self._refused[0]
            raise InputError(
                f"{self._server.name}: refused {len(self._refused):,} of {count:,} texts, the first of {len(text):,} "
                f"characters, {_beginning(text)}: {self._server.shown(refusal)}. Shorten or leave out such texts, or "
                "let those that are too long be cut: --long-texts cut. A cache has kept the vectors of all others"
            )


def _beginning(text: str) -> str:
    return repr(text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 3]}...")
