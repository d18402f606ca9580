"""What is known of every named benchmark: one card each, written down in ``cards.toml``."""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from equilingua.errors import InputError, did_you_mean

Layout = Literal[
    "facts", "lareqa", "beir", "beir-per-language", "miracl", "pairs", "squad", "afriqa", "mewsli-x", "hub-only"
]


@dataclass(frozen=True, slots=True)
class HubSource:
    """Where on the hub a benchmark lies.

    Attributes:
        repository: owner/name of the data set.
        kind: how its tables are laid out: beir, beir-per-language, belebele, bitext, or speeches (Multi-EuP).
        split: of the queries and judgements.
        revision: the pinned commit; None where none could be verified. Then the newest is taken, and its commit noted
            in the benchmark's hashes.
        subsets: its configurations, by language or pair of languages as the hub spells them; empty if there is one.
        parallel: whether queries of the same id in two subsets are translations of one another.
    """

    repository: str
    kind: str
    split: str = "test"
    revision: str | None = None
    subsets: tuple[str, ...] = ()
    parallel: bool = False


@dataclass(frozen=True, slots=True)
class Leak:
    """Models that were trained on a benchmark, or on what it was made from.

    Attributes:
        models: their hub names.
        data: what of the benchmark, or of its source, they were trained on.
        certainty: who says so.
    """

    models: tuple[str, ...]
    data: str
    certainty: str


@dataclass(frozen=True, slots=True)
class BenchmarkCard:
    """What has to be known of a benchmark to read its figures. None: not verified.

    Attributes:
        name: by which it is loaded.
        title: in full.
        protocol: what is retrieved, from what pool, with or without titles.
        parallel: what is translated and what is not.
        measure: the one that is reported for it, with its cut-off.
        languages: of its queries and passages; empty where the data say it.
        licence: as its source or its publisher states it.
        paper: that it comes from.
        source: where its files are published, apart from the hub.
        group: of benchmarks that are reported together.
        layout: of its files on disk.
        places: where under ``--data`` they may lie.
        hub: where on the hub it lies, if it can be read from there.
        leaks: models known to have seen it, or its source. No entry does not mean that none has.
    """

    name: str
    title: str
    protocol: str
    parallel: str
    measure: str
    languages: tuple[str, ...] = ()
    licence: str | None = None
    paper: str | None = None
    source: str | None = None
    group: str | None = None
    layout: Layout = "hub-only"
    places: tuple[str, ...] = ()
    hub: HubSource | None = None
    leaks: tuple[Leak, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The card as plain data, for JSON."""
        return asdict(self)


def benchmark_names() -> tuple[str, ...]:
    """Names of all benchmarks with a card, in the order of the cards."""
    return tuple(_cards())


def benchmark_group(name: str) -> tuple[str, ...]:
    """The benchmarks of a group such as ``beir``; empty if there is no such group.

    >>> benchmark_group("beir")[:3]
    ('msmarco', 'trec-covid', 'nfcorpus')
    """
    return tuple(card.name for card in _cards().values() if card.group == name)


def benchmark_card(name: str) -> BenchmarkCard:
    """The card of a named benchmark.

    Raises:
        InputError: if there is none of this name; a group is told with its members.

    >>> benchmark_card("xquad-r").measure
    'mAP'
    """
    cards = _cards()
    if name not in cards:
        members = benchmark_group(name)
        if members:
            raise InputError(f"{name!r} is a group of benchmarks: name one of {', '.join(members)}")
        raise InputError(
            f"unknown benchmark {name!r}. {did_you_mean(name, cards)} Or 'mteb:TASK', or a folder or file of your own; "
            "'equilingua benchmarks' tells what each is"
        )
    return cards[name]


@cache
def _cards() -> Mapping[str, BenchmarkCard]:
    written = tomllib.loads(files(__package__).joinpath("cards.toml").read_text(encoding="utf-8"))
    common = written.pop("common")
    return {name: _card(name, common.get(entry.get("group"), {}) | entry) for name, entry in written.items()}


def _card(name: str, entry: dict[str, Any]) -> BenchmarkCard:
    hub = entry.pop("hub", None)
    leaks = tuple(Leak(**_frozen(leak)) for leak in entry.pop("leaks", ()))
    return BenchmarkCard(name, **_frozen(entry), hub=HubSource(**_frozen(hub)) if hub else None, leaks=leaks)


def _frozen(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
