"""A training from a file, overrides and arguments: its configuration, the encoder it builds, the pairs it names."""

import warnings
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from equilingua.config import Items, RawConfig
from equilingua.errors import EquilinguaWarning, InputError, did_you_mean
from equilingua.mixtures.config import AnyPairsEntry, PairsEntry
from equilingua.training.config import TrainingConfig
from equilingua.training.encoders import EncoderSpec, EncoderTable

if TYPE_CHECKING:
    from equilingua.pairs.store import ParallelPairs


class _TrainingFile(TrainingConfig):
    """The configuration of a training with the encoder that it builds and the pairs that it is made for."""

    encoder: EncoderTable | None = None
    """An encoder to build from scratch."""

    pairs: Items[AnyPairsEntry] = ()
    """Entries of pairs, see ``equilingua.mixtures.config.PairsEntry``."""


@dataclass(frozen=True, slots=True)
class TrainingSetup:
    """A training with what it starts from: an encoder to build (None for a pretrained model), pairs its file names."""

    config: TrainingConfig
    encoder: EncoderSpec | None
    entries: tuple[PairsEntry, ...]


def load_config(
    path: str | Path | None = None,
    overrides: Iterable[str] = (),
    *,
    base: TrainingConfig | None = None,
    **options: Any,
) -> TrainingConfig:
    """The configuration of a TOML file, changed by overrides, changed by options given by name.

    Overrides are ``key=value`` texts, as after ``--set``; a ``base`` is what the file changes.

    Raises:
        InputError: with every problem found, its place, and the nearest name for an unknown option.

    >>> load_config(overrides=["alpha=0.3", "prompts.query='Q: '"]).prompts
    Prompts(query='Q: ', passage=None)
    """
    overrides = list(overrides)
    config = _gathered(path, overrides, options, *([base] if base is not None else [])).check(TrainingConfig)
    _warn_of_unused_alpha(config, overrides, options)
    return config


def load_training(
    path: str | Path | None = None,
    overrides: Iterable[str] = (),
    *,
    shape: Mapping[str, Any] | None = None,
    **options: Any,
) -> TrainingSetup:
    """The configuration of a training, and the encoder it builds where it has a table ``[encoder]``.

    Args:
        path: a TOML file with options of ``TrainingConfig``, in ``[encoder]`` of ``StaticSpec`` or ``TransformerSpec``,
            and in ``pairs`` a list of entries.
        overrides: ``key=value`` texts, as after ``--set``.
        shape: options of the encoder by name, which win over file and overrides; ``max_length`` is an option of the
            training where nothing is built.
        options: fields of ``TrainingConfig`` by name, which win too.

    Raises:
        InputError: with every problem found, its place, and the nearest name for an unknown option.

    >>> load_training(overrides=["encoder.from_scratch=static", "seed=3"]).encoder
    StaticSpec(dimension=256, vocabulary=64000)
    """
    overrides, shape = list(overrides), dict(shape or {})
    raw = _gathered(path, overrides, options)
    # The same name is an option of a transformer to build and of a training: it goes where it has a meaning.
    if "max_length" in shape and "from_scratch" not in shape and "encoder.from_scratch" not in raw:
        raw.add_arguments({"max_length": shape.pop("max_length")})
    for name, value in shape.items():
        raw.add_arguments({f"encoder.{name}": value}, place=f"--{name.replace('_', '-')}")
    checked = raw.check(_TrainingFile)
    # Only what was set is set again: what a study or a recipe leaves open is filled in by a later one.
    config = TrainingConfig.model_validate(checked.model_dump(exclude={"encoder", "pairs"}, exclude_unset=True))
    _warn_of_unused_alpha(config, overrides, options)
    return TrainingSetup(config, checked.encoder, checked.pairs)


def combined_config(*configs: TrainingConfig) -> TrainingConfig:
    """One configuration of several, later ones winning; raises ``InputError`` if they do not fit together."""
    return _gathered(None, (), {}, *configs).check(TrainingConfig)


def selected_pairs(pairs: "ParallelPairs", config: TrainingConfig) -> "ParallelPairs":
    """What a training takes of pairs; ``InputError`` as ``ParallelPairs.select``."""
    return pairs.select(
        languages=config.languages, sources=config.sources, where=config.where, max_characters=config.max_characters
    )


def _gathered(
    path: str | Path | None, overrides: Iterable[str], options: Mapping[str, Any], *bases: TrainingConfig
) -> RawConfig:
    # A file that gives steps must not clash with the epochs of the base it changes.
    raw = RawConfig("training configuration", alternatives=("steps", "epochs"))
    for base in bases:
        raw.add_arguments(base.model_dump(exclude_unset=True), place="")
    if path is not None:
        raw.add_file(path)
    raw.add_overrides(overrides)
    raw.add_arguments(options)
    return raw


def _warn_of_unused_alpha(config: TrainingConfig, overrides: Iterable[str], options: Collection[str]) -> None:
    """Warn where alpha was given by name for batches that do not mix by it; a file may serve several kinds."""
    named = {*options, *(text.partition("=")[0].strip() for text in overrides)}
    if "alpha" in named and not config.uses_alpha:
        warnings.warn(f"alpha={config.alpha} has no part in {config.kind} batches", EquilinguaWarning, stacklevel=3)


def recipe_names() -> tuple[str, ...]:
    """Names of the recipes that come with the package, sorted."""
    return tuple(sorted(path.name.removesuffix(".toml") for path in _recipes().iterdir() if path.suffix == ".toml"))


def recipe_file(name: str) -> Path:
    """The file of a recipe, as ``load_training`` takes it; ``InputError`` if there is none of that name."""
    if name not in recipe_names():
        raise InputError(f"recipe {name!r}: there is none of that name. {did_you_mean(name, recipe_names())}")
    return _recipes() / f"{name}.toml"


def _recipes() -> Path:
    return Path(str(files("equilingua.training"))) / "recipes"
