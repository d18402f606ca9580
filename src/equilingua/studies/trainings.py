"""The trainings that arms ask for: settings, encoder and pairs of the arm, of its study and of the study's recipe."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from equilingua.benchmarks.cards import benchmark_card, benchmark_names
from equilingua.config import Settings, Told
from equilingua.errors import InputError
from equilingua.files import existing_file
from equilingua.languages import language_tag
from equilingua.mixtures.read import PairsEntry, entry_files, entry_problems, parse_entries
from equilingua.studies.tables import ArmConfig, PairsTable
from equilingua.studies.units import Trained
from equilingua.training.config import TrainingConfig
from equilingua.training.encoder_config import EncoderSettings, encoder_spec
from equilingua.training.encoders import EncoderSpec
from equilingua.training.load import AskedTraining, load_training, recipe_file

if TYPE_CHECKING:
    from equilingua.studies.config import StudyConfig


def trained(study: "StudyConfig", arm: ArmConfig, data: Path) -> Trained:
    """The training of an arm, with any seed.

    Raises:
        InputError: with every problem of its settings.
    """
    recipe = _recipe(study.recipe)
    tables: tuple[PairsTable, ...] = arm.pairs or study.pairs
    entries = recipe.entries if recipe and not tables else parse_entries(tables, place="pairs")
    config = _gathered(recipe, study.training, arm.training).check(TrainingConfig)
    validation = tuple(str(data / file) for file in config.validation)
    config = config.model_copy(update={"validation": validation}) if validation else config
    return Trained(_source(study, arm, recipe), entries, config)


def _recipe(name: str | None) -> AskedTraining | None:
    return load_training(recipe_file(name)) if name else None


def _gathered(recipe: AskedTraining | None, shared: Mapping[str, Any], own: Mapping[str, Any]) -> Settings:
    gathered = Settings("training settings", alternatives=("steps", "epochs"))
    if recipe:
        gathered.add_arguments(recipe.config.model_dump(exclude_unset=True), place="recipe")
    gathered.add_arguments(shared, place="training")
    gathered.add_arguments(own, place="its training")
    gathered.add_arguments({"progress": False}, place="study")
    return gathered


def _source(study: "StudyConfig", arm: ArmConfig, recipe: AskedTraining | None) -> EncoderSpec | str:
    if arm.model is not None or arm.encoder is not None:
        model, encoder = arm.model, arm.encoder
    else:
        model, encoder = study.model, study.encoder
    if encoder is not None:
        return encoder_spec(encoder, place="encoder")
    return recipe.encoder if model is None and recipe and recipe.encoder else str(model)


def training_problems(given: Mapping[str, Any], data: Path | None) -> Iterator[Told]:
    """What is wrong within the tables that a study hands on, each with its place; shared ones are told once.

    Args:
        given: the study as plain values, in which anything may be wrong.
        data: where files of pairs are looked for; None to leave that out.
    """
    yield from _of_benchmarks(given)
    arms = {str(name): arm for name, arm in _table(given.get("arms")).items() if isinstance(arm, Mapping)}
    yield from _of_encoder("encoder", given.get("encoder"))
    yield from _of_pairs("pairs", given.get("pairs"), data)
    yield from _of_trainings(given, arms)
    for name, arm in arms.items():
        yield from _of_encoder(f"arms.{name}.encoder", arm.get("encoder"))
        yield from _of_pairs(f"arms.{name}.pairs", arm.get("pairs"), data)


def _of_benchmarks(given: Mapping[str, Any]) -> Iterator[Told]:
    evaluations = given.get("evaluations")
    for number, evaluation in enumerate(evaluations if isinstance(evaluations, list | tuple) else (), 1):
        table = _table(evaluation)
        name = table.get("benchmark")
        if isinstance(name, str) and is_unknown_benchmark(name) and not Path(name).expanduser().exists():
            try:
                benchmark_card(name)
            except InputError as error:
                yield f"evaluations.{number}.benchmark", str(error)
        yield from _of_languages(f"evaluations.{number}.languages", table.get("languages"))


def _of_trainings(given: Mapping[str, Any], arms: Mapping[str, Mapping[str, Any]]) -> Iterator[Told]:
    try:
        recipe = _recipe(given.get("recipe"))
    except (InputError, TypeError):
        recipe = None  # that there is none of that name is told of the recipe
    shared = _table(given.get("training"))
    # What does not fit together may fit with what an arm adds, so only what is wrong by itself is looked for.
    of_shared = _gathered(recipe, shared, {}).problems(TrainingConfig)
    yield from ((f"training.{key}", text) for key, text in of_shared if key)
    of_arms: dict[Told, list[str]] = {}
    own = {
        name: _table(arm.get("training")) for name, arm in arms.items() if not (arm.get("merge") or arm.get("centre"))
    }
    for name, table in own.items():
        for told in _gathered(recipe, shared, table).problems(TrainingConfig):
            if told not in of_shared or not told[0]:
                of_arms.setdefault(told, []).append(name)
    for (key, text), names in of_arms.items():
        if (key, text) in of_shared and len(names) == len(own):
            yield "training", text
        else:
            yield from ((f"arms.{name}.training{key and f'.{key}'}", text) for name in names)


def _of_encoder(place: str, table: Any) -> Iterator[Told]:
    if isinstance(table, Mapping):
        gathered = Settings(place)
        gathered.add_arguments(table)
        for key, text in gathered.problems(EncoderSettings):
            yield f"{place}{key and f'.{key}'}", text


def _of_pairs(place: str, tables: Any, data: Path | None) -> Iterator[Told]:
    """Problems of every entry."""
    if not isinstance(tables, list | tuple):
        return
    for number, table in enumerate(tables, 1):
        wrong = list(entry_problems(table, place=f"{place}.{number}"))
        yield from wrong
        if not wrong:
            [entry] = parse_entries([table], place=place)
            yield from _of_files(f"{place}.{number}", entry, data)


def _of_files(place: str, entry: PairsEntry, data: Path | None) -> Iterator[Told]:
    if data is None:
        return
    for file in entry_files([entry], data):
        try:
            existing_file(file)
        except InputError as error:
            yield f"{place}.file" if file == data / entry.file else place, str(error)


def _of_languages(place: str, tags: Any) -> Iterator[Told]:
    for tag in tags if isinstance(tags, list | tuple) else [tags]:
        if isinstance(tag, str):
            try:
                language_tag(tag)
            except InputError as error:
                yield place, str(error)


def problems_of(error: InputError) -> list[str]:
    """The problems of a report, without the line that counts them."""
    head, *problems = str(error).splitlines()
    return problems if re.search(r": [\d,]+ problems?$", head) else [str(error)]


def is_unknown_benchmark(name: str) -> bool:
    """Whether a benchmark's name is a plain word that is no benchmark's; it may be a folder's."""
    is_path = "/" in name or "\\" in name or "." in name
    return not (is_path or name.startswith("mteb:") or name in benchmark_names())


def _table(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}
