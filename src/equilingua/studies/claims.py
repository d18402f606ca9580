"""Claims that were fixed before the results were seen, and what the results say of each, in numbers and in words."""

from collections import defaultdict
from dataclasses import dataclass, replace
from math import isfinite
from typing import Literal

from equilingua.metrics.naming import IN_RANKS, LOWER_IS_BETTER, NO_DIRECTION, decimals
from equilingua.statistics.bootstrap import CONFIDENCE_LEVEL
from equilingua.statistics.significance import SIGNIFICANCE_LEVEL, holm
from equilingua.studies.config import StudyConfig
from equilingua.studies.inference import Estimate, estimate
from equilingua.studies.items import guarded, item_groups
from equilingua.studies.results import MacroMean, Quantity, Retention, StudyScores, Term, macro_means
from equilingua.studies.tables import ClaimConfig

Verdict = Literal["supported", "contradicted", "not shown", "too few items to tell"]

# A test of a margin is one-sided: this interval ends where the test does.
_MARGIN_LEVEL = 1 - 2 * SIGNIFICANCE_LEVEL


@dataclass(frozen=True, slots=True)
class JudgedClaim:
    """A claim, and what the results say of it.

    Attributes:
        claim: as it was fixed. ``better`` and ``different`` are tested against 0, two-sided; ``not-worse`` against a
            loss of the margin; ``equivalent`` against the margin either way.
        quantity: what it is about, arms by their labels.
        estimate: of the quantity.
        p: of the claim's own test; small where the results speak for the claim, and of ``better`` also where they
            speak against it, for its test is two-sided.
        p_corrected: after Holm's correction over the study's claims.
        p_opposite_corrected: of the opposite of the claim, likewise; 1 where it has none.
        verdict: supported, contradicted (the opposite is shown), not shown, or too few items to tell: items unlike
            any seen could undo what the test shows, or there are too few for a test.
        sentence: the verdict in words, with the numbers; what the claim itself says is to stand before it.
        interval: that is told of it: of 95 %, and of 90 % where a margin is tested.
    """

    claim: ClaimConfig
    quantity: Quantity
    estimate: Estimate
    p: float
    p_corrected: float
    p_opposite_corrected: float
    verdict: Verdict
    sentence: str
    interval: tuple[float, float]


def judge(study: StudyConfig, scores: StudyScores) -> tuple[JudgedClaim, ...]:
    """What the results of a study, arms by their labels, say of its claims, in their order.

    Both the claims and their opposites are corrected by Holm's method over all of them.

    Raises:
        InputError: if the study lacks an arm or a mean that a claim is about.
    """
    claims, quantities = study.claims, [claim_quantity(study, claim) for claim in study.claims]
    estimates = [estimate(scores, quantity) for quantity in quantities]
    p_values = [_own_p(claim, of_claim) for claim, of_claim in zip(claims, estimates, strict=True)]
    opposites = [_opposite_p(claim, of_claim) for claim, of_claim in zip(claims, estimates, strict=True)]
    guards = [_guarded(scores, quantity, of_claim) for quantity, of_claim in zip(quantities, estimates, strict=True)]
    # Corrected likewise: whatever items unlike any seen may be, no more claims hold by chance.
    own = holm([_own_p(claim, guard) for claim, guard in zip(claims, guards, strict=True)])
    against_own = holm([_opposite_p(claim, guard) for claim, guard in zip(claims, guards, strict=True)])
    judged = []
    for place, (claim, quantity, of_claim, p, corrected, opposite) in enumerate(
        zip(claims, quantities, estimates, p_values, holm(p_values), holm(opposites), strict=True)
    ):
        wrong_way = claim.test == "better" and _sign(claim) * of_claim.value < 0
        verdict: Verdict = "contradicted" if opposite < SIGNIFICANCE_LEVEL else "not shown"
        if corrected < SIGNIFICANCE_LEVEL and not wrong_way:
            verdict = "supported"
        holds = (against_own if verdict == "contradicted" else own)[place] < SIGNIFICANCE_LEVEL
        # What speaks against a claim is corrected among what speaks against the others.
        against = wrong_way or verdict == "contradicted"
        if (verdict != "not shown" and not holds) or (verdict == "not shown" and of_claim.too_few):
            verdict = "too few items to tell"
        sentence = _sentence(study, claim, quantity, of_claim, verdict, p=opposite if against else corrected)
        interval = of_claim.interval(_level(claim))
        judged.append(JudgedClaim(claim, quantity, of_claim, p, corrected, opposite, verdict, sentence, interval))
    return tuple(judged)


