"""What the tables of a study say of one another: names that there are not, and what cannot be compared."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from equilingua.benchmarks.cards import benchmark_names
from equilingua.errors import did_you_mean
from equilingua.evaluation.settings import MONOLINGUAL, MULTILINGUAL
from equilingua.statistics.equivalence import is_between_0_and_1, out_of_reach
from equilingua.studies.tables import ArmConfig, ClaimConfig, Curve, EvaluationConfig
from equilingua.studies.trainings import is_unknown_benchmark

Place = tuple[str | int, ...]
Problem = tuple[Place, str]
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class _Tables:
    """Those tables of a study that are right by themselves; None where one is wrong, which is told elsewhere.

    Attributes:
        arms: by name.
        evaluations: by number from 1: the name, and the table.
        claims: by number from 1.
    """

    arms: Mapping[str, ArmConfig | None]
    evaluations: Mapping[int, tuple[str, EvaluationConfig | None]]
    claims: Mapping[int, ClaimConfig]

    @property
    def evaluation_names(self) -> list[str]:
        return [name for name, _ in self.evaluations.values()]

    @property
    def evaluations_to_name(self) -> list[str]:
        """Those that others may name: where a benchmark is misspelt, which is told, any benchmark's right name too."""
        misspelt = any(is_unknown_benchmark(name) for name in self.evaluation_names)
        return [*self.evaluation_names, *(benchmark_names() if misspelt else ())]

    @property
    def places(self) -> dict[str, float]:
        return {name: arm.at for name, arm in self.arms.items() if arm is not None and arm.at is not None}

    def evaluation(self, name: str) -> EvaluationConfig | None:
        return dict(self.evaluations.values()).get(name)


def contradictions(given: Mapping[str, Any]) -> Iterator[Problem]:
    """Every contradiction between the tables of a study, with its place.

    Args:
        given: the study as plain values or records; what is wrong within a table is passed over.
    """
    tables = _Tables(
        {str(name): _checked(ArmConfig, table) for name, table in _mapping(given.get("arms")).items()},
        {number: _named(table) for number, table in enumerate(_list(given.get("evaluations")), 1)},
        {
            number: claim
            for number, table in enumerate(_list(given.get("claims")), 1)
            if (claim := _checked(ClaimConfig, table)) is not None
        },
    )
    if not tables.arms or not tables.evaluations:
        return  # that they are missing is told; all names would be unknown
    yield from _of_arms(tables, given)
    yield from _of_evaluations(tables)
    for number, claim in tables.claims.items():
        for text in _of_claim(tables, claim):
            yield ("claims", number), text
    if isinstance(given.get("baseline"), str):
        yield from _unknown(("baseline",), given["baseline"], tables.arms)
    if isinstance(given.get("trade_off"), str):
        yield from _of_trade_off(tables, given["trade_off"])
    curve = _checked(Curve, given.get("curve"))
    if curve is not None:
        yield from _of_curve(tables, curve)


def _of_arms(tables: _Tables, given: Mapping[str, Any]) -> Iterator[Problem]:
    shared = [name for name in ("recipe", "model", "encoder") if given.get(name) is not None]
    if "model" in shared and len(shared) > 1:
        yield ("model",), f"{' and '.join(shared)} were both given: give one"
    trained = [name for name, arm in tables.arms.items() if arm is None or not arm.made_from]
    labels: dict[str, str] = {}
    for name, arm in tables.arms.items():
        place = ("arms", name)
        if not re.fullmatch(r"[\w-]+", name, re.ASCII):
            yield place, "use letters, digits, - and _"
        if arm is None:
            continue
        label = arm.label or name
        if label in labels:
            yield place, f"label {label!r} is that of {labels[label]!r} too; give each its own"
        labels[label] = name
        for source in arm.made_from:
            yield from _unknown(place, source, trained if source in tables.arms else tables.arms)
        if not arm.made_from and not (arm.model or arm.encoder or shared):
            yield place, "neither it nor the study has a model or an encoder"
        if not arm.made_from and not (arm.pairs or given.get("pairs") or given.get("recipe")):
            yield place, "neither it nor the study has pairs"


