"""Vectors as they come: for encoders that give them in parts of their own."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from equilingua.retrieval.vectors import Vectors


@dataclass(frozen=True, eq=False)
class EncodedPart:
    """Vectors of some of the texts that an encoder was given.

    Attributes:
        places: of these texts among those given.
        vectors: shape (places, width), float32.
        lasting: whether the same texts will always have them; else they are not kept.
    """

    places: list[int]
    vectors: Vectors
    lasting: bool = True


@runtime_checkable
class PartwiseEncoder(Protocol):
    """An encoder whose vectors may cost money: each part is kept before the next one is asked for."""

    def encoded_parts(self, texts: Sequence[str], role: str, *, prompt: str, batch_size: int) -> Generator[EncodedPart]:
        """Vectors of all texts behind this prompt, in parts of at most so many texts, in any order."""
