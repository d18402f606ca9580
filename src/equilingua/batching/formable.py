"""Whether a plan's batches can be formed from the data, and what is short where they cannot."""

from collections.abc import Collection, Sequence

from equilingua.batching.draws import CandidateTable
from equilingua.batching.plan import BatchPlan
from equilingua.errors import InputError, did_you_mean


def check_sources(plan: BatchPlan, sources: Collection[str]) -> None:
    """Raise ``InputError`` if the plan names a source that the data lacks, or weighs some of its sources only.

    Args:
        plan: how batches are composed.
        sources: those of the data.
    """
    named = {
        "source weights": tuple(plan.source_weights),
        "monolingual sources": plan.monolingual_sources or (),
        "cross-lingual sources": plan.cross_lingual_sources or (),
    }
    for option, names in named.items():
        for name in names:
            if name not in sources:
                raise InputError(f"{option}: no pair has the source {name!r}. {did_you_mean(name, sources)}")
    missing = sorted(set(sources) - set(plan.source_weights)) if plan.source_weights else []
    if missing:
        raise InputError(
            f"source weights: no weight for {', '.join(map(repr, missing))}. Give every source of the pairs a weight; "
            "0 leaves one out."
        )


def check_formable(
    plan: BatchPlan, table: CandidateTable, *, same: Sequence[int], cross: Sequence[int], batch_size: int
) -> None:
    """Raise ``InputError`` if a batch of the plan could not be filled with different items.

    Args:
        plan: how batches are composed.
        table: the candidates there are.
        same: numbers of the monolingual candidates.
        cross: numbers of the cross-lingual candidates.
        batch_size: examples in a global batch.
    """
    needs_same = plan.kind != "x-y" and not (plan.mixes and plan.alpha.bounds()[1] == 0)
    needs_cross = plan.kind == "x-y" or (plan.mixes and plan.alpha.bounds()[0] < 1)
    if needs_same and not same:
        where = "in English" if plan.kind == "en-en" else "in the same language"
        raise InputError(
            f"{plan.kind} batches need pairs with a query and a passage {where}; "
            f"no pair{_of(plan, monolingual=True)} has them"
        )
    if needs_cross and not cross:
        raise InputError(
            f"{plan.kind} batches need pairs with a query in one language and a passage in another; "
            f"no pair{_of(plan, monolingual=False)} has them. "
            "Add translations, or take kind 'x-x-mono'."
        )
    if plan.monolingual:
        _check_languages(plan, table, same, batch_size)
    groups = {"monolingual": same, "cross-lingual": cross}
    if plan.kind == "within-batch":
        groups = {"any": [*same, *cross]}
    for sort, numbers in groups.items():
        items = table.items(numbers) if numbers else batch_size
        if items < batch_size:
            raise InputError(
                f"a batch of {batch_size:,} examples is larger than the data: {items:,} pairs can stand in {sort} "
                f"examples of {plan.kind} batches. Take a batch size of at most {items:,}, or add pairs."
            )


def _of(plan: BatchPlan, *, monolingual: bool) -> str:
    """Which pairs the plan lets stand in such examples, where not all may."""
    placed = plan.monolingual_sources if monolingual else plan.cross_lingual_sources
    which = [] if placed is None else [f"of the sources placed there ({', '.join(placed)})"]
    which += ["of a source with a weight above 0"] if 0 in plan.source_weights.values() else []
    return "".join(f" {one}" for one in which)


def _check_languages(plan: BatchPlan, table: CandidateTable, same: Sequence[int], batch_size: int) -> None:
    counts = {table.names[number][0]: table.items([number]) for number in same}
    short = [f"{language} has {count:,}" for language, count in counts.items() if count < batch_size]
    if short and (plan.short == "error" or len(short) == len(counts)):
        mend = "leave these languages out, or skip them in monolingual batches with short='skip' (--short skip)"
        raise InputError(
            f"a monolingual batch of {batch_size:,} examples needs as many pairs with a query and a passage in its "
            f"language, but {', '.join(short)}. Take a batch size of at most {min(counts.values()):,}, "
            + (f"{mend}." if len(short) < len(counts) else "or add pairs.")
        )
