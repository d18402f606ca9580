"""Claims that were changed when results were there already: what is kept of them, and how a reader is told."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from equilingua.studies.tables import ClaimConfig

EARLIER = "earlier_claims"
"""Where a study's settings keep the lists of claims that it had before, the oldest first."""

PlainClaim = Mapping[str, Any]
"""A claim as JSON has it: settings that nobody gave are left out."""

_DEFAULTS = {
    name: field.get_default(call_default_factory=True)
    for name, field in ClaimConfig.model_fields.items()
    if not field.is_required()
}
_ALWAYS_TOLD = ("says", "test", "margin")


def earlier_claims(
    settings: Path, claims: Sequence[PlainClaim], *, done: Collection[str]
) -> list[Sequence[PlainClaim]]:
    """The lists of claims that a study had before these when it had results, the oldest first.

    Args:
        settings: the file as it was last written; nothing is known where it is missing or cannot be read.
        claims: as they are now.
        done: keys of all results that are there; those of other settings than the file's do not count.
    """
    try:
        content = json.loads(settings.read_text(encoding="utf-8"))
        earlier, last = list(content.get(EARLIER, ())), content["study"].get("claims", [])
        has_results = any(row["result"] in done for row in content["results"])
        return [*earlier, last] if has_results and any(_changes(last, claims)) else earlier
    except (OSError, AttributeError, KeyError, TypeError, ValueError):
        return []


def told_changes(lists: Sequence[Sequence[PlainClaim]]) -> tuple[str, ...]:
    """A sentence for every claim that was changed, taken out or added.

    Args:
        lists: of claims, the oldest first and the present one last.

    >>> before = {"says": "It gains", "test": "not-worse", "margin": 0.05, "evaluation": "xquad-r"}
    >>> told_changes([[before], [{**before, "margin": 0.1}]])
    ("Claims were changed when results were there already. Before: 'It gains' (not-worse, margin 0.05).",)
    """
    return tuple(line for before, after in pairwise(lists) for line in _changes(before, after))


def _changes(before: Sequence[PlainClaim], after: Sequence[PlainClaim]) -> Iterator[str]:
    old, new = ([_DEFAULTS | dict(claim) for claim in claims] for claims in (before, after))
    gone, come = ([claim for claim in these if claim not in others] for these, others in ((old, new), (new, old)))
    for claim in gone:
        instead = next((one for one in come if _replaces(one, claim)), None)
        if instead is None:
            yield f"A claim was taken out when results were there already: {_told(claim, claim)}."
        else:
            come.remove(instead)
            beside = instead if instead["says"] == claim["says"] else claim
            yield f"Claims were changed when results were there already. Before: {_told(claim, beside)}."
    yield from (f"Claims were added when results were there already: {_told(claim, claim)}." for claim in come)


def _replaces(claim: PlainClaim, gone: PlainClaim) -> bool:
    """Whether a claim is another one in new words, or with another test or margin, or the same words of other arms."""
    same = {name for name in claim if claim[name] == gone.get(name)}
    return "says" in same or claim.keys() - same <= set(_ALWAYS_TOLD)


def _told(claim: PlainClaim, beside: PlainClaim) -> str:
    """Its words, test and margin, and what else sets it apart from the claim beside it."""
    margin = "" if claim["margin"] is None else f", margin {claim['margin']:g}"
    apart = "".join(
        f", {name} {'not given' if value is None else json.dumps(value, ensure_ascii=False)}"
        for name, value in claim.items()
        if name not in _ALWAYS_TOLD and value != beside.get(name)
    )
    return f"'{' '.join(claim['says'].split())}' ({claim['test']}{margin}{apart})"
