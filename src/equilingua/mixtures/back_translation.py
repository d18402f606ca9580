"""Copies of pairs with some of their texts replaced, such as by back-translations."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Literal

from equilingua.pairs.pair import PROVENANCES, ParallelPair, integer_key
from equilingua.pairs.store import ParallelPairs

Sides = Literal["queries", "passages", "both"]


def with_copies(
    pairs: Iterable[ParallelPair],
    copy_of: Callable[[ParallelPair], ParallelPair | None],
    *,
    mode: Literal["add", "replace"],
) -> Iterator[ParallelPair]:
    """The pairs with their copies, where they have one, after them (``add``) or in their place (``replace``)."""
    for pair in pairs:
        copy = copy_of(pair)
        if copy is None or mode == "add":
            yield pair
        if copy is not None:
            yield copy


def back_translator(
    translations: ParallelPairs, *, side: Sides, source: str | None = None
) -> Callable[[ParallelPair], ParallelPair | None]:
    """A function from a pair to its copy, in which texts are replaced by their back-translations; None without any.

    The copy keeps its id, so that it is the same item: never a negative of its original. It keeps the texts for which
    there is no back-translation, so that it serves across languages too. A language with a replaced text has the
    provenance ``back-translated``; the source of the copies is ``<source> back-translated`` by default.

    ``translations`` are pairs with the same ids, and texts in the same languages that went through another language.
    """
    places = translations.locate(range(len(translations)))
    positions = {part.id_key(row): position for position, (part, row) in enumerate(places)}

    def copy_of(pair: ParallelPair) -> ParallelPair | None:
        position = positions.get(integer_key(pair.id))
        if position is None:
            return None
        translated = translations[position]
        queries = _shared(translated.queries, pair.queries) if side != "passages" else {}
        passages = _shared(translated.passages, pair.passages) if side != "queries" else {}
        return with_texts(pair, queries, passages, source=source, kind="back-translated")

    return copy_of


def with_texts(
    pair: ParallelPair, queries: Mapping[str, str], passages: Mapping[str, str], *, source: str | None, kind: str
) -> ParallelPair | None:
    """A copy of a pair with these texts in place of its own, or None if they change nothing.

    Question and passage remain the same, in other words: what answers one answers its copy. Of parallel sentences,
    whose query and passage are one text, either serves. ``kind`` is how the texts were made, a provenance where
    ``PROVENANCES`` has it; ``source`` is ``<source> <kind>`` by default.
    """
    if pair.sentences:
        queries = passages = {**queries, **passages}
    copy = replace(
        pair,
        source=source or f"{pair.source} {kind}",
        queries={**pair.queries, **queries},
        passages={**pair.passages, **passages},
        replaced_queries={**_replaced(pair.queries, queries), **pair.replaced_queries},
        replaced_passages={**_replaced(pair.passages, passages), **pair.replaced_passages},
    )
    if (copy.queries, copy.passages) == (dict(pair.queries), dict(pair.passages)):
        return None
    if kind in PROVENANCES:
        return replace(copy, provenance={**pair.provenance, **dict.fromkeys([*queries, *passages], kind)})
    return copy


def _replaced(own: Mapping[str, str], others: Mapping[str, str]) -> dict[str, str]:
    """The texts that have others in their place."""
    return {tag: text for tag, text in own.items() if others.get(tag, text) != text}


def _shared(texts: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    return {tag: text for tag, text in texts.items() if tag in own}
