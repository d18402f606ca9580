"""What of a benchmark, or of validation pairs, stands in the pairs that a model was trained on."""

import hashlib
import json
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from equilingua.files import cache_folder, whole_file
from equilingua.overlap.near import LEAST_TOKENS, Match, NearDuplicates
from equilingua.overlap.tokens import tokens_of
from equilingua.pairs.pair import ParallelPair
from equilingua.pairs.store import ParallelPairs
from equilingua.progress import track

# Part of every key: raised when the same texts come to be compared otherwise.
_VERSION = 1

_EXAMPLES = 3

# SQuAD's training questions and XQuAD-R's, on other articles, share 1 of 1,190: "What was the average family size?"
_BY_CHANCE = 0.001
_LEAST_ID = 12  # characters of an id that two data sets do not share by chance, as "q17" or "1204"

_SHOWN = 100  # characters of an example
_BETWEEN = " \x1f "  # a short question and its passage


@dataclass(frozen=True, slots=True)
class Text:
    """A query or passage that a model is judged by."""

    id: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Target:
    """What a model is judged by: ``relevant`` has the places of queries with those of the passages that answer them."""

    name: str
    queries: Sequence[Text]
    passages: Sequence[Text]
    relevant: Sequence[tuple[int, int]]

    @classmethod
    def of_pairs(cls, pairs: ParallelPairs, name: str) -> "Target":
        """Pairs, such as those of a validation."""
        queries: list[Text] = []
        passages: list[Text] = []
        relevant = []
        for pair in pairs:
            own = range(len(passages), len(passages) + len(pair.passages))
            relevant += [(len(queries) + number, place) for number in range(len(pair.queries)) for place in own]
            queries += [Text(pair.id, *item) for item in pair.queries.items()]
            passages += [Text(pair.id, *item) for item in pair.passages.items()]
        return cls(name, queries, passages, relevant)


@dataclass(frozen=True, slots=True)
class Found:
    """How many of some texts were found, word for word (``same``) or nearly, and their languages.

    ``ids`` are queries found by their id alone, such as a translation of what was trained on.
    """

    total: int
    same: int = 0
    near: int = 0
    ids: int = 0
    languages: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """All that were found."""
        return self.same + self.near + self.ids

    def __str__(self) -> str:
        if not self.count:
            return f"none of {self.total:,}"
        ways = ((self.same, "word for word"), (self.near, "nearly"), (self.ids, "by their id"))
        how = ", ".join(f"{count:,} {way}" for count, way in ways if count)
        share = _percent(self.count / self.total)
        return f"{self.count:,} of {self.total:,} ({share}; {how}; {', '.join(self.languages)})"


@dataclass(frozen=True, slots=True)
class Example:
    """A text that was found, and the text or id that it was found as."""

    kind: Literal["query", "passage"]
    language: str
    id: str
    text: str
    found: str


@dataclass(frozen=True, slots=True)
class Overlap:
    """What of a benchmark (``name``) was found in so many pairs.

    ``relevant`` counts passages that answer a query, ``others`` those that answer none. Found are texts that are the
    same or nearly so by ``NearDuplicates``; a short query also nearly, where it stands with a passage that answers it.
    """

    name: str
    pairs: int
    queries: Found
    relevant: Found
    others: Found
    examples: tuple[Example, ...]

    @property
    def share(self) -> float:
        """The share of the queries, or of the passages that answer them, that was found: the larger one."""
        return max(found.count / max(found.total, 1) for found in (self.queries, self.relevant))

    @property
    def is_serious(self) -> bool:
        """Whether more was found than two unrelated sets of questions share by chance."""
        return self.share > _BY_CHANCE


def overlap_sentences(overlap: Overlap) -> Iterator[str]:
    """What was compared and found, for a person: a sentence, then an example of a query and of a passage."""
    compared = (
        f"{overlap.name} was compared with {overlap.pairs:,} training {'pair' if overlap.pairs == 1 else 'pairs'}"
    )
    others = f"; of its other passages {overlap.others}" if overlap.others.total else ""
    found = f"Found of its queries {overlap.queries}; of the passages that answer them {overlap.relevant}{others}"
    if overlap.is_serious:
        yield f"TRAINED ON WHAT IT IS JUDGED BY: {compared}. {found}. Its figures say little of unseen queries"
    elif overlap.share:
        yield f"{compared}. {found}: as few as data sets share by chance"
    else:
        yield f"{compared}, by id, word for word and with a word in eight changed. {found}"
    for kind in ("query", "passage"):
        for one in [example for example in overlap.examples if example.kind == kind][:1]:
            yield f"For example the {kind} {one.id} ({one.language}) {_cut(one.text)!r}, found as {_cut(one.found)!r}"


