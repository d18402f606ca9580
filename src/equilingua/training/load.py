"""A training as a file, options and overrides ask for it: its settings, the encoder it builds, the pairs it names."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from equilingua.config import Told
from equilingua.errors import InputError, did_you_mean
from equilingua.mixtures.read import PairsEntry, entry_problems, parse_entries
from equilingua.training.config import TrainingConfig, gathered_settings, warn_of_unused_alpha
from equilingua.training.encoder_config import EncoderSettings
from equilingua.training.encoders import EncoderSpec


class _TrainingSettings(TrainingConfig):
    """Settings of a training with the encoder that it builds and the pairs that it is made for."""

    encoder: EncoderSettings | None = None
    """An encoder to build from scratch."""

    pairs: tuple[Any, ...] = ()
    """Entries of pairs, see ``equilingua.mixtures.config.PairsEntry``."""


@dataclass(frozen=True, slots=True)
class AskedTraining:
    """A training as it was asked for.

    Attributes:
        config: its settings.
        encoder: what to build from scratch; None for a pretrained model.
        entries: the pairs that its file names, relative to a folder of data; mostly none.
    """

    config: TrainingConfig
    encoder: EncoderSpec | None
    entries: tuple[PairsEntry, ...]


def load_training(
    path: str | Path | None = None,
    overrides: Iterable[str] = (),
    *,
    shape: Mapping[str, Any] | None = None,
    **settings: Any,
) -> AskedTraining:
    """The settings of a training, and the encoder it builds where they have a table ``[encoder]``.

    Args:
        path: a TOML file with settings of ``TrainingConfig``, in ``[encoder]`` of ``EncoderSettings``, and in ``pairs``
            a list of entries.
        overrides: ``key=value`` texts, as after ``--set``.
        shape: settings of ``EncoderSettings`` by name, which win over file and overrides; ``max_length`` is a setting
            of the training where nothing is built.
        settings: settings of ``TrainingConfig`` by name, which win too.

    Raises:
        InputError: with every problem found, its place, and the nearest name for an unknown setting.

    >>> load_training(overrides=["encoder.from_scratch=static", "seed=3"]).encoder
    StaticSpec(dimension=256, vocabulary=64000)
    """
    overrides, shape = list(overrides), dict(shape or {})
    gathered = gathered_settings(path, overrides, **settings)
    if "max_length" in shape and "from_scratch" not in shape and "encoder.from_scratch" not in gathered:
        gathered.add_arguments({"max_length": shape.pop("max_length")})
    for name, value in shape.items():
        gathered.add_arguments({f"encoder.{name}": value}, place=f"--{name.replace('_', '-')}")
    checked = gathered.check(_TrainingSettings, also=_entry_problems)
    config = TrainingConfig.model_validate(checked.model_dump(exclude={"encoder", "pairs"}, exclude_unset=True))
    warn_of_unused_alpha(config, {*settings, *(text.partition("=")[0].strip() for text in overrides)})
    entries = parse_entries(checked.pairs, place=f"{path or '--set'}: pairs") if checked.pairs else ()
    return AskedTraining(config, checked.encoder.spec() if checked.encoder is not None else None, entries)


def _entry_problems(given: Mapping[str, Any]) -> Iterator[Told]:
    """What is wrong with the entries of pairs."""
    entries = given.get("pairs")
    for number, entry in enumerate(entries if isinstance(entries, list | tuple) else (), 1):
        yield from entry_problems(entry, place=f"pairs.{number}")


def recipe_names() -> tuple[str, ...]:
    """Names of the recipes that come with the package, sorted."""
    return tuple(sorted(path.name.removesuffix(".toml") for path in _recipes().iterdir() if path.suffix == ".toml"))


def recipe_file(name: str) -> Path:
    """The file of a recipe, as ``load_training`` takes it.

    Raises:
        InputError: if there is no recipe of that name.
    """
    if name not in recipe_names():
        raise InputError(f"recipe {name!r}: there is none of that name. {did_you_mean(name, recipe_names())}")
    return _recipes() / f"{name}.toml"


def _recipes() -> Path:
    return Path(str(files("equilingua.training"))) / "recipes"
