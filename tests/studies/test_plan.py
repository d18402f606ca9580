import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from equilingua.errors import InputError
from equilingua.studies.config import StudyConfig, load_study
from equilingua.studies.plan import StudyPlan, plan_study
from equilingua.training.load import load_config

Load = Callable[..., StudyConfig]
Keys = dict[tuple[str, int], str]


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def training_keys(plan: StudyPlan) -> Keys:
    return {(unit.arm, unit.seed): unit.key for unit in plan.units}


def result_keys(plan: StudyPlan) -> dict[tuple[str, int, str], str]:
    return {(unit.arm, unit.seed, one.config.key): one.key for unit in plan.units for one in unit.evaluations}


def test_every_arm_and_seed_is_a_unit_and_sources_stand_first(small_study: Load, data: Path) -> None:
    plan = plan_study(small_study(), data=data)
    arms = [unit.arm for unit in plan.units]
    assert arms == ["mono", "mono", "cross", "cross", "merged", "merged", "centred", "centred"]
    assert (plan.pairs, plan.steps) == ({"mono": 60, "cross": 60}, {"mono": 6, "cross": 6})
    keys = training_keys(plan)
    assert len(set(keys.values())) == 8
    merged = next(unit for unit in plan.units if unit.arm == "merged")
    assert merged.sources == (keys["mono", 0], keys["cross", 0])
    assert {arm for arm, _, evaluation in result_keys(plan) if evaluation == "english"} == {"mono", "cross"}


