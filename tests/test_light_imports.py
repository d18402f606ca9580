"""Measures and statistics load nothing heavy; the import contract holds torch out of them, this test the rest."""

import pkgutil
import subprocess
import sys

import pytest

from equilingua import metrics, statistics

HEAVY = {"torch", "transformers", "sentence_transformers", "datasets", "scipy", "sklearn", "pyarrow"}


@pytest.mark.parametrize("package", [metrics, statistics], ids=lambda package: package.__name__)
def test_measures_and_statistics_load_nothing_heavy(package) -> None:
    modules = [module.name for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")]
    code = f"import sys, {', '.join(modules)}; print(sorted({HEAVY} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert len(modules) > 1
    assert done.stdout.strip() == "[]"
