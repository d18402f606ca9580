"""What tests of several folders share."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Before anything imports huggingface_hub, which reads it then: no test looks on the hub.
os.environ["HF_HUB_OFFLINE"] = "1"

# A machine that is busy with something else is no failure.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets, from EQUILINGUA_DATA or beside the checkout."""
    beside = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("EQUILINGUA_DATA", beside))
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}: set EQUILINGUA_DATA to a folder that holds xquad-r, pairs, squadshifts")
    return folder


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test has a cache of its own, and no command takes the real data for its default."""
    monkeypatch.setenv("EQUILINGUA_CACHE", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.delenv("EQUILINGUA_DATA", raising=False)
