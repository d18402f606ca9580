"""A study as a TOML file says it: arms, seeds, a budget they share, evaluations, and what is claimed of them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from equilingua.errors import InputError, Problems, did_you_mean
from equilingua.evaluation.naming import parse_measure
from equilingua.evaluation.settings import MULTILINGUAL
from equilingua.studies.quantities import slope_weights
from equilingua.training.settings import Settings

Setting = Literal["monolingual", "cross-lingual", "multilingual"]
Test = Literal["better", "not-worse", "equivalent", "different"]
PairsTable = str | dict[str, Any]

DEFAULT_MEASURES = ("mAP", "R@10", "MRR@20", "nDCG@10", "rank_distance")


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Merge(_Table):
    """An arm made from two others by interpolating their weights."""

    first: str
    """The arm that a weight of 0 would give."""

    second: str
    """The arm that a weight of 1 would give."""

    weight: float = Field(ge=0, le=1)
    """Of the second arm's weights."""


class ArmConfig(_Table):
    """One arm: what sets it apart from the others. It is trained, or made from arms that are."""

    label: str | None = None
    """As tables and charts name it; the arm's name by default."""

    at: float | None = None
    """Its place on the axis of the study's curve."""

    model: str | None = None
    """Trained from this model (a hub name or a folder) instead of the study's."""

    encoder: dict[str, Any] | None = None
    """Trained from an encoder from scratch of this shape instead of the study's."""

    pairs: tuple[PairsTable, ...] | None = None
    """Trained on these pairs instead of the study's."""

    training: dict[str, Any] = {}
    """Settings of ``TrainingConfig`` that win over the study's."""

    merge: Merge | None = None
    """Not trained, but two arms' weights interpolated, seed by seed."""

    centre: str | None = None
    """Not trained, but this arm's vectors with the mean of each language taken off."""

    query_prompt: str | None = None
    """Before every query of an evaluation, instead of the model's own prompt."""

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        own = [name for name in ("model", "encoder", "pairs", "training") if getattr(self, name)]
        ways = [name for name in ("merge", "centre") if getattr(self, name) is not None]
        if len(ways) > 1 or (ways and own):
            raise ValueError(
                f"{' and '.join([*ways, *own])} were both given: an arm is trained, or made by one of them"
            )
        if self.model is not None and self.encoder is not None:
            raise ValueError("model and encoder were both given: give one")
        return self

    @property
    def made_from(self) -> tuple[str, ...]:
        """The arms it is made from; none if it is trained."""
        if self.merge is not None:
            return (self.merge.first, self.merge.second)
        return () if self.centre is None else (self.centre,)


class EvaluationConfig(_Table):
    """One benchmark that every arm is evaluated on."""

    benchmark: str
    """A name that ``load_benchmark`` knows, or a path inside the data folder."""

    name: str | None = None
    """How claims and tables name the evaluation; by default as the benchmark."""

    title: str | None = None
    """How the page names it; by default its name."""

    languages: tuple[str, ...] | None = None
    """Only these languages."""

    settings: tuple[Setting, ...] = ("monolingual", "cross-lingual", "multilingual")
    """Which of the three settings are evaluated."""

    measures: tuple[str, ...] = DEFAULT_MEASURES
    """Names of measures."""

    shown: tuple[str, ...] = ("mAP", "rank_distance")
    """Measures that the tables of the page show; all are in its data."""

    query_prompt: str | None = None
    """Before every query, instead of the model's own prompt."""

    passage_prompt: str | None = None
    """Before every passage, instead of the model's own prompt."""

    arms: tuple[str, ...] | None = None
    """Only these arms are evaluated on it."""

    @field_validator("measures", "shown")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            parse_measure(name)
        return names

    @model_validator(mode="after")
    def _shows_what_it_measures(self) -> Self:
        for name in self.shown:
            if name not in self.measures:
                raise ValueError(f"shown: {name!r} is not among the measures. {did_you_mean(name, self.measures)}")
        return self

    @property
    def key(self) -> str:
        """What claims name it by."""
        return self.name or self.benchmark


class ClaimConfig(_Table):
    """One hypothesis that a test decides. It says which arms are compared."""

    says: str
    """The claim in words."""

    test: Test
    """``better``, ``not-worse`` and ``equivalent`` (both by ``margin``), or ``different``."""

    evaluation: str
    """The evaluation it is about."""

    setting: Setting = "monolingual"
    """The setting it is about."""

    measure: str = "mAP"
    """The measure it is about."""

    arm: str | None = None
    """The arm it is about."""

    against: str | None = None
    """The arm it is compared with."""

    weights: dict[str, float] = {}
    """Instead of ``arm`` and ``against``: a contrast of several arms; weights should sum to 0."""

    trend: bool = False
    """Instead of them: the slope of the line through all arms with ``at``, per unit of ``at``."""

    languages: tuple[str, ...] | None = None
    """Only queries in these languages."""

    minus_languages: tuple[str, ...] | None = None
    """An interaction: the same difference for queries in these languages is subtracted."""

    retained_from: str | None = None
    """Retention: the measure is divided by that of this evaluation (the domain that was trained on)."""

    margin: float | None = Field(None, gt=0)
    """The difference from which on it matters."""

    @field_validator("measure")
    @classmethod
    def _known(cls, name: str) -> str:
        parse_measure(name)
        return name

    @model_validator(mode="after")
    def _is_testable(self) -> Self:
        pair = (self.arm is not None, self.against is not None)
        if [any(pair), bool(self.weights), self.trend].count(True) != 1 or pair[0] != pair[1]:
            raise ValueError("give one of: arm and against, weights of several arms, trend")
        if self.weights and abs(sum(self.weights.values())) > 1e-9 * sum(map(abs, self.weights.values())):
            raise ValueError(f"weights: they sum to {sum(self.weights.values()):g}; a contrast's sum to 0")
        if (self.test in ("not-worse", "equivalent")) != (self.margin is not None):
            word = "needs" if self.margin is None else "has no use for"
            raise ValueError(f"margin: the test {self.test!r} {word} one")
        if self.retained_from is not None and (self.weights or self.trend or self.minus_languages):
            raise ValueError("retained_from: retention is compared between arm and against, in the same languages")
        if parse_measure(self.measure).multilingual_only and self.setting != MULTILINGUAL:
            raise ValueError(f"measure: {self.measure} is taken in the multilingual setting only, not {self.setting}")
        return self

    def weighted(self, places: Mapping[str, float]) -> Mapping[str, float]:
        """The weight of every arm it is about.

        Args:
            places: of the arms with ``at``, of which a trend is taken.
        """
        if self.trend:
            return slope_weights(places)
        return self.weights or {str(self.arm): 1.0, str(self.against): -1.0}


class Curve(_Table):
    """The axis along which arms with ``at`` lie."""

    axis: str
    """What is varied."""

    evaluation: str
    """Drawn for this evaluation: one line a setting, and one a query language."""

    measure: str = "mAP"
    """What is drawn."""

    groups: dict[str, tuple[str, ...]] = {}
    """Query languages by group: the lines of a group are drawn together."""


class Published(_Table):
    """Figures printed in a paper, to stand beside those of the study, never among them."""

    source: str
    """Where they are printed."""

    columns: tuple[str, ...]
    """Names of the figures."""

    rows: dict[str, tuple[float | None, ...]]
    """By row name, the figures in the order of the columns."""

    @model_validator(mode="after")
    def _has_whole_rows(self) -> Self:
        for name, row in self.rows.items():
            if len(row) != len(self.columns):
                raise ValueError(f"rows.{name}: {len(row)} figures for {len(self.columns)} columns")
        return self


class StudyConfig(_Table):
    """Arms that differ in what a question is about, trained and evaluated alike, over several seeds."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    """Names the study's folder: small letters, digits and -."""

    title: str
    """One line."""

    question: str
    """What is asked, in words."""

    hypothesis: str
    """What is expected, in words, before anything ran."""

    data: str | None = None
    """What the data is, and what it is not, in words."""

    seeds: tuple[int, ...] = (0, 1, 2)
    """Every arm is trained once with each."""

    baseline: str
    """The arm that tables compare the others with."""

    model: str | None = None
    """Every arm starts from this model: a hub name or a folder."""

    encoder: dict[str, Any] | None = None
    """Every arm starts from an encoder from scratch of this shape, as ``[encoder]`` of a training."""

    pairs: tuple[PairsTable, ...] = ()
    """Every arm is trained on these: files inside the data folder, or entries that say how they are made."""

    training: dict[str, Any] = {}
    """Settings of ``TrainingConfig`` of every arm."""

    arms: dict[str, ArmConfig] = Field(min_length=1)
    """By name (letters, digits, - and _)."""

    evaluations: tuple[EvaluationConfig, ...] = Field(min_length=1)
    """What every arm is evaluated on."""

    claims: tuple[ClaimConfig, ...] = ()
    """What is tested; corrected together by Holm's method."""

    curve: Curve | None = None
    """What to draw over arms with ``at``."""

    trade_off: str | None = None
    """An evaluation: arms are listed by their gain in its mixed pool, beside their loss in one language."""

    published: Published | None = None
    """Figures of a paper to stand beside these."""

    not_controlled: tuple[str, ...] = ()
    """What else differs between arms, or from the question, in words; a list the page ends with."""

    @field_validator("seeds")
    @classmethod
    def _distinct(cls, seeds: tuple[int, ...]) -> tuple[int, ...]:
        if not seeds or len(set(seeds)) < len(seeds) or min(seeds) < 0:
            raise ValueError("give at least one seed, each once, none below 0")
        return seeds

    @model_validator(mode="after")
    def _names_what_there_is(self) -> Self:
        problems = list(self._problems())
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _problems(self) -> Iterator[str]:
        if self.model is not None and self.encoder is not None:
            yield "model and encoder were both given: give one"
        arms, evaluations = list(self.arms), [evaluation.key for evaluation in self.evaluations]
        yield from (
            f"arms.{name}: use letters, digits, - and _" for name in arms if not re.fullmatch(r"[\w-]+", name, re.ASCII)
        )
        if len(set(evaluations)) < len(evaluations):
            yield f"evaluations: two have one name ({', '.join(evaluations)}); give each a name"
        asked = [("baseline", self.baseline, arms)]
        for name, arm in self.arms.items():
            asked += [(f"arms.{name}", source, arms) for source in arm.made_from]
            asked += [(f"arms.{name}", source, self._trained()) for source in arm.made_from if source in arms]
            if not arm.made_from and not (arm.model or arm.encoder or self.model or self.encoder):
                yield f"arms.{name}: neither it nor the study has a model or an encoder"
            if not arm.made_from and not (arm.pairs or self.pairs):
                yield f"arms.{name}: neither it nor the study has pairs"
        for evaluation in self.evaluations:
            asked += [(f"evaluations.{evaluation.key}", name, arms) for name in evaluation.arms or ()]
        for number, claim in enumerate(self.claims, 1):
            if claim.trend and len(set(self.places.values())) < 2:
                yield f"claims, the {number}.: a trend needs arms at two places or more; give arms their at"
                continue
            asked += [(f"claims, the {number}.", name, arms) for name in claim.weighted(self.places)]
            asked += [
                (f"claims, the {number}.", name, evaluations)
                for name in (claim.evaluation, claim.retained_from)
                if name is not None
            ]
        asked += [("curve", self.curve.evaluation, evaluations)] if self.curve else []
        asked += [("trade_off", self.trade_off, evaluations)] if self.trade_off else []
        yield from (
            f"{where}: no {name!r}. {did_you_mean(name, known)}" for where, name, known in asked if name not in known
        )

    @property
    def places(self) -> dict[str, float]:
        """Where arms lie on the axis of the curve, those that do."""
        return {name: arm.at for name, arm in self.arms.items() if arm.at is not None}

    def _trained(self) -> list[str]:
        return [name for name, arm in self.arms.items() if not arm.made_from]

    def evaluation(self, key: str) -> EvaluationConfig:
        """The evaluation of a name."""
        return next(evaluation for evaluation in self.evaluations if evaluation.key == key)

    def label(self, arm: str) -> str:
        """As tables and charts name an arm."""
        return self.arms[arm].label or arm


def load_study(path: str | Path, overrides: Iterable[str] = ()) -> StudyConfig:
    """The study of a TOML file, changed by overrides such as ``seeds=[0]`` or ``training.steps=50``.

    Raises:
        InputError: with every problem found, its place, and the nearest name for an unknown setting.
    """
    gathered = Settings(str(path))
    gathered.add_file(path)
    gathered.add_overrides(overrides)
    study = gathered.check(StudyConfig)
    _check_claims_are_measured(study, str(path))
    return study


def _check_claims_are_measured(study: StudyConfig, path: str) -> None:
    problems = Problems(path)
    for number, claim in enumerate(study.claims, 1):
        for key in filter(None, (claim.evaluation, claim.retained_from)):
            evaluation = study.evaluation(key)
            if claim.setting not in evaluation.settings:
                problems.add(f"claims, the {number}.: {key} is not evaluated in the {claim.setting} setting")
            if claim.measure not in evaluation.measures:
                problems.add(f"claims, the {number}.: {claim.measure} is not among the measures of {key}")
            left_out = [
                arm
                for arm in claim.weighted(study.places)
                if evaluation.arms is not None and arm not in evaluation.arms
            ]
            if left_out:
                problems.add(f"claims, the {number}.: {key} is not evaluated for {', '.join(left_out)}")
    if problems.count:
        raise InputError(problems.report())
