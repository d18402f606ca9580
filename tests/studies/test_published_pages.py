import json
from pathlib import Path

import pytest

from equilingua.studies.config import StudyConfig, load_study

ROOT = Path(__file__).parents[2]
STUDIES = sorted((ROOT / "studies").glob("*-cpu.toml"))


@pytest.mark.skipif(not STUDIES, reason="the studies are not beside the tests: an installed package is tested")
@pytest.mark.parametrize("file", STUDIES, ids=lambda file: file.stem)
def test_the_page_of_a_study_shows_what_its_file_asks(file: Path) -> None:
    numbers = json.loads((ROOT / "docs" / "studies" / f"{file.stem}.json").read_text(encoding="utf-8"))
    assert StudyConfig.model_validate(numbers["study"]) == load_study(file)
    assert (ROOT / "docs" / "studies" / f"{file.stem}.md").is_file()
