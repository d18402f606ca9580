"""Who can stand in a row: ordered language pairs, and the profiles whose items have them."""

from collections import Counter
from collections.abc import Sequence

from equilingua.batching.draws import Entry
from equilingua.batching.row_space import RowSpace

# A language pair (query language, passage language); a monolingual row's has the same language twice.
LanguagePair = tuple[str, str]

# The one candidate of x-y rows drawn by item: any two different languages that the item has.
ANY_PAIR: LanguagePair = ("*", "*")


def candidates(space: RowSpace, *, monolingual: bool, source_temperature: float) -> dict[LanguagePair, list[Entry]]:
    """For each language pair that some item has, sorted, the profiles of those items.

    Args:
        space: the rows there are.
        monolingual: the pairs of a language with itself; else the ordered pairs of two languages.
        source_temperature: tau; a source weighs (its items that have the pair) ** tau.
    """
    found: dict[LanguagePair, list[tuple[int, int]]] = {}
    for profile, pairs in enumerate(space.language_pairs):
        for choice, pair in enumerate(pairs):
            if (pair[0] == pair[1]) == monolingual:
                found.setdefault(pair, []).append((profile, choice))
    entries = {}
    for pair in sorted(found):
        weights = _source_weights(space, [profile for profile, _ in found[pair]], source_temperature)
        entries[pair] = [Entry(p, choice, weights[space.index.profiles[p].source]) for p, choice in found[pair]]
    return entries


def by_item(
    space: RowSpace, pairs: dict[LanguagePair, list[Entry]], *, source_temperature: float
) -> dict[LanguagePair, list[Entry]]:
    """All pairs as one candidate, in which an item is drawn first, then one of its own pairs, every one alike."""
    entries = [entry for of_pair in pairs.values() for entry in of_pair]
    choices = Counter(entry.profile for entry in entries)
    weights = _source_weights(space, sorted(choices), source_temperature)
    source = [profile.source for profile in space.index.profiles]
    shares = {profile: weights[source[profile]] / choices[profile] for profile in choices}
    return (
        {ANY_PAIR: [Entry(entry.profile, entry.choice, shares[entry.profile]) for entry in entries]} if entries else {}
    )


def _source_weights(space: RowSpace, profiles: Sequence[int], temperature: float) -> dict[str, float]:
    """Weight of one item of each source, so that the source's items together weigh their number ** temperature."""
    sizes: Counter[str] = Counter()
    for profile in profiles:
        sizes[space.index.profiles[profile].source] += int(space.index.counts[profile])
    return {source: float(size) ** (temperature - 1) for source, size in sizes.items()}
