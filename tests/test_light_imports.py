"""Metrics and statistics load nothing heavy; the import contract holds torch out of them, this test the rest."""

import pkgutil
import subprocess
import sys
from types import ModuleType

import pytest

from equilingua import metrics, statistics

HEAVY = {"torch", "transformers", "sentence_transformers", "datasets", "scipy", "sklearn", "pyarrow"}


@pytest.mark.parametrize(("package", "known"), [(metrics, "naming"), (statistics, "bootstrap")])
def test_metrics_and_statistics_load_nothing_heavy(package: ModuleType, known: str) -> None:
    modules = [module.name for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")]
    code = f"import sys, {', '.join(modules)}; print(sorted({HEAVY} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert f"{package.__name__}.{known}" in modules
    assert done.stdout.strip() == "[]"
