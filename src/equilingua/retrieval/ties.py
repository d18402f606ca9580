"""The order of passages of one score, for everything in this package: by a hash of their texts, whatever the language.

Any order that knows a passage's place, such as that of corpora sorted by language, would show one language before the
others wherever scores are equal, and pass for bias of the retriever.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Positions = npt.NDArray[np.int64]

RULE = "higher score first, then by a hash of the passage's text"
"""The tie rule, as results name it."""

_DIGEST_BYTES = 8


def text_digests(texts: Sequence[str]) -> npt.NDArray[np.uint64]:
    """A number for every text, the same for the same text on every machine: shape (texts,).

    >>> text_digests(["one", "two", "one"]) == text_digests(["one"])
    array([ True, False,  True])
    """
    # A lone surrogate is no text that can be encoded, but one that can be hashed.
    digests = (hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES) for text in texts)
    return np.frombuffer(b"".join(digest.digest() for digest in digests), dtype=">u8").astype(np.uint64)


def corpus_digest(texts: Sequence[str]) -> int:
    """A number for what the passages of a language hold, whatever their order and the language's tag."""
    # Added up, because a sum knows no order; unsigned numbers wrap around.
    return int(text_digests(texts).sum(dtype=np.uint64))


def tie_order(texts: Sequence[str], ids: Sequence[str], corpora: Sequence[int] | None = None) -> Positions:
    """The place of every passage among all, by which passages of one score rank; the lowest first.

    By a hash of the text. Equal texts are told apart by ``corpora``, a number for what each passage's corpus holds
    where ids may name their language (see ``corpus_digest``), and then by their ids. So neither tags of languages nor
    the order of files and rows decide.

    Returns:
        The numbers 0 to texts - 1, shape (texts,).

    >>> tie_order(["one", "two", "one"], ["c", "b", "a"])
    array([1, 2, 0])
    """
    digests = text_digests(texts)
    order = np.argsort(digests, kind="stable")
    # Runs of equal digests are texts that stand several times: few, so only these are looked at one by one.
    ends = np.flatnonzero(np.r_[digests[order][1:] != digests[order][:-1], True][: len(order)]) + 1
    starts = np.r_[0, ends[:-1]] if len(ends) else ends
    for start, end in zip(*(part[ends - starts > 1].tolist() for part in (starts, ends)), strict=True):
        run = order[start:end].tolist()
        order[start:end] = sorted(run, key=lambda place: (corpora[place] if corpora is not None else 0, ids[place]))
    places = np.empty(len(order), dtype=np.int64)
    places[order] = np.arange(len(order))
    return places
