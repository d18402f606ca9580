"""Claims that were changed when results were there already: what is kept of them, and how a reader is told."""

import json
from collections.abc import Iterator, Mapping, Sequence
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


def earlier_claims(settings: Path, claims: Sequence[PlainClaim]) -> list[Sequence[PlainClaim]]:
    """The lists of claims that a study with results had before these, the oldest first.

    Args:
        settings: the file as it was last written; nothing is known where it is missing or cannot be read.
        claims: as they are now.
    """
    try:
        content = json.loads(settings.read_text(encoding="utf-8"))
        earlier, last = list(content.get(EARLIER, ())), content["study"].get("claims", [])
        return [*earlier, last] if any(_changes(last, claims)) else earlier
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
    gone = [claim for claim in old if claim not in new]
    for claim in gone:
        same_words = next((one for one in new if one["says"] == claim["says"]), claim)
        yield f"Claims were changed when results were there already. Before: {_told(claim, same_words)}."
    for claim in new:
        if claim not in old and not any(_replaces(claim, one) for one in gone):
            yield f"Claims were added when results were there already: {_told(claim, claim)}."


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
