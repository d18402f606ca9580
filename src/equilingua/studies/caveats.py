"""What the numbers of a study do not show: what was not held equal, claims changed late, who has seen the tests."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from equilingua.benchmarks.cards import Leak, benchmark_card, benchmark_names
from equilingua.evaluation.result import EvaluationResult
from equilingua.studies.config import StudyConfig
from equilingua.studies.tables import ClaimConfig
from equilingua.training.record import TrainingRecord

PlainClaim = Mapping[str, Any]
"""A claim as JSON has it: options that nobody gave are left out."""

ClaimList = Sequence[PlainClaim]
"""The claims of a study at one time."""

# With fewer, the interval's part for seeds rests on hardly anything.
_FEW_SEEDS = 5

# They change with --processes; machines that differ in nothing else are not other hardware.
_OF_PROCESSES = ("threads", "processes")

_DEFAULTS = {
    name: field.get_default(call_default_factory=True)
    for name, field in ClaimConfig.model_fields.items()
    if not field.is_required()
}
_ALWAYS_TOLD = ("says", "test", "margin")


def not_controlled(
    study: StudyConfig, results: Sequence[EvaluationResult], trainings: Sequence[TrainingRecord]
) -> Iterator[str]:
    """What seeds, records and results show that differs between trainings, or is little."""
    yield from _of_few_seeds(len(study.seeds))
    outcomes = [training.outcome for training in trainings if training.outcome is not None]
    for what, values in (
        ("optimizer steps", {outcome.steps for outcome in outcomes}),
        ("rows trained on", {outcome.pairs for outcome in outcomes}),
        ("numbers of pairs to draw from", {training.data.pairs for training in trainings}),
    ):
        if len(values) > 1:
            yield f"Arms differ in their {what}: {min(values):,} to {max(values):,}."
    versions = [training.versions for training in trainings] + [result.provenance["versions"] for result in results]
    hardware = [training.device for training in trainings] + [result.provenance["hardware"] for result in results]
    for what, of_each in (("versions", versions), ("hardware", hardware)):
        if any(_without_processes(one) != _without_processes(of_each[0]) for one in of_each):
            yield f"Not all trainings and evaluations ran with the same {what}."


def _of_few_seeds(count: int) -> Iterator[str]:
    if count == 1:
        yield "One seed tells nothing of how much others would differ; the intervals are over items alone."
    elif count < _FEW_SEEDS:
        yield (
            f"{count} seeds tell little of how much other seeds would differ; the intervals are as wide as that makes "
            "them."
        )


def _without_processes(provenance: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in provenance.items() if name not in _OF_PROCESSES}


def leaks(study: StudyConfig) -> dict[str, tuple[Leak, ...]]:
    """Of each evaluation whose benchmark has a card, the models known to have been trained on it."""
    known = {
        evaluation.key: benchmark_card(evaluation.benchmark).leaks
        for evaluation in study.evaluations
        if evaluation.benchmark in benchmark_names()
    }
    return {key: of_benchmark for key, of_benchmark in known.items() if of_benchmark}


def claim_changes(lists: Sequence[ClaimList]) -> tuple[str, ...]:
    """A sentence for every claim that was changed, taken out or added when results were there already.

    Args:
        lists: of claims, the oldest first and the present one last.

    >>> before = {"says": "It gains", "test": "not-worse", "margin": 0.05, "evaluation": "xquad-r"}
    >>> claim_changes([[before], [{**before, "margin": 0.1}]])
    ("Claims were changed when results were there already. Before: 'It gains' (not-worse, margin 0.05).",)
    """
    return tuple(line for before, after in pairwise(lists) for line in _changes(before, after))


def _changes(before: ClaimList, after: ClaimList) -> Iterator[str]:
    old, new = ([_DEFAULTS | dict(claim) for claim in claims] for claims in (before, after))
    gone, added = ([claim for claim in these if claim not in others] for these, others in ((old, new), (new, old)))
    for claim in gone:
        replacement = next((one for one in added if _replaces(one, claim)), None)
        if replacement is None:
            yield f"A claim was taken out when results were there already: {_in_words(claim, claim)}."
        else:
            added.remove(replacement)
            beside = replacement if replacement["says"] == claim["says"] else claim
            yield f"Claims were changed when results were there already. Before: {_in_words(claim, beside)}."
    yield from (f"Claims were added when results were there already: {_in_words(claim, claim)}." for claim in added)


def _replaces(claim: PlainClaim, gone: PlainClaim) -> bool:
    """Whether a claim is another one in new words, or with another test or margin, or the same words of other arms."""
    same = {name for name in claim if claim[name] == gone.get(name)}
    return "says" in same or claim.keys() - same <= set(_ALWAYS_TOLD)


def _in_words(claim: PlainClaim, beside: PlainClaim) -> str:
    """Its words, test and margin, and what else sets it apart from the claim beside it."""
    margin = "" if claim["margin"] is None else f", margin {claim['margin']:g}"
    apart = "".join(
        f", {name} {'not given' if value is None else json.dumps(value, ensure_ascii=False)}"
        for name, value in claim.items()
        if name not in _ALWAYS_TOLD and value != beside.get(name)
    )
    return f"'{' '.join(claim['says'].split())}' ({claim['test']}{margin}{apart})"
