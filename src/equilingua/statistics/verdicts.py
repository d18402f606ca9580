"""Differences in words, and which models no difference tells apart."""

from collections.abc import Iterable

BETTER = "better"
WORSE = "worse"
HIGHER = "higher"
LOWER = "lower"
EQUIVALENT = "equivalent"
NOT_WORSE = "not worse"
NOT_DISTINGUISHABLE = "not distinguishable"


def verdict(
    *, gain: float, significant: bool, equivalent: bool = False, not_worse: bool = False, directed: bool = True
) -> str:
    """What the tests of one difference allow to be said.

    A difference shown to be smaller than the margin is called equivalent even where it is not zero beyond doubt: the
    margin says what matters, and the p-value stands beside it.

    Args:
        gain: the difference, positive where it is for the better.
        significant: whether it is distinguished from zero.
        equivalent: whether it was shown to be smaller than the margin, either way.
        not_worse: whether a loss of the margin or more was ruled out.
        directed: whether the measure has a better and a worse; if not, the difference is higher or lower.

    Source: the four outcomes of Lakens 2017, figure 1.

    >>> verdict(gain=0.2, significant=True), verdict(gain=-0.001, significant=False, not_worse=True)
    ('better', 'not worse')
    """
    if equivalent:
        return EQUIVALENT
    if significant:
        up, down = (BETTER, WORSE) if directed else (HIGHER, LOWER)
        return up if gain > 0 else down
    return NOT_WORSE if not_worse else NOT_DISTINGUISHABLE


def cliques(edges: Iterable[tuple[str, str]]) -> list[tuple[str, ...]]:
    """The largest groups in which every two names are joined by an edge; a name may stand in several.

    Not being distinguishable is not transitive: a and b, b and c may be alike where a and c are not.

    Returns:
        Groups of at least two, names and groups in the order met.

    Source: Bron and Kerbosch 1973, algorithm 457.

    >>> cliques([("a", "b"), ("b", "c"), ("a", "c"), ("c", "d")])
    [('a', 'b', 'c'), ('c', 'd')]
    """
    joined: dict[str, set[str]] = {}
    for one, other in edges:
        joined.setdefault(one, set()).add(other)
        joined.setdefault(other, set()).add(one)
    order = list(joined)
    found: list[tuple[str, ...]] = []

    def grow(group: set[str], candidates: list[str], done: set[str]) -> None:
        if not candidates and not done and len(group) > 1:
            found.append(tuple(sorted(group, key=order.index)))
        for place, name in enumerate(candidates):
            rest = [other for other in candidates[place + 1 :] if other in joined[name]]
            before = (done | set(candidates[:place])) & joined[name]
            grow(group | {name}, rest, before)

    grow(set(), order, set())
    return found


def listed(names: Iterable[str]) -> str:
    """The names as they are said in a sentence.

    >>> listed(["x-y", "hybrid", "x-x-mono"])
    'x-y, hybrid and x-x-mono'
    """
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
