import re
from collections.abc import Callable
from pathlib import Path

import pytest

from equilingua.errors import InputError
from equilingua.studies.config import StudyConfig, load_study
from equilingua.studies.tables import EvaluationConfig
from equilingua.training.config import TrainingConfig

Load = Callable[..., StudyConfig]


def refused(path: Path, *overrides: str) -> str:
    with pytest.raises(InputError) as error:
        load_study(path, overrides)
    return str(error.value)


def test_a_study_comes_back_from_its_json(small_study: Load) -> None:
    study = small_study()
    assert StudyConfig.model_validate_json(study.model_dump_json(exclude_unset=True)) == study
    assert StudyConfig.model_validate_json(study.model_dump_json()) == study


def test_overrides_win_over_the_file(small_study: Load) -> None:
    study = small_study(overrides=("seeds=[7]", "training.steps=9", "arms.mono.training.alpha=0.5"))
    assert (study.seeds, study.training.steps) == ((7,), 9)
    assert study.arms["mono"].training == TrainingConfig(kind="x-x-mono", alpha=0.5)


def test_problems_of_every_kind_are_told_in_one_report_with_their_places(study_file: Callable[..., Path]) -> None:
    path = study_file(
        ('title = "Small"', 'titel = "Small"'),
        ('arm = "cross"', 'arm = "crass"'),
        ('setting = "multilingual"', 'setting = "multilingual"\nmeasure = "mAPP"'),
        ("weights = { merged = 1,", "weights = { merged = 2,"),
        ('test = "not-worse"\nmargin = 0.1', 'test = "not-worse"'),
        ('second = "cross"', 'second = "centred"'),
        ('name = "english"', 'name = "facts"'),
        ('baseline = "mono"', 'baseline = "momo"'),
        ("[arms.centred]", '[arms."centred twice"]'),
    )
    report = refused(path)
    expected = [
        r"small.toml:3: unknown option 'titel'. Did you mean 'title'?",
        r"claims.1: no 'crass'. Did you mean 'cross'?",
        r"claims.2.measure: unknown measure 'mAPP'",
        r"claims.4: weights: they sum to 1; a contrast's sum to 0",
        r"claims.5: margin: the test 'not-worse' needs one",
        r"arms.merged: no 'centred'.",
        r"evaluations.2: another is named 'facts' too",
        r"baseline: no 'momo'. Did you mean 'mono'?",
        r"arms.centred twice: use letters, digits, - and _",
    ]
    for problem in expected:
        assert problem in report
    assert "small.toml:7: baseline" in report
    assert report.splitlines()[0].endswith("9 problems")  # the title is not also told to be missing


def test_one_mistake_is_one_problem(study_file: Callable[..., Path]) -> None:
    wrong = study_file(('languages = ["en"]', 'languages = "en,de"'))
    report = refused(wrong)
    assert report.splitlines()[0].endswith(": 1 problem")
    assert "evaluations.2.languages.1: unknown language 'en,de'" in report


def test_no_number_inside_a_list_is_told_in_its_place(study_file: Callable[..., Path]) -> None:
    report = refused(study_file(("weight = 0.5", "weight = true")), 'seeds=[0, true, "1"]')
    assert "arms.merged.merge.weight: must be a number, got True" in report
    assert "seeds.2: must be a whole number, got True" in report
    assert "seeds.3: must be a whole number, got '1'" in report


def test_an_arm_is_told_by_its_whole_name(study_file: Callable[..., Path]) -> None:
    report = refused(study_file(("[arms.centred]", '[arms."centred.5"]')))
    assert report.splitlines()[0].endswith(": 1 problem")
    assert re.search(r"small\.toml:\d+: arms\.centred\.5: use letters, digits, - and _", report)


def test_problems_of_what_is_handed_on_are_told_in_the_same_report_and_once(
    study_file: Callable[..., Path], data: Path
) -> None:
    path = study_file(
        ('name = "facts"\n', ""),
        ('benchmark = "test.jsonl"', 'benchmark = "xqad-r"'),
        ('evaluation = "facts"\n\n[[claims]]', 'evaluation = "xquad-r"\n\n[[claims]]'),
        ("steps = 6", 'steps = "many"\nlanguages = ["en", "xq"]'),
        ("batch_size = 16", "batch_size = 0"),
        ("dimension = 16", "dimension = -3"),
        ("vocabulary = 500", "vocabluary = 500"),
        ('training.kind = "x-y"', 'training.kinds = "x-y"'),
        ('pairs = ["train.jsonl"]', 'pairs = ["tran.jsonl", { file = "train.jsonl", languages = ["xq"] }]'),
        ('arm = "cross"', 'arm = "crass"'),
        ('question = "What', 'qestion = "What'),
        ("seeds = [0, 1]", "seeds = 0"),
        ("weight = 0.5", 'weight = "half"'),
    )
    with pytest.raises(InputError) as error:
        load_study(path, data=data)
    lines = str(error.value).splitlines()
    told = [line.removeprefix(f"{path}:") for line in lines[1:]]
    for problem in (
        "6: seeds: must be a list, in brackets, got 0",
        "4: unknown option 'qestion'. Did you mean 'question'?",
        "8: pairs.1.file: " + str(data / "tran.jsonl") + ": no such file. Did you mean",
        "8: pairs.2.languages.1: unknown language 'xq'",
        "12: encoder.dimension: must be at least 1, got -3",
        "13: unknown option 'encoder.vocabluary'. Did you mean 'encoder.vocabulary'?",
        "16: training.steps: must be a whole number, got 'many'",
        "17: training.languages.2: unknown language 'xq'",
        "18: training.batch_size: must be at least 2, got 0",
        "27: unknown option 'arms.cross.training.kinds'. Did you mean 'arms.cross.training.kind'?",
        "31: arms.merged.merge.weight: must be a number, got 'half'",
        "37: evaluations.1.benchmark: unknown benchmark 'xqad-r'. Did you mean 'xquad-r'?",
        ": claims.1: no 'crass'. Did you mean 'cross'?",
    ):
        assert [problem in line for line in told].count(True) == 1, (problem, told)
    assert not [line for line in told if "is missing" in line or "no 'xquad-r'" in line]