def test_pairs_of_an_arm_are_those_it_is_trained_on(study_file: Callable[..., Path], data: Path) -> None:
    path = study_file(("batch_size = 16", 'batch_size = 16\nwhere = ["fits>=1"]'))
    rows = [json.loads(line) | {"fits": number % 3} for number, line in enumerate(lines_of(data / "train.jsonl"))]
    (data / "train.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert plan_study(load_study(path), data=data).pairs == {"mono": 40, "cross": 40}


def test_every_problem_is_told_before_anything_runs(study_file: Callable[..., Path], data: Path) -> None:
    path = study_file(
        ('training.kind = "x-x-mono"', 'training.kind = "x-x-mono"\npairs = ["tran.jsonl"]'),
        ("[arms.merged]", '[arms.unformable]\ntraining.languages = ["en"]\ntraining.kind = "x-y"\n\n[arms.merged]'),
        ('languages = ["en"]\nsettings', 'languages = ["fr"]\nsettings'),
        ('minus_languages = ["en"]', 'minus_languages = ["sv"]'),
        ('axis = "share', 'groups.far = ["th"]\naxis = "share'),
    )
    with pytest.raises(InputError) as error:
        plan_study(load_study(path), data=data)
    report = str(error.value)
    assert report.startswith("study 'small': 5 problems")
    for problem in (
        f"arms.mono.pairs: {data / 'tran.jsonl'}: no such file. Did you mean",
        "arms.unformable: ",
        "evaluations.english: ",
        "claims.3: facts has no queries in 'sv'. Allowed: de, en, es.",
        "curve.groups.far: facts has no queries in 'th'",
    ):
        assert problem in report


ACROSS = ('evaluation = "english"', 'evaluation = "english"\nsetting = "cross-lingual"')
FEWER = ('kind = "x-x-mono"', 'kind = "x-x-mono"\ntraining.languages = ["de", "en"]')


@pytest.mark.parametrize(
    ("replaced", "told"),
    [
        (
            [ACROSS, ('settings = ["monolingual"]', 'settings = ["monolingual", "cross-lingual"]')],
            "claims.5: english has nothing to score in the cross-lingual setting",
        ),
        (
            [ACROSS, ('settings = ["monolingual"]', 'settings = ["cross-lingual"]')],
            "evaluations.english: has nothing to score in the cross-lingual setting",
        ),
        ([FEWER], "arms.merged: 'mono' and 'cross' differ in languages. Give both the same"),
        ([FEWER], "arms.centred: the pairs of 'mono' have no text in es, of which a mean could be taken off"),
        (
            [('kind = "x-y"', 'kind = "x-y"\nencoder = { from_scratch = "static", dimension = 8, vocabulary = 500 }')],
            "arms.merged: 'mono' and 'cross' start from different models",
        ),
        (
            [('kind = "x-y"', 'kind = "x-y"\npairs = ["test.jsonl"]')],
            "arms.merged: 'mono' and 'cross' have tokenizers made of different pairs",
        ),
    ],
)
def test_what_would_fail_only_after_training_is_told_before(
    study_file: Callable[..., Path], data: Path, replaced: list[tuple[str, str]], told: str
) -> None:
    with pytest.raises(InputError) as error:
        plan_study(load_study(study_file(*replaced)), data=data)
    assert told in str(error.value)


def test_keys_do_not_depend_on_how_a_study_is_written(small_study: Load, study_file: Load, data: Path) -> None:
    plain = plan_study(small_study(), data=data)
    again = plan_study(small_study(('title = "Small"', 'title = "Other"'), name="other"), data=data)
    assert (training_keys(again), result_keys(again)) == (training_keys(plain), result_keys(plain))

    text = study_file().read_text()
    tables = text.split("\n\n")
    rng = random.Random(3)
    for number in range(3):
        shuffled = tables[1:]
        rng.shuffle(shuffled)
        path = data / f"shuffled-{number}.toml"
        path.write_text("\n\n".join([tables[0], *shuffled]))
        plan = plan_study(load_study(path), data=data)
        assert (training_keys(plan), result_keys(plan)) == (training_keys(plain), result_keys(plain))

    defaults = load_config().model_dump(exclude={"kind", "steps", "batch_size", "checkpoint_steps", "seed"})
    written = [f"training.{name}={value}" for name, value in defaults.items() if isinstance(value, int | float)]
    assert len(written) > 5
    written = [text.replace("True", "true").replace("False", "false") for text in written]
    plan = plan_study(small_study(overrides=tuple(written)), data=data)
    assert training_keys(plan) == training_keys(plain)


@pytest.mark.parametrize(
    ("override", "changed"),
    [
        ("seeds=[2,3]", {"mono", "cross", "merged", "centred"}),
        ("training.steps=7", {"mono", "cross", "merged", "centred"}),
        ("encoder.dimension=8", {"mono", "cross", "merged", "centred"}),
        ("training.prompts.query='Q: '", {"mono", "cross", "merged", "centred"}),
        ("arms.cross.training.temperature=0.2", {"cross", "merged"}),
        ("arms.merged.merge.weight=0.25", {"merged"}),
        ("arms.mono.query_prompt='Q: '", set()),
        ("training.log_steps=3", set()),
        ("training.workers=1", set()),
    ],
)
def test_a_key_changes_with_what_determines_a_model(
    small_study: Load, data: Path, override: str, changed: set[str]
) -> None:
    before = training_keys(plan_study(small_study(), data=data))
    after = training_keys(plan_study(small_study(overrides=(override,)), data=data))
    shared = set(before.values()) & set(after.values())
    assert {arm for (arm, _), key in after.items() if key not in shared} == changed


def test_a_key_changes_with_the_content_of_its_files(small_study: Load, data: Path) -> None:
    before = plan_study(small_study(), data=data)
    for name, of_models, of_results in (("test", False, True), ("train", True, True)):
        path = data / f"{name}.jsonl"
        path.write_text(path.read_text().replace("?", " ?"))
        after = plan_study(small_study(), data=data)
        assert set(training_keys(after).values()).isdisjoint(training_keys(before).values()) == of_models
        assert set(result_keys(after).values()).isdisjoint(result_keys(before).values()) == of_results
        before = after


@pytest.mark.parametrize(
    ("override", "changed"),
    [
        ("arms.mono.query_prompt='Q: '", {("mono", "facts"), ("mono", "english")}),
        ("baseline=cross", set()),
    ],
)
def test_a_prompt_of_an_evaluation_changes_its_results_alone(
    small_study: Load, data: Path, override: str, changed: set[tuple[str, str]]
) -> None:
    before = result_keys(plan_study(small_study(), data=data))
    after = result_keys(plan_study(small_study(overrides=(override,)), data=data))
    assert {(arm, name) for (arm, seed, name), key in after.items() if before[arm, seed, name] != key} == changed


def test_a_raised_version_of_evaluations_changes_results_alone(
    small_study: Load, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = plan_study(small_study(), data=data)
    monkeypatch.setattr("equilingua.studies.plan._VERSION", 2)
    after = plan_study(small_study(), data=data)
    assert training_keys(after) == training_keys(before)
    assert set(result_keys(after).values()).isdisjoint(result_keys(before).values())


def test_other_texts_for_the_means_change_the_keys_of_centred_arms_alone(
    small_study: Load, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = training_keys(plan_study(small_study(), data=data))
    monkeypatch.setattr("equilingua.studies.plan.CENTRING_TEXTS", 1000)
    after = training_keys(plan_study(small_study(), data=data))
    assert {arm for (arm, seed), key in after.items() if before[arm, seed] != key} == {"centred"}


def test_files_are_told_before_they_are_read(small_study: Load, data: Path) -> None:
    told: list[str] = []
    plan_study(small_study(), data=data, on_read=told.append)
    assert told == ["Reading pairs: train.jsonl", "Reading benchmark: facts", "Reading benchmark: english"]
