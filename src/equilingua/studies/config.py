"""A study as a TOML file says it: arms, seeds, a budget they share, evaluations, and what is claimed of them."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import (
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from equilingua.config import Config, Items, RawConfig
from equilingua.mixtures.config import AnyPairsEntry
from equilingua.studies.checks import contradictions, with_records
from equilingua.studies.tables import ArmConfig, ClaimConfig, Curve, EvaluationConfig, Published, TrainingChanges
from equilingua.studies.workspace import SHARED_FOLDERS
from equilingua.training.config import TrainingConfig
from equilingua.training.encoders import EncoderTable
from equilingua.training.load import recipe_file


class StudyConfig(Config):
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

    seeds: Items[int] = (0, 1, 2)
    """Every arm is trained once with each."""

    baseline: str
    """The arm that tables compare the others with."""

    recipe: str | None = None
    """A recipe of the package, whose pairs, encoder and options the study's own and the arms' win over."""

    model: str | None = None
    """Every arm starts from this model: a hub name or a folder."""

    encoder: EncoderTable | None = None
    """Every arm starts from an encoder from scratch of this shape, as ``[encoder]`` of a training."""

    pairs: Items[AnyPairsEntry] = ()
    """Every arm is trained on these: files inside the data folder, or entries that say how they are made."""

    training: TrainingChanges = TrainingConfig()
    """Of every arm."""

    arms: dict[str, ArmConfig] = Field(min_length=1)
    """By name (letters, digits, - and _)."""

    evaluations: Items[EvaluationConfig] = Field(min_length=1)
    """What every arm is evaluated on."""

    claims: Items[ClaimConfig] = ()
    """What is tested; corrected together by Holm's method."""

    curve: Curve | None = None
    """What to draw over arms with ``at``."""

    trade_off: str | None = None
    """An evaluation: arms are listed by their gain in its mixed pool, beside their loss in one language."""

    published: Published | None = None
    """Figures of a paper to stand beside these."""

    not_controlled: Items[str] = ()
    """What else differs between arms, or from the question, in words; a list the page ends with."""

    @field_validator("seeds")
    @classmethod
    def _distinct(cls, seeds: tuple[int, ...]) -> tuple[int, ...]:
        if not seeds or len(set(seeds)) < len(seeds) or min(seeds) < 0:
            raise ValueError("give at least one seed, each once, none below 0")
        return seeds

    @field_validator("recipe")
    @classmethod
    def _is_there(cls, name: str | None) -> str | None:
        if name is not None:
            recipe_file(name)
        return name

    @field_validator("name")
    @classmethod
    def _is_free(cls, name: str) -> str:
        if name in SHARED_FOLDERS:
            raise ValueError(f"{name!r} is a folder that all studies share; choose another name")
        return name

    @model_validator(mode="wrap")
    @classmethod
    def _tells_every_problem(cls, values: Any, validate: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        """Problems within tables, and of what tables say of one another, are told together."""
        if not isinstance(values, Mapping):
            return validate(values)
        values = with_records(values, info.context)
        problems: list[InitErrorDetails] = []
        try:
            study = validate(values)
        except ValidationError as error:
            problems += [
                InitErrorDetails(type=one["type"], loc=one["loc"], input=one["input"], ctx=one.get("ctx", {}))
                for one in error.errors()
            ]
        for place, text in contradictions(values, trainings=info.context is not None):
            kind = PydanticCustomError("value_error", "{text}", {"text": text})
            problems.append(InitErrorDetails(type=kind, loc=place, input={}))
        if problems:
            raise ValidationError.from_exception_data("study", problems)
        return study

    @property
    def places(self) -> dict[str, float]:
        """Where arms lie on the axis of the curve, those that do."""
        return {name: arm.at for name, arm in self.arms.items() if arm.at is not None}

    def evaluation(self, key: str) -> EvaluationConfig:
        """The evaluation of a name."""
        return next(evaluation for evaluation in self.evaluations if evaluation.key == key)

    def label(self, arm: str) -> str:
        """As tables and charts name an arm."""
        return self.arms[arm].label or arm


def load_study(path: str | Path, overrides: Iterable[str] = (), *, data: Path | None = None) -> StudyConfig:
    """The study of a TOML file, changed by overrides such as ``seeds=[0]`` or ``training.steps=50``.

    Files of pairs are looked for in the folder of data; None leaves that to ``plan_study``.

    Raises:
        InputError: with every problem found, its place, and the nearest name for an unknown option. What it says of
            trainings, encoders, pairs and benchmarks is looked at too.
    """
    raw = RawConfig(str(path))
    raw.add_file(path)
    raw.add_overrides(overrides)
    return raw.check(StudyConfig, context={"data": data})