def _of_evaluations(tables: _Tables) -> Iterator[Problem]:
    names = tables.evaluation_names
    for number, (name, evaluation) in tables.evaluations.items():
        if name in names[: number - 1]:
            yield ("evaluations", number), f"another is named {name!r} too; give each a name"
        for arm in (evaluation.arms if evaluation is not None else None) or ():
            yield from _unknown(("evaluations", number), arm, tables.arms)


def _of_claim(tables: _Tables, claim: ClaimConfig) -> Iterator[str]:
    if claim.trend and len(set(tables.places.values())) < 2:
        yield "a trend needs arms at two places or more; give arms their at"
        weighted = {}
    else:
        weighted = dict(claim.weighted(tables.places))
    if weighted:
        yield from _of_margin(claim, weighted)
    yield from (text for name in weighted for _, text in _unknown((), name, tables.arms))
    for key in filter(None, (claim.evaluation, claim.retained_from)):
        yield from (text for _, text in _unknown((), key, tables.evaluations_to_name))
        evaluation = tables.evaluation(key)
        if evaluation is None:
            continue
        if claim.setting not in evaluation.settings:
            yield f"{key} is not evaluated in the {claim.setting} setting"
        if claim.measure not in evaluation.measures:
            yield f"{claim.measure} is not among the measures of {key}"
        left_out = [arm for arm in weighted if arm in tables.arms and arm not in (evaluation.arms or tables.arms)]
        if left_out:
            yield f"{key} is not evaluated for {', '.join(left_out)}"


def _of_margin(claim: ClaimConfig, weighted: Mapping[str, float]) -> Iterator[str]:
    # What is retained is a quotient, which has no bound.
    if claim.margin is None or claim.retained_from is not None or not is_between_0_and_1(claim.measure):
        return
    # Weights sum to 0, so a contrast is greatest where those above 0 stand on 1 and the others on 0.
    contrast = sum(weight for weight in weighted.values() if weight > 0)
    problem = out_of_reach(claim.margin, most=2 * contrast if claim.minus_languages else contrast)
    if problem:
        yield problem


def _of_trade_off(tables: _Tables, name: str) -> Iterator[Problem]:
    yield from _unknown(("trade_off",), name, tables.evaluations_to_name)
    evaluation = tables.evaluation(name)
    if evaluation is None:
        return
    if "mAP" not in evaluation.measures:
        yield ("trade_off",), f"mAP is not among the measures of {name}"
    for setting in (MONOLINGUAL, MULTILINGUAL):
        if setting not in evaluation.settings:
            yield ("trade_off",), f"{name} is not evaluated in the {setting} setting"


def _of_curve(tables: _Tables, curve: Curve) -> Iterator[Problem]:
    yield from _unknown(("curve",), curve.evaluation, tables.evaluations_to_name)
    evaluation = tables.evaluation(curve.evaluation)
    if evaluation is not None and curve.measure not in evaluation.measures:
        yield ("curve",), f"{curve.measure} is not among the measures of {curve.evaluation}"
    if not tables.places:
        yield ("curve",), "no arm has a place on its axis; give arms their at"


def _unknown(place: Place, name: str, known: Mapping[str, Any] | list[str]) -> Iterator[Problem]:
    if name not in known:
        yield place, f"no {name!r}. {did_you_mean(name, known)}"


def _named(table: Any) -> tuple[str, EvaluationConfig | None]:
    evaluation = _checked(EvaluationConfig, table)
    if evaluation is not None:
        return evaluation.key, evaluation
    plain = _mapping(table)
    return str(plain.get("name") or plain.get("benchmark")), None


def _checked(model: type[Model], table: Any) -> Model | None:
    try:
        return model.model_validate(table)
    except ValidationError:
        return None


def _mapping(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []
