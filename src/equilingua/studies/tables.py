"""The tables of a study's TOML file, each checked by itself."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import AfterValidator, Field, PlainSerializer, ValidationInfo, field_validator, model_validator

from equilingua.benchmarks.cards import benchmark_card, benchmark_names
from equilingua.config import Config, Items, Language, OneOrMany
from equilingua.errors import InputError, did_you_mean
from equilingua.evaluation.settings import MULTILINGUAL, SETTINGS, Setting
from equilingua.metrics.naming import NO_DIRECTION, parse_metric
from equilingua.mixtures.config import AnyPairsEntry
from equilingua.training.config import TrainingConfig
from equilingua.training.encoders import EncoderTable

Test = Literal["better", "not-worse", "equivalent", "different"]


def _known_measure(name: str) -> str:
    parse_metric(name)
    return name


TrainingChanges = Annotated[TrainingConfig, PlainSerializer(lambda config: config.model_dump(exclude_unset=True))]
"""A training of which only what is set counts."""

MeasureName = Annotated[str, AfterValidator(_known_measure)]

STUDY_MEASURES = ("mAP", "R@10", "MRR@20", "nDCG@10", "rank_distance")
"""What a study takes of every evaluation where its file names none: fewer than `evaluate`, for every arm and seed."""
_SHOWN = ("mAP", "rank_distance")


def _shown_by_default(checked: Mapping[str, Any]) -> tuple[str, ...]:
    measures = checked.get("measures", _SHOWN)
    return tuple(name for name in _SHOWN if name in measures) or measures[:1]


class Merge(Config):
    """An arm made from two others by interpolating their weights."""

    first: str
    """The arm that a weight of 0 would give."""

    second: str
    """The arm that a weight of 1 would give."""

    weight: float = Field(ge=0, le=1)
    """Of the second arm's weights."""


class ArmConfig(Config):
    """One arm: what sets it apart from the others. It is trained, or made from arms that are."""

    label: str | None = None
    """As tables and charts name it; the arm's name by default."""

    at: float | None = None
    """Its place on the axis of the study's curve."""

    model: str | None = None
    """Trained from this model (a hub name or a folder) instead of the study's."""

    encoder: EncoderTable | None = None
    """Trained from an encoder from scratch of this shape instead of the study's."""

    pairs: Items[AnyPairsEntry] | None = None
    """Trained on these pairs instead of the study's."""

    training: TrainingChanges = TrainingConfig()
    """What is set here wins over the study's."""

    merge: Merge | None = None
    """Not trained, but two arms' weights interpolated, seed by seed."""

    centre: str | None = None
    """Not trained, but this arm's vectors with the mean of each language taken off."""

    query_prompt: str | None = None
    """Before every query of an evaluation, instead of the model's own prompt and of the evaluation's."""

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        own = [name for name in ("model", "encoder", "pairs") if getattr(self, name)]
        own += ["training"] if self.training.model_fields_set else []
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


class EvaluationConfig(Config):
    """One benchmark that every arm is evaluated on."""

    benchmark: str
    """A name that ``load_benchmark`` knows, or a path inside the data folder."""

    name: str | None = None
    """How claims and tables name the evaluation; by default as the benchmark."""

    title: str | None = None
    """How the page names it; by default its name."""

    languages: OneOrMany[Language] | None = None
    """Only these languages."""

    settings: OneOrMany[Setting] = SETTINGS
    """Which of the three settings are evaluated."""

    measures: OneOrMany[MeasureName] = STUDY_MEASURES
    """Names of measures."""

    shown: OneOrMany[MeasureName] = Field(default_factory=_shown_by_default)
    """Measures that the tables of the page show; by default mAP and rank_distance. All are in its data."""

    query_prompt: str | None = None
    """Before every query, instead of the model's own prompt."""

    passage_prompt: str | None = None
    """Before every passage, instead of the model's own prompt."""

    truncate_dim: int | None = Field(None, ge=1)
    """Vectors are cut to their first so many dimensions."""

    similarity: Literal["cosine", "dot"] | None = None
    """By which vectors are compared, instead of the model's own."""

    arms: OneOrMany[str] | None = None
    """Only these arms are evaluated on it."""

    @field_validator("benchmark")
    @classmethod
    def _is_known(cls, name: str, info: ValidationInfo) -> str:
        # Only as a study is read from its file: the folders that a finished one names may be gone.
        if info.context is not None and is_unknown_benchmark(name) and not Path(name).expanduser().exists():
            benchmark_card(name)
        return name

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

    @property
    def label(self) -> str:
        """As the page names it."""
        return self.title or self.key

    def benchmark_in(self, data: Path) -> str | Path:
        """As ``load_benchmark`` takes it: a path inside the data folder where it is one, else the name."""
        inside = data / self.benchmark
        return inside if inside.exists() and ("/" in self.benchmark or "." in self.benchmark) else self.benchmark

    def takes(self, arm: str) -> bool:
        """Whether an arm of this name is evaluated."""
        return self.arms is None or arm in self.arms


