"""The studies that stand in the repository."""

from pathlib import Path

import pytest

from equilingua.studies.config import load_study
from equilingua.studies.plan import plan_study

FOLDER = Path(__file__).parents[2] / "studies"
FILES = sorted(FOLDER.glob("*.toml"))

pytestmark = pytest.mark.skipif(not FILES, reason="the studies of the repository are not beside the tests")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_study_can_be_read_and_has_its_files_name(file: Path) -> None:
    study = load_study(file)
    assert study.name == file.stem
    assert study.claims
    assert len(study.seeds) >= 3 or study.recipe


@pytest.mark.parametrize("file", [file for file in FILES if file.stem.endswith("-cpu")], ids=lambda file: file.stem)
def test_every_question_has_a_study_at_full_size_too(file: Path) -> None:
    if file.stem not in ("beyond-cpu", "recipe-cpu", "recipe-choice-cpu"):
        assert file.with_name(file.name.replace("-cpu", "")) in FILES


@pytest.mark.shared_data
@pytest.mark.slow
def test_arms_of_two_studies_that_are_the_same_are_trained_once(shared_data: Path) -> None:
    keys = {}
    for name in ("paper-cpu", "beyond-cpu"):
        units = plan_study(load_study(FOLDER / f"{name}.toml", ["seeds=[0]"]), data=shared_data).units
        keys[name] = {unit.arm: unit.key for unit in units}
    for arm in ("x-x-mono", "x-y", "hybrid"):
        assert keys["paper-cpu"][arm] == keys["beyond-cpu"][arm]
    assert keys["beyond-cpu"]["within-batch"] not in keys["paper-cpu"].values()