def _guarded(scores: StudyScores, quantity: Quantity, of_claim: Estimate) -> Estimate:
    """The estimate whose p-values allow for items unlike any seen, wherever its measure has bounds."""
    groups = list(item_groups(scores, quantity))
    unseen = guarded(groups, of_claim.value)
    if of_claim.unseen is not None or not isfinite(float(unseen.highest[0, 0])):
        return of_claim
    zero = 2 * min(float(unseen.p_at_most(0.0)[0]), float(unseen.p_at_least(0.0)[0]))
    return replace(of_claim, unseen=unseen, p=min(1.0, max(of_claim.p, zero)))


def claim_quantity(study: StudyConfig, claim: ClaimConfig) -> Quantity:
    """What a claim of a study is about, arms by their labels."""
    mean = MacroMean(claim.evaluation, claim.setting, claim.measure, claim.languages)
    if claim.retained_from is not None:
        reference = MacroMean(claim.retained_from, claim.setting, claim.measure, claim.languages)
        return Retention(study.label(str(claim.arm)), mean, reference, study.label(str(claim.against)))
    weights = {study.label(arm): weight for arm, weight in claim.weighted(study.places).items()}
    terms = tuple(Term(weight, label, mean) for label, weight in weights.items())
    if claim.minus_languages is None:
        return terms
    other = MacroMean(claim.evaluation, claim.setting, claim.measure, claim.minus_languages)
    return terms + tuple(Term(-weight, label, other) for label, weight in weights.items())


def _sign(claim: ClaimConfig) -> int:
    return -1 if claim.measure in LOWER_IS_BETTER else 1


def _level(claim: ClaimConfig) -> float:
    return CONFIDENCE_LEVEL if claim.margin is None else _MARGIN_LEVEL


def _own_p(claim: ClaimConfig, of_claim: Estimate) -> float:
    """The p-value of the hypothesis that the claim is false."""
    if claim.margin is None:
        return of_claim.p
    not_lower, not_higher = of_claim.p_at_most(-claim.margin), of_claim.p_at_least(claim.margin)
    # Both losses and gains of the margin have to be ruled out.
    if claim.test == "equivalent":
        return max(not_lower, not_higher)
    return not_lower if _sign(claim) > 0 else not_higher


def _opposite_p(claim: ClaimConfig, of_claim: Estimate) -> float:
    """The two-sided p-value against the claim; 1 where the value does not speak against it."""
    gain = _sign(claim) * of_claim.value
    if claim.test == "better":
        return of_claim.p if gain < 0 else 1.0
    if claim.margin is None:
        return 1.0
    # Contradicted means that the margin is passed beyond doubt, not that the difference is.
    beyond = abs(gain) if claim.test == "equivalent" else -gain
    if beyond <= claim.margin:
        return 1.0
    p = of_claim.p_at_most(claim.margin) if of_claim.value > 0 else of_claim.p_at_least(-claim.margin)
    # Doubled: which end of the margin is tested was chosen by the result.
    return min(1.0, 2 * p)


def _sentence(
    study: StudyConfig, claim: ClaimConfig, quantity: Quantity, of_claim: Estimate, verdict: Verdict, *, p: float
) -> str:
    """The verdict with the value, its interval, its unit, its place and its p-value."""
    margin = "" if claim.margin is None else f" (margin {claim.margin:g})"
    retained = isinstance(quantity, Retention)
    names = claim.measure.replace("_", " ")
    unit = f"of the {names}" if retained else f"ranks ({names})" if claim.measure in IN_RANKS else names
    digits = 3 if retained else decimals(claim.measure)
    arms = _compared(quantity)
    if arms is None:
        value = _value_text(claim, of_claim, 1, f"+,.{digits}f")
        finding = f"{_subject(study, claim)}{margin}: {value}"
    else:
        relation = f"{arms[0]} {_relation(claim, of_claim, verdict)} {arms[1]}"
        finding = f"{'In what is retained, ' if retained else ''}{relation}{margin}: {_by(claim, of_claim, digits)}"
    p_text = f"p = {p:.3f}" if p >= 0.001 else "p < 0.001"
    over = "" if of_claim.seeds > 1 else "; over items alone, of one seed"
    if verdict == "too few items to tell":
        over += f"; too few items to tell ({of_claim.too_few or 'a few unlike any seen could undo it'})"
    return f"{finding} {unit} in {_place(study, quantity)}, {p_text}{over}."