class ClaimConfig(Config):
    """One hypothesis that a test decides. It says which arms are compared."""

    says: str
    """The claim in words."""

    test: Test
    """``better``, ``not-worse`` and ``equivalent`` (both by ``margin``), or ``different``."""

    evaluation: str
    """The evaluation it is about."""

    setting: Setting = "monolingual"
    """The setting it is about."""

    measure: MeasureName = "mAP"
    """The measure it is about."""

    arm: str | None = None
    """The arm it is about."""

    against: str | None = None
    """The arm it is compared with."""

    weights: dict[str, float] = Field(default_factory=dict)
    """Instead of ``arm`` and ``against``: a contrast of several arms; weights should sum to 0."""

    trend: bool = False
    """Instead of them: the slope of the line through all arms with ``at``, per unit of ``at``."""

    languages: OneOrMany[Language] | None = None
    """Only queries in these languages."""

    minus_languages: OneOrMany[Language] | None = None
    """An interaction: the same difference for queries in these languages is subtracted."""

    retained_from: str | None = None
    """Retention: the measure is divided by that of this evaluation (the domain that was trained on)."""

    margin: float | None = Field(None, gt=0, allow_inf_nan=False)
    """The difference from which on it matters."""

    @model_validator(mode="after")
    def _compares_arms(self) -> Self:
        pair, weights = (self.arm is not None, self.against is not None), self.weights.values()
        if [any(pair), bool(weights), self.trend].count(True) != 1 or pair[0] != pair[1]:
            raise ValueError("give one of: arm and against, weights of several arms, trend")
        if self.arm is not None and self.arm == self.against:
            raise ValueError(f"against: {self.arm!r} is compared with itself; name another arm")
        if weights and not any(weights):
            raise ValueError("weights: all are 0; give the arms that are compared other weights")
        # Weights such as thirds do not sum to 0 exactly.
        if abs(sum(weights)) > 1e-9 * sum(map(abs, weights)):
            raise ValueError(f"weights: they sum to {sum(weights):g}; a contrast's sum to 0")
        return self

    @model_validator(mode="after")
    def _is_testable(self) -> Self:
        if (self.test in ("not-worse", "equivalent")) != (self.margin is not None):
            word = "needs" if self.margin is None else "has no use for"
            raise ValueError(f"margin: the test {self.test!r} {word} one")
        if self.test in ("better", "not-worse") and self.measure in NO_DIRECTION:
            raise ValueError(f"test: {self.measure} has no better end; test 'different' or 'equivalent'")
        if self.retained_from is not None and (self.weights or self.trend or self.minus_languages):
            raise ValueError("retained_from: retention is compared between arm and against, in the same languages")
        if parse_metric(self.measure).multilingual_only and self.setting != MULTILINGUAL:
            raise ValueError(f"measure: {self.measure} is taken in the multilingual setting only, not {self.setting}")
        return self

    def weighted(self, places: Mapping[str, float]) -> Mapping[str, float]:
        """The weight of every arm it is about; a trend is taken over the places of the arms with ``at``."""
        if self.trend:
            return slope_weights(places)
        return self.weights or {str(self.arm): 1.0, str(self.against): -1.0}


class Curve(Config):
    """The axis along which arms with ``at`` lie."""

    axis: str
    """What is varied."""

    evaluation: str
    """Drawn for this evaluation: one line a setting, and one a query language."""

    measure: str = "mAP"
    """What is drawn."""

    groups: dict[str, Items[str]] = Field(default_factory=dict)
    """Query languages by group: the lines of a group are drawn together."""


class Published(Config):
    """Figures printed in a paper, to stand beside those of the study, never among them."""

    source: str
    """Where they are printed."""

    columns: Items[str]
    """Names of the figures."""

    rows: dict[str, Items[float | None]]
    """By row name, the figures in the order of the columns."""

    @model_validator(mode="after")
    def _has_whole_rows(self) -> Self:
        for name, row in self.rows.items():
            if len(row) != len(self.columns):
                raise ValueError(f"rows.{name}: {len(row)} figures for {len(self.columns)} columns")
        return self


def is_unknown_benchmark(name: str) -> bool:
    """Whether a benchmark's name is a plain word that is no benchmark's; it may be a folder's."""
    is_path = "/" in name or "\\" in name or "." in name
    return not (is_path or name.startswith("mteb:") or name in benchmark_names())


def slope_weights(places: Mapping[str, float]) -> dict[str, float]:
    """The weight of each arm in the slope of the least-squares line through them, per unit of their places.

    Raises:
        InputError: if fewer than two places differ.

    >>> slope_weights({"x-x-mono": 0.0, "hybrid": 0.5, "x-y": 1.0})
    {'x-x-mono': -1.0, 'hybrid': 0.0, 'x-y': 1.0}
    """
    if len(set(places.values())) < 2:
        raise InputError(f"a trend over {dict(places)}: it needs at least two arms at different places")
    centred = np.array(list(places.values())) - np.mean(list(places.values()))
    weights = centred / (centred**2).sum()
    return {arm: float(weight) for arm, weight in zip(places, weights, strict=True)}
