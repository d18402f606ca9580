"""Who can stand in an example: ordered language pairs, and the profiles whose items have them."""

from collections import Counter
from collections.abc import Sequence

from equilingua.batching.draws import ProfileChoice
from equilingua.batching.examples import ExampleNumbering
from equilingua.batching.plan import BatchPlan

# A language pair (query language, passage language); a monolingual example's has the same language twice.
LanguagePair = tuple[str, str]

# The one candidate of x-y examples drawn by item: any two different languages that the item has.
ANY_PAIR: LanguagePair = ("*", "*")


def candidates(
    numbering: ExampleNumbering, plan: BatchPlan, *, monolingual: bool
) -> dict[LanguagePair, list[ProfileChoice]]:
    """For each language pair that some item has, sorted, the profiles of those items.

    Args:
        numbering: the examples there are.
        plan: says which sources may serve these examples, and how much a source weighs.
        monolingual: the pairs of a language with itself; else the ordered pairs of two languages.
    """
    found: dict[LanguagePair, list[tuple[int, int]]] = {}
    for profile, pairs in enumerate(numbering.language_pairs):
        if not plan.serves(numbering.index.profiles[profile].source, monolingual=monolingual):
            continue
        for choice, pair in enumerate(pairs):
            if (pair[0] == pair[1]) == monolingual:
                found.setdefault(pair, []).append((profile, choice))
    entries = {}
    for pair in sorted(found):
        weights = _source_weights(numbering, plan, [profile for profile, _ in found[pair]])
        entries[pair] = [
            ProfileChoice(p, choice, weights[numbering.index.profiles[p].source]) for p, choice in found[pair]
        ]
    return entries


def by_item(
    numbering: ExampleNumbering, plan: BatchPlan, pairs: dict[LanguagePair, list[ProfileChoice]]
) -> dict[LanguagePair, list[ProfileChoice]]:
    """All pairs as one candidate, in which an item is drawn first, then one of its own pairs, every one alike."""
    entries = [entry for of_pair in pairs.values() for entry in of_pair]
    choices = Counter(entry.profile for entry in entries)
    weights = _source_weights(numbering, plan, sorted(choices))
    source = [profile.source for profile in numbering.index.profiles]
    shares = {profile: weights[source[profile]] / choices[profile] for profile in choices}
    return (
        {ANY_PAIR: [ProfileChoice(entry.profile, entry.choice, shares[entry.profile]) for entry in entries]}
        if entries
        else {}
    )


def _source_weights(numbering: ExampleNumbering, plan: BatchPlan, profiles: Sequence[int]) -> dict[str, float]:
    """Weight of one item of each source: the source's own divided by its items, or their number ** (tau - 1)."""
    sizes: Counter[str] = Counter()
    for profile in profiles:
        sizes[numbering.index.profiles[profile].source] += int(numbering.index.counts[profile])
    if plan.source_weights:
        return {source: plan.source_weights[source] / size for source, size in sizes.items()}
    return {source: float(size) ** (plan.source_temperature - 1) for source, size in sizes.items()}