def _percent(share: float) -> str:
    """A share that is above 0, which no rounding makes 0 or all.

    >>> _percent(0.0001), _percent(0.123), _percent(0.9999), _percent(1.0)
    ('<0.1%', '12.3%', '>99.9%', '100.0%')
    """
    if share < 0.001:
        return "<0.1%"
    return ">99.9%" if 0.9995 <= share < 1 else f"{share:.1%}"


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def find_overlap(pairs: ParallelPairs, target: Target, *, progress: bool = True) -> Overlap:
    """What of a target was trained on; looked up in the cache where the same was compared before.

    All texts of the pairs count, hard negatives too, on either side and in any language: what passes as English in one
    data set may be tagged otherwise in another.
    """
    texts = hashlib.sha256(json.dumps(asdict(target)).encode()).hexdigest()
    key = hashlib.sha256(f"{_VERSION} {pairs.fingerprint} {texts}".encode()).hexdigest()
    path = cache_folder() / "overlap" / f"{key[:32]}.json"
    with suppress(OSError, ValidationError):
        return TypeAdapter(Overlap).validate_json(path.read_bytes())
    overlap = _compared(pairs, target, progress=progress)
    # Only time is lost where the cache has no room.
    with suppress(OSError), whole_file(path) as work:
        work.write_text(json.dumps(asdict(overlap)), encoding="utf-8")
    return overlap


def _compared(pairs: ParallelPairs, target: Target, *, progress: bool) -> Overlap:
    def passing(what: str) -> Iterator[ParallelPair]:
        return track(pairs, what, total=len(pairs), show=progress)

    texts, known = [*target.queries, *target.passages], {id_ for one in target.queries for id_ in _telling(one.id)}
    ids: set[str] = set()

    def alone() -> Iterator[str]:
        for pair in passing(f"comparing with {target.name}"):
            ids.update(known.intersection(_telling(pair.id)))
            yield from _texts(pair)

    found: dict[int, Match] = {}
    _note(found, NearDuplicates([one.text for one in texts]).matches(alone()), range(len(texts)))
    # A short question is told from others only by its passage, so it needs one that was trained on.
    short = _short_questions(target, found)
    if short:
        joint = NearDuplicates([text for _, text in short], least_own=0.0)
        others = (text for pair in passing(f"comparing short questions of {target.name}") for text in _joined(pair))
        matches = (replace(match, text=match.text.partition(_BETWEEN)[0]) for match in joint.matches(others))
        _note(found, matches, [query for query, _ in short])
    by_id = {
        place for place, one in enumerate(target.queries) if place not in found and not ids.isdisjoint(_telling(one.id))
    }
    count = len(target.queries)
    answering = {count + passage for _, passage in target.relevant}
    others_places = set(range(count, len(texts))) - answering
    return Overlap(
        target.name,
        len(pairs),
        queries=_found(texts, range(count), found, by_id),
        relevant=_found(texts, answering, found),
        others=_found(texts, others_places, found),
        examples=(*_examples(texts, count, found, answering), *_same_ids(texts, sorted(by_id))),
    )


def _note(found: dict[int, Match], matches: Iterable[Match], places: Sequence[int]) -> None:
    """Keep each match at the place of its text, one that is word for word rather than another."""
    for match in matches:
        place = places[match.place]
        if place not in found or (match.same and not found[place].same):
            found[place] = match


def _texts(pair: ParallelPair) -> Iterator[str]:
    yield from pair.queries.values()
    if not pair.sentences:
        yield from pair.passages.values()
    for negatives in pair.negatives.values():
        yield from negatives


def _short_questions(target: Target, found: Mapping[int, Match]) -> list[tuple[int, str]]:
    """Questions not found that are too short to be found nearly, each with a passage that answers it and was found."""
    count = len(target.queries)
    return [
        (query, f"{target.queries[query].text}{_BETWEEN}{target.passages[passage].text}")
        for query, passage in target.relevant
        if query not in found
        and count + passage in found
        and target.queries[query].language == target.passages[passage].language
        and len(tokens_of(target.queries[query].text)) < LEAST_TOKENS
    ]


def _joined(pair: ParallelPair) -> Iterator[str]:
    for language in pair.queries.keys() & pair.passages.keys():
        query = pair.queries[language]
        # One change may cut a word in two, no more.
        if len(tokens_of(query)) <= LEAST_TOKENS:
            yield f"{query}{_BETWEEN}{pair.passages[language]}"


def _telling(id_: str) -> Iterator[str]:
    """An id and its last part, where they are long enough to tell an item: ``squad/56be4db0acb8001400a502ec``."""
    return (part for part in dict.fromkeys((id_, id_.rpartition("/")[2])) if len(part) >= _LEAST_ID)


def _found(
    texts: Sequence[Text], places: Iterable[int], found: Mapping[int, Match], by_id: Iterable[int] = ()
) -> Found:
    places = set(places)
    same = {place for place in places if place in found and found[place].same}
    near = {place for place in places if place in found} - same
    ids = set(by_id)
    languages = {texts[place].language for place in same | near | ids}
    return Found(len(places), len(same), len(near), len(ids), tuple(sorted(languages)))


def _examples(
    texts: Sequence[Text], queries: int, found: Mapping[int, Match], answering: Container[int]
) -> Iterator[Example]:
    """Some queries, then some passages that answer one."""
    kinds: tuple[tuple[Literal["query", "passage"], Iterable[int]], ...] = (
        ("query", (place for place in sorted(found) if place < queries)),
        ("passage", (place for place in sorted(found) if place in answering)),
    )
    for kind, places in kinds:
        for place in islice(places, _EXAMPLES):
            one = texts[place]
            yield Example(kind, one.language, one.id, one.text, found[place].text)


def _same_ids(texts: Sequence[Text], places: Sequence[int]) -> Iterator[Example]:
    for place in places[:_EXAMPLES]:
        one = texts[place]
        yield Example("query", one.language, one.id, one.text, one.id)
