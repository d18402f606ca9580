"""Claims that are fixed before the results are seen, and what the results say of each."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from equilingua.errors import InputError, did_you_mean
from equilingua.metrics.naming import IN_RANKS, LOWER_IS_BETTER, NO_DIRECTION, decimals
from equilingua.statistics.bootstrap import CONFIDENCE_LEVEL
from equilingua.statistics.significance import SIGNIFICANCE_LEVEL, holm
from equilingua.studies.inference import Estimate, estimate
from equilingua.studies.quantities import MacroMean, Quantity, Retention
from equilingua.studies.scores import StudyScores

Test = Literal["better", "not-worse", "equivalent", "different"]
Verdict = Literal["supported", "contradicted", "not shown"]

TESTS: tuple[Test, ...] = ("better", "not-worse", "equivalent", "different")
WITH_MARGIN = ("not-worse", "equivalent")
MARGIN_LEVEL = 1 - 2 * SIGNIFICANCE_LEVEL
"""Of the interval that stands beside a test of a margin, which is one-sided: it ends where the test does."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim of a study.

    Attributes:
        says: the claim in words.
        test: ``better`` and ``different`` are tested against 0, two-sided; ``not-worse`` against a loss of the margin;
            ``equivalent`` against the margin either way.
        quantity: a sum of means, or a retention; all its measures have the same better end.
        margin: the difference from which on it matters, in the measure's unit; only of ``not-worse`` and
            ``equivalent``.
        called: what the quantity is, where it is not the plain difference of two arms, such as ``Slope over alpha``.

    Raises:
        InputError: if there is no such test, its margin is missing, not positive or of no use, or the measure has no
            better end but the test needs one.
    """

    says: str
    test: Test
    quantity: Quantity
    margin: float | None = None
    called: str = "Weighted sum of means"

    def __post_init__(self) -> None:
        if self.test not in TESTS:
            raise InputError(f"claim {self.says!r}: unknown test {self.test!r}. {did_you_mean(self.test, TESTS)}")
        if self.test in WITH_MARGIN and not (self.margin is not None and 0 < self.margin < float("inf")):
            raise InputError(
                f"claim {self.says!r}: test {self.test!r} needs a margin above 0, the difference from which on it "
                f"matters, not {self.margin} (0.01 is one point of mAP)"
            )
        if self.test not in WITH_MARGIN and self.margin is not None:
            raise InputError(f"claim {self.says!r}: test {self.test!r} takes no margin. Drop it, or test 'not-worse'")
        if not cells(self.quantity):
            raise InputError(f"claim {self.says!r}: its sum has no terms. Give at least one")
        ends = {_better_end(cell.measure) for cell in cells(self.quantity)}
        if self.test in ("better", "not-worse") and (len(ends) > 1 or 0 in ends):
            measures = ", ".join(sorted({cell.measure for cell in cells(self.quantity)}))
            raise InputError(
                f"claim {self.says!r}: {measures} have no one better end. Test 'different' or 'equivalent'"
            )

    @property
    def sign(self) -> int:
        """-1 where a lower value is better, else 1."""
        return -1 if _better_end(cells(self.quantity)[0].measure) < 0 else 1

    @property
    def level(self) -> float:
        """Of the interval that is told of it: 95 %, and 90 % where its margin is tested, one-sided at 5 %."""
        return CONFIDENCE_LEVEL if self.margin is None else MARGIN_LEVEL


@dataclass(frozen=True, slots=True)
class JudgedClaim:
    """What the results say of one claim.

    Attributes:
        claim: as it was fixed.
        estimate: of its quantity.
        p: of the claim's own test; small where the results speak for the claim, and of ``better`` also where they
            speak against it, for its test is two-sided.
        p_corrected: after Holm's correction over the study's claims.
        p_opposite_corrected: of the opposite of the claim, likewise; 1 where it has none.
        verdict: supported, contradicted (the opposite is shown) or not shown.
        sentence: the verdict in words, with the numbers; what the claim itself says is to stand before it.
    """

    claim: Claim
    estimate: Estimate
    p: float
    p_corrected: float
    p_opposite_corrected: float
    verdict: Verdict
    sentence: str


def judge(
    claims: Sequence[Claim], scores: StudyScores, *, titles: Mapping[str, str] | None = None
) -> tuple[JudgedClaim, ...]:
    """The judgements of a study's claims, in their order.

    Both the claims and their opposites are corrected by Holm's method over all claims given.

    Args:
        claims: of one study.
        scores: of all its results.
        titles: how sentences name evaluations; by default by their names.

    Raises:
        InputError: if the study lacks an arm or a cell.
    """
    if not claims:
        return ()
    found = [estimate(scores, claim.quantity) for claim in claims]
    p_values = [_own_p(claim, of_claim) for claim, of_claim in zip(claims, found, strict=True)]
    opposites = [_opposite_p(claim, of_claim) for claim, of_claim in zip(claims, found, strict=True)]
    rows = zip(claims, found, p_values, holm(p_values), holm(opposites), strict=True)
    return tuple(_judged(*row, titles or {}) for row in rows)


def cells(quantity: Quantity) -> tuple[MacroMean, ...]:
    """The cells that a quantity needs, in its order."""
    if isinstance(quantity, Retention):
        return quantity.shifted, quantity.reference
    return tuple(term.macro_mean for term in quantity)


def _better_end(measure: str) -> int:
    return 0 if measure in NO_DIRECTION else -1 if measure in LOWER_IS_BETTER else 1


def _own_p(claim: Claim, found: Estimate) -> float:
    """The p-value of the hypothesis that the claim is false."""
    if claim.margin is None:
        return found.p
    not_lower, not_higher = found.p_at_most(-claim.margin), found.p_at_least(claim.margin)
    if claim.test == "equivalent":
        return max(not_lower, not_higher)
    return not_lower if claim.sign > 0 else not_higher


def _opposite_p(claim: Claim, found: Estimate) -> float:
    """The two-sided p-value against the claim; 1 where the value does not speak against it."""
    gain = claim.sign * found.value
    if claim.test == "better":
        return found.p if gain < 0 else 1.0
    if claim.margin is None:
        return 1.0
    beyond = abs(gain) if claim.test == "equivalent" else -gain
    if beyond <= claim.margin:
        return 1.0
    p = found.p_at_most(claim.margin) if found.value > 0 else found.p_at_least(-claim.margin)
    return min(1.0, 2 * p)


def _judged(
    claim: Claim, found: Estimate, p: float, corrected: float, opposite: float, titles: Mapping[str, str]
) -> JudgedClaim:
    wrong_way = claim.test == "better" and claim.sign * found.value < 0
    verdict: Verdict = "not shown"
    if corrected < SIGNIFICANCE_LEVEL and not wrong_way:
        verdict = "supported"
    elif opposite < SIGNIFICANCE_LEVEL:
        verdict = "contradicted"
    # What speaks against a claim is corrected among what speaks against the others.
    told = opposite if wrong_way or verdict == "contradicted" else corrected
    where = f"in {_where(claim, titles)}, {_p_text(told)}"
    over = "" if found.over == "seeds and items" else "; over items alone, of one seed"
    sentence = f"{_found(claim, found, verdict)} {where}{over}."
    return JudgedClaim(claim, found, p, corrected, opposite, verdict, sentence)


def _found(claim: Claim, found: Estimate, verdict: Verdict) -> str:
    """The verdict with the value, its interval and its unit."""
    margin = "" if claim.margin is None else f" (margin {claim.margin:g})"
    arms = _compared(claim.quantity)
    if arms is None:
        return f"{claim.called}{margin}: {_value(claim, found, 1, form='+,')} {_unit(claim)}"
    what = "In what is retained, " if isinstance(claim.quantity, Retention) else ""
    return f"{what}{arms[0]} {_said(claim, found, verdict)} {arms[1]}{margin}: {_by(claim, found)} {_unit(claim)}"


def _said(claim: Claim, found: Estimate, verdict: Verdict) -> str:
    """How two arms stand to each other."""
    better = claim.sign * found.value > 0
    shown = verdict != "not shown"
    if claim.test == "better" and shown:
        return "is better than" if verdict == "supported" else "is worse than"
    if claim.test == "not-worse" and verdict == "contradicted":
        return "is worse by more than the margin than"
    if claim.test == "different" and shown:
        if _better_end(cells(claim.quantity)[0].measure) == 0:
            return "is higher than" if found.value > 0 else "is lower than"
        return "is better than" if better else "is worse than"
    if claim.test == "equivalent" and verdict == "contradicted":
        return "differs by more than the margin from"
    words = {
        "better": "is not shown to be better than",
        "different": "is not shown to differ from",
        "not-worse": "is not worse than" if shown else "is not shown to be not worse than",
        "equivalent": "is equivalent to" if shown else "is not shown to be equivalent to",
    }
    return words[claim.test]


def _compared(quantity: Quantity) -> tuple[str, str] | None:
    """The two arms of which a quantity is the plain difference; None where it is something else."""
    if isinstance(quantity, Retention):
        return None if quantity.against is None else (quantity.arm, quantity.against)
    if len(quantity) != 2 or quantity[0].macro_mean != quantity[1].macro_mean:
        return None
    first, second = quantity
    return (first.arm, second.arm) if (first.weight, second.weight) == (1.0, -1.0) else None


def _by(claim: Claim, found: Estimate) -> str:
    """The difference in words for its sign; beside a margin of loss, as a loss."""
    if not round(found.value, _digits(claim)):
        return f"apart by {_value(claim, found, 1)}"
    sign = 1 if found.value > 0 else -1
    if claim.test == "not-worse" and claim.sign * found.value < 0:
        return f"a loss of {_value(claim, found, sign)}"
    return f"{'higher' if sign > 0 else 'lower'} by {_value(claim, found, sign)}"


def _value(claim: Claim, found: Estimate, sign: int, *, form: str = ",") -> str:
    """The value and the interval of the claim's test; the level is told where it is not 95 %."""
    digits = _digits(claim)
    low, high = sorted(sign * end for end in found.interval(claim.level))
    level = "" if claim.margin is None else f"{claim.level:.0%}: ".replace("%", " %")
    return f"{sign * found.value:{form}.{digits}f} [{level}{low:{form}.{digits}f}, {high:{form}.{digits}f}]"


def _digits(claim: Claim) -> int:
    return 3 if isinstance(claim.quantity, Retention) else decimals(cells(claim.quantity)[0].measure)


def _unit(claim: Claim) -> str:
    measures = dict.fromkeys(cell.measure for cell in cells(claim.quantity))
    names = "/".join(measure.replace("_", " ") for measure in measures)
    if isinstance(claim.quantity, Retention):
        return f"of the {names}"
    return f"ranks ({names})" if IN_RANKS.issuperset(measures) else names


def _where(claim: Claim, titles: Mapping[str, str]) -> str:
    queries: dict[str, list[str]] = defaultdict(list)
    for cell in dict.fromkeys(cells(claim.quantity)):
        place = f"the {cell.setting} setting of {titles.get(cell.evaluation, cell.evaluation)}"
        queries[place] += [f"in {', '.join(cell.languages)}"] if cell.languages else []
    places = [f"{place}, queries {' and '.join(told)}" if told else place for place, told in queries.items()]
    return (" as a share of that in " if isinstance(claim.quantity, Retention) else " and ").join(places)


def _p_text(p: float) -> str:
    return f"p = {p:.3f}" if p >= 0.001 else "p < 0.001"