def test_settings_that_exclude_each_other_are_told_once_or_of_the_arm_that_adds_one(
    study_file: Callable[..., Path],
) -> None:
    both = "steps (6) and epochs (3) were both given: give one"
    assert refused(study_file(), "training.epochs=3").splitlines()[1:] == [f"{study_file()}:15: training: {both}"]
    own = "arms.cross.training.epochs=3"
    load_study(study_file(), [own])  # the arm's wins


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("at = 1", "", "claims.2: a trend needs arms at two places or more; give arms their at"),
        ('against = "mono"', 'against = "cross"', "claims.1: against: 'cross' is compared with itself"),
        ('against = "mono"', "", "claims.1: give one of: arm and against, weights of several arms, trend"),
        ("merged = 1, mono = -0.5, cross = -0.5", "merged = 0", "claims.4: weights: all are 0"),
        ('evaluation = "facts"\n\n[[claims]]', 'evaluation = "fact"\n\n[[claims]]', "curve: no 'fact'"),
        ('label = "Mono and cross"', 'label = "cross"', "arms.merged: label 'cross' is that of 'cross' too"),
        ('centre = "mono"', 'centre = "mono"\ntraining.steps = 2', "arms.centred: centre and training were both given"),
        ('test = "better"', 'test = "beter"', "claims.2.test: unknown value 'beter'. Did you mean 'better'?"),
        ('setting = "multilingual"', 'setting = "multilingual"\nmeasure = "R@5"', "claims.2: R@5 is not among"),
        ('settings = ["monolingual"]', 'settings = ["cross-lingual"]', "claims.5: english is not evaluated in the mon"),
        ('arms = ["mono", "cross"]', 'arms = ["mono"]', "claims.5: english is not evaluated for cross"),
        ('arms = ["mono", "cross"]', 'arms = ["mono", "x"]', "evaluations.2: no 'x'"),
        ('name = "small"', 'name = "trainings"', "name: 'trainings' is a folder that all studies share"),
        ("seeds = [0, 1]", "seeds = [0, 0]", "seeds: give at least one seed, each once"),
        ('pairs = ["train.jsonl"]', "", "arms.mono: neither it nor the study has pairs"),
        ('setting = "multilingual"', 'measure = "rank_distance"', "rank_distance is taken in the multilingual setting"),
        (
            'baseline = "mono"',
            'baseline = "mono"\ntrade_off = "english"',
            "trade_off: english is not evaluated in the mul",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(study_file: Callable[..., Path], old: str, new: str, told: str) -> None:
    assert told in refused(study_file((old, new)))


def test_a_claim_that_could_not_be_judged_is_refused_before_anything_is_trained(small_study: Load) -> None:
    with pytest.raises(InputError, match=r"claims.2: test: language_preference has no better end"):
        small_study(('setting = "multilingual"', 'setting = "multilingual"\nmeasure = "language_preference"'))


def test_records_made_in_code_are_checked_as_files_are(small_study: Load) -> None:
    study = small_study()
    with pytest.raises(InputError, match=r"no 'momo'"):
        StudyConfig(**{**dict(study), "baseline": "momo"})


def test_what_is_shown_is_measured() -> None:
    assert EvaluationConfig(benchmark="b", measures=("mAP",)).shown == ("mAP",)
    assert EvaluationConfig(benchmark="b", measures=("R@5",)).shown == ("R@5",)
    with pytest.raises(InputError, match="'MRR' is not among the measures"):
        EvaluationConfig(benchmark="b", shown=("MRR",))


@pytest.mark.parametrize(
    ("benchmark", "inside"),
    [("mine.jsonl", True), ("sets/mine", True), ("sets/other", False), ("xquad-r", False), ("scifact", False)],
)
def test_a_benchmark_is_a_path_where_the_data_folder_has_it_and_else_a_name(
    benchmark: str, inside: bool, tmp_path: Path
) -> None:
    # A folder that is called as a named benchmark leaves it a name, so that its card counts.
    for folder in ("sets/mine", "xquad-r"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "mine.jsonl").touch()
    assert EvaluationConfig(benchmark=benchmark).benchmark_in(tmp_path) == (
        tmp_path / benchmark if inside else benchmark
    )
