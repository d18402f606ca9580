"""What the tables of a study say of one another: names that there are not, and what cannot be compared or trained."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from pydantic import ValidationError

from equilingua.benchmarks.cards import benchmark_names
from equilingua.config import Config
from equilingua.errors import InputError, did_you_mean
from equilingua.evaluation.settings import MONOLINGUAL, MULTILINGUAL
from equilingua.statistics.significance import is_between_0_and_1, out_of_reach
from equilingua.studies.tables import ArmConfig, ClaimConfig, Curve, EvaluationConfig, is_unknown_benchmark
from equilingua.training.config import TrainingConfig
from equilingua.training.load import combined_config, load_training, recipe_file

Place = tuple[str | int, ...]
"""As pydantic calls places: positions in lists are counted from 0."""

Problem = tuple[Place, str]

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
    """The tables of a study that are right by themselves; what is wrong with the others is told elsewhere.

    Names are those of all tables, claims are by position, and the study is all of it, as from ``with_records``.
    """

    arm_names: Sequence[str]
    arms: Mapping[str, ArmConfig]
    evaluation_names: Sequence[str]
    evaluations: Mapping[str, EvaluationConfig]
    claims: Mapping[int, ClaimConfig]
    study: Mapping[str, Any]

    @classmethod
    def of(cls, study: Mapping[str, Any]) -> "_Tables":
        arms, evaluations = _mapping(study.get("arms")), _list(study.get("evaluations"))
        return cls(
            [*arms],
            {name: arm for name, arm in arms.items() if isinstance(arm, ArmConfig)},
            [_name(evaluation) for evaluation in evaluations],
            {one.key: one for one in evaluations if isinstance(one, EvaluationConfig)},
            {n: claim for n, claim in enumerate(_list(study.get("claims"))) if isinstance(claim, ClaimConfig)},
            study,
        )

    @property
    def places(self) -> dict[str, float]:
        return {name: arm.at for name, arm in self.arms.items() if arm.at is not None}


def contradictions(study: Mapping[str, Any], *, trainings: bool) -> Iterator[Problem]:
    """Every contradiction between the tables of a study from ``with_records``, with its place; others are passed over.

    What arms change of the study's training, and of its recipe's, is looked at where ``trainings`` asks for it.
    """
    tables = _Tables.of(study)
    if trainings:
        yield from _of_trainings(tables)
    if not tables.arm_names or not tables.evaluation_names:
        return  # that they are missing is told; all names would be unknown
    yield from _of_arms(tables)
    names = tables.evaluation_names
    for position, evaluation in enumerate(study["evaluations"]):
        if names[position] in names[:position]:
            yield ("evaluations", position), f"another is named {names[position]!r} too; give each a name"
        of_arms = (isinstance(evaluation, EvaluationConfig) and evaluation.arms) or ()
        yield from _at(
            ("evaluations", position), chain.from_iterable(_unknown(arm, tables.arm_names) for arm in of_arms)
        )
    for position, claim in tables.claims.items():
        yield from _at(("claims", position), _of_claim(tables, claim))
    if isinstance(study.get("baseline"), str):
        yield from _at(("baseline",), _unknown(study["baseline"], tables.arm_names))
    if isinstance(name := study.get("trade_off"), str):
        yield from _at(("trade_off",), _of_evaluation(tables, name, "mAP", MONOLINGUAL, MULTILINGUAL))
    if isinstance(curve := study.get("curve"), Curve):
        yield from _at(("curve",), _of_evaluation(tables, curve.evaluation, curve.measure))
        if not tables.places:
            yield ("curve",), "no arm has a place on its axis; give arms their at"


def _of_trainings(tables: _Tables) -> Iterator[Problem]:
    """What a recipe, a study and an arm set of a training, each right by itself, may not fit together."""
    shared = tables.study.get("training", TrainingConfig())
    if not isinstance(shared, TrainingConfig):
        return
    bases = [shared]
    if isinstance(tables.study.get("recipe"), str):
        try:
            bases = [load_training(recipe_file(tables.study["recipe"])).config, shared]
        except InputError:
            return  # that there is none of that name is told
    common = _misfits(*bases)
    yield from _at(("training",), common)
    for name, arm in tables.arms.items():
        if not arm.made_from:
            own = _misfits(*bases, arm.training)
            yield from _at(("arms", name, "training"), (text for text in own if text not in common))


def _misfits(*configs: TrainingConfig) -> tuple[str, ...]:
    try:
        combined_config(*configs)
    except InputError as error:
        return error.problems
    return ()


def _of_arms(tables: _Tables) -> Iterator[Problem]:
    shared = [name for name in ("recipe", "model", "encoder") if tables.study.get(name) is not None]
    if "model" in shared and len(shared) > 1:
        yield ("model",), f"{' and '.join(shared)} were both given: give one"
    for name in tables.arm_names:
        if not re.fullmatch(r"[\w-]+", name, re.ASCII):
            yield ("arms", name), "use letters, digits, - and _"
    labels: dict[str, str] = {}
    for name, arm in tables.arms.items():
        label = arm.label or name
        if label in labels:
            yield ("arms", name), f"label {label!r} is that of {labels[label]!r} too; give each its own"
        labels[label] = name
        yield from _at(("arms", name), _of_making(arm, tables, has_model=bool(shared)))


def _of_making(arm: ArmConfig, tables: _Tables, *, has_model: bool) -> Iterator[str]:
    """What an arm lacks to be trained, or to be made from others; those must be trained."""
    made = {name for name, other in tables.arms.items() if other.made_from}
    trained = [name for name in tables.arm_names if name not in made]
    for source in arm.made_from:
        yield from _unknown(source, trained if source in made else tables.arm_names)
    if not arm.made_from:
        if not (arm.model or arm.encoder or has_model):
            yield "neither it nor the study has a model or an encoder"
        if not (arm.pairs or tables.study.get("pairs") or tables.study.get("recipe")):
            yield "neither it nor the study has pairs"


def _of_claim(tables: _Tables, claim: ClaimConfig) -> Iterator[str]:
    weighted: Mapping[str, float] = {}
    if claim.trend and len(set(tables.places.values())) < 2:
        yield "a trend needs arms at two places or more; give arms their at"
    else:
        weighted = claim.weighted(tables.places)
        yield from _of_margin(claim, weighted)
    for name in weighted:
        yield from _unknown(name, tables.arm_names)
    for key in filter(None, (claim.evaluation, claim.retained_from)):
        yield from _of_evaluation(tables, key, claim.measure, claim.setting)
        evaluation = tables.evaluations.get(key)
        evaluated = tables.arm_names if evaluation is None or evaluation.arms is None else evaluation.arms
        left_out = [arm for arm in weighted if arm in tables.arm_names and arm not in evaluated]
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


def _of_evaluation(tables: _Tables, name: str, measure: str, *settings: str) -> Iterator[str]:
    """What an evaluation lacks that is asked of it by its name."""
    # Where a benchmark is misspelt, which is told, any benchmark's right name may be given too.
    misspelt = any(is_unknown_benchmark(known) for known in tables.evaluation_names)
    yield from _unknown(name, [*tables.evaluation_names, *(benchmark_names() if misspelt else ())])
    evaluation = tables.evaluations.get(name)
    if evaluation is not None:
        yield from (
            f"{name} is not evaluated in the {one} setting" for one in settings if one not in evaluation.settings
        )
        if measure not in evaluation.measures:
            yield f"{measure} is not among the measures of {name}"


def _at(place: Place, problems: Iterable[str]) -> Iterator[Problem]:
    return ((place, text) for text in problems)


def _unknown(name: str, known: Sequence[str]) -> Iterator[str]:
    if name not in known:
        yield f"no {name!r}. {did_you_mean(name, known)}"


def _name(evaluation: Any) -> str:
    if isinstance(evaluation, EvaluationConfig):
        return evaluation.key
    written = _mapping(evaluation)
    return str(written.get("name") or written.get("benchmark"))


def _mapping(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []
