import subprocess
import sys
from importlib.util import find_spec

import pytest

import equilingua

HEAVY = ("torch", "transformers", "sentence_transformers", "datasets", "scipy", "sklearn", "pandas")


def modules_after(code: str) -> set[str]:
    listing = "import sys; print(' '.join(sorted({name.partition('.')[0] for name in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", f"{code}; {listing}"], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("code", ["import equilingua", "import equilingua.cli.app"])
def test_importing_the_package_or_its_command_line_loads_nothing_heavy(code: str) -> None:
    assert not modules_after(code) & {*HEAVY, "numpy", "pyarrow"}


def test_planning_batches_needs_no_torch() -> None:
    code = "import equilingua.batching.stream, equilingua.batching.statistics, equilingua.pairs.store"
    assert not modules_after(code) & set(HEAVY)


def test_every_public_name_is_where_it_is_said_to_be() -> None:
    for name in equilingua.__all__:
        assert getattr(equilingua, name).__name__ == name
    assert set(equilingua.__all__) <= set(dir(equilingua))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'evalute'"):
        equilingua.__getattr__("evalute")


@pytest.mark.parametrize("name", equilingua.__all__)
def test_no_folder_hides_a_public_name(name: str) -> None:
    """Importing a folder of that name, or anything in it, would put the folder in the function's place."""
    assert find_spec(f"equilingua.{name}") is None