def _compared(quantity: Quantity) -> tuple[str, str] | None:
    """The two arms of which a quantity is the plain difference; None where it is something else."""
    if isinstance(quantity, Retention):
        return None if quantity.against is None else (quantity.arm, quantity.against)
    if len(quantity) != 2 or quantity[0].macro_mean != quantity[1].macro_mean:
        return None
    first, second = quantity
    return (first.arm, second.arm) if (first.weight, second.weight) == (1.0, -1.0) else None


def _relation(claim: ClaimConfig, of_claim: Estimate, verdict: Verdict) -> str:
    """How two arms stand to each other."""
    if verdict == "too few items to tell":
        verdict = "not shown"
    # "different" is said in the direction that was found.
    higher, better = of_claim.value > 0, _sign(claim) * of_claim.value > 0
    if claim.test == "different" and verdict == "supported":
        if claim.measure in NO_DIRECTION:
            return "is higher than" if higher else "is lower than"
        return "is better than" if better else "is worse than"
    words: dict[str, dict[Verdict, str]] = {
        "better": {
            "supported": "is better than",
            "contradicted": "is worse than",
            "not shown": "is not shown to be better than",
        },
        "different": {"not shown": "is not shown to differ from"},
        "not-worse": {
            "supported": "is not worse than",
            "contradicted": "is worse by more than the margin than",
            "not shown": "is not shown to be not worse than",
        },
        "equivalent": {
            "supported": "is equivalent to",
            "contradicted": "differs by more than the margin from",
            "not shown": "is not shown to be equivalent to",
        },
    }
    return words[claim.test][verdict]


def _by(claim: ClaimConfig, of_claim: Estimate, digits: int) -> str:
    """The difference in words for its sign; beside a margin of loss, as a loss."""
    form = f",.{digits}f"
    if not round(of_claim.value, digits):
        return f"apart by {_value_text(claim, of_claim, 1, form)}"
    sign = 1 if of_claim.value > 0 else -1
    value = _value_text(claim, of_claim, sign, form)
    if claim.test == "not-worse" and _sign(claim) * of_claim.value < 0:
        return f"a loss of {value}"
    return f"{'higher' if sign > 0 else 'lower'} by {value}"


def _value_text(claim: ClaimConfig, of_claim: Estimate, sign: int, form: str) -> str:
    """The value and the interval of the claim's test; the level is told where it is not 95 %."""
    level = _level(claim)
    low, high = sorted(sign * end for end in of_claim.interval(level))
    told_level = "" if claim.margin is None else f"{level:.0%}: ".replace("%", " %")
    return f"{sign * of_claim.value:{form}} [{told_level}{low:{form}}, {high:{form}}]"


def _subject(study: StudyConfig, claim: ClaimConfig) -> str:
    """What a claim's quantity is, where it is not the plain difference of two arms."""
    if claim.trend:
        subject = f"Slope over {study.curve.axis if study.curve else 'the places of the arms'}"
    elif claim.weights:
        terms = " ".join(f"{weight:+g} x {study.label(arm)}" for arm, weight in claim.weights.items())
        subject = f"Contrast ({terms})"
    else:
        subject = f"Difference of {study.label(str(claim.arm))} from {study.label(str(claim.against))}"
    if claim.minus_languages is None:
        return subject
    first = f"in {', '.join(claim.languages)}" if claim.languages else "in all languages"
    return f"{subject}, queries {first} less queries in {', '.join(claim.minus_languages)}"


def _place(study: StudyConfig, quantity: Quantity) -> str:
    """The settings, evaluations and query languages that a quantity is taken in."""
    queries: dict[str, list[str]] = defaultdict(list)
    for mean in dict.fromkeys(macro_means(quantity)):
        evaluation = study.evaluation(mean.evaluation)
        place = f"the {mean.setting} setting of {evaluation.label}"
        queries[place] += [f"in {', '.join(mean.languages)}"] if mean.languages else []
    places = [f"{place}, queries {' and '.join(tags)}" if tags else place for place, tags in queries.items()]
    return (" as a share of that in " if isinstance(quantity, Retention) else " and ").join(places)
