"""What the tables of a study say of one another: names that there are not, and what cannot be compared or trained."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError

from equilingua.benchmarks.cards import benchmark_names
from equilingua.config import Config
from equilingua.errors import InputError, did_you_mean
from equilingua.evaluation.settings import MONOLINGUAL, MULTILINGUAL
from equilingua.statistics.equivalence import is_between_0_and_1, out_of_reach
from equilingua.studies.tables import ArmConfig, ClaimConfig, Curve, EvaluationConfig, is_unknown_benchmark
from equilingua.training.config import TrainingConfig
from equilingua.training.load import combined_config, load_training, recipe_file

Place = tuple[str | int, ...]
"""As pydantic calls places: positions in lists are counted from 0."""

Problem = tuple[Place, str]
Model = TypeVar("Model", bound=Config)

_RECORDS: dict[str, type[Config]] = {
    "evaluations": EvaluationConfig,
    "claims": ClaimConfig,
    "curve": Curve,
    "training": TrainingConfig,
}


def with_records(study: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """A study as it is written, with a record in place of every table that is right by itself."""
    records = {name: _record(model, study[name], context) for name, model in _RECORDS.items() if name in study}
    arms = {name: _record(ArmConfig, arm, context) for name, arm in _mapping(study.get("arms")).items()}
    return {**study, **records, **({"arms": arms} if arms else {})}


def _record(model: type[Config], value: Any, context: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_record(model, one, context) for one in value]
    try:
        return model.model_validate(value, context=context)
    except ValidationError:
        return value


@dataclass(frozen=True, slots=True)
class _Tables:
    """The tables of a study; None for one that is wrong by itself, which is told elsewhere.

    Attributes:
        arms: by name.
        evaluations: each with its name.
        claims: in their order.
        rest: all of the study.
    """

    arms: Mapping[str, ArmConfig | None]
    evaluations: Sequence[tuple[str, EvaluationConfig | None]]
    claims: Sequence[ClaimConfig | None]
    rest: Mapping[str, Any]

    @property
    def evaluation_names(self) -> list[str]:
        return [name for name, _ in self.evaluations]

    @property
    def evaluations_to_name(self) -> list[str]:
        """Those that others may name: where a benchmark is misspelt, which is told, any benchmark's right name too."""
        misspelt = any(is_unknown_benchmark(name) for name in self.evaluation_names)
        return [*self.evaluation_names, *(benchmark_names() if misspelt else ())]

    @property
    def places(self) -> dict[str, float]:
        return {name: arm.at for name, arm in self.arms.items() if arm is not None and arm.at is not None}

    def evaluation(self, name: str) -> EvaluationConfig | None:
        return dict(self.evaluations).get(name)


def contradictions(study: Mapping[str, Any], *, trainings: bool) -> Iterator[Problem]:
    """Every contradiction between the tables of a study, with its place.

    Args:
        study: from ``with_records``; what is no record is passed over.
        trainings: whether what arms change of the study's training, and of its recipe's, is looked at too.
    """
    tables = _Tables(
        {str(name): _if_right(ArmConfig, arm) for name, arm in _mapping(study.get("arms")).items()},
        [_named(evaluation) for evaluation in _list(study.get("evaluations"))],
        [_if_right(ClaimConfig, claim) for claim in _list(study.get("claims"))],
        study,
    )
    if trainings:
        yield from _of_trainings(tables)
    if not tables.arms or not tables.evaluations:
        return  # that they are missing is told; all names would be unknown
    yield from _of_arms(tables)
    yield from _of_evaluations(tables)
    for position, claim in enumerate(tables.claims):
        if claim is not None:
            yield from ((("claims", position), text) for text in _of_claim(tables, claim))
    if isinstance(study.get("baseline"), str):
        yield from _unknown(("baseline",), study["baseline"], tables.arms)
    if isinstance(study.get("trade_off"), str):
        yield from _of_trade_off(tables, study["trade_off"])
    if isinstance(study.get("curve"), Curve):
        yield from _of_curve(tables, study["curve"])


def _of_trainings(tables: _Tables) -> Iterator[Problem]:
    """What a recipe, a study and an arm set of a training, each right by itself, may not fit together."""
    shared = tables.rest.get("training", TrainingConfig())
    if not isinstance(shared, TrainingConfig):
        return
    bases = [shared]
    if isinstance(tables.rest.get("recipe"), str):
        try:
            bases = [load_training(recipe_file(tables.rest["recipe"])).config, shared]
        except InputError:
            return  # that there is none of that name is told
    common = _misfits(*bases)
    yield from ((("training",), text) for text in common)
    for name, arm in tables.arms.items():
        if arm is not None and not arm.made_from:
            yield from (
                (("arms", name, "training"), text) for text in _misfits(*bases, arm.training) if text not in common
            )


def _misfits(*configs: TrainingConfig) -> tuple[str, ...]:
    try:
        combined_config(*configs)
    except InputError as error:
        return error.problems
    return ()


def _of_arms(tables: _Tables) -> Iterator[Problem]:
    shared = [name for name in ("recipe", "model", "encoder") if tables.rest.get(name) is not None]
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
        if not arm.made_from and not (arm.pairs or tables.rest.get("pairs") or tables.rest.get("recipe")):
            yield place, "neither it nor the study has pairs"


def _of_evaluations(tables: _Tables) -> Iterator[Problem]:
    names = tables.evaluation_names
    for position, (name, evaluation) in enumerate(tables.evaluations):
        if name in names[:position]:
            yield ("evaluations", position), f"another is named {name!r} too; give each a name"
        for arm in (evaluation.arms if evaluation is not None else None) or ():
            yield from _unknown(("evaluations", position), arm, tables.arms)


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


def _named(evaluation: Any) -> tuple[str, EvaluationConfig | None]:
    if isinstance(evaluation, EvaluationConfig):
        return evaluation.key, evaluation
    written = _mapping(evaluation)
    return str(written.get("name") or written.get("benchmark")), None


def _if_right(model: type[Model], table: Any) -> Model | None:
    return table if isinstance(table, model) else None


def _mapping(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []
