from pathlib import Path

import pytest
import torch

from equilingua import precision
from equilingua.precision import best_precision, cpu_features
from equilingua.runtime import cpu_info


def test_static_encoders_stay_in_float32() -> None:
    assert best_precision(static=True) == "fp32"


@pytest.mark.skipif(torch.accelerator.is_available(), reason="an accelerator decides here, not the CPU")
@pytest.mark.parametrize(
    ("features", "expected"), [({"avx2"}, "fp32"), ({"avx512_bf16"}, "bf16"), ({"amx_bf16", "avx2"}, "bf16")]
)
def test_cpu_that_multiplies_bfloat16_trains_in_it(
    features: set[str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(precision, "cpu_features", lambda: features)
    assert best_precision(static=False) == expected


@pytest.mark.parametrize("field", ["flags\t\t", "Features\t"])
def test_features_are_found_without_torchs_newer_call(
    field: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"processor\t: 0\nmodel name\t: Some CPU\n{field}: fpu avx2 avx512_bf16\n\nprocessor\t: 1\n")
    assert cpu_features(cpuinfo) == {"fpu", "avx2", "avx512_bf16"}
    assert cpu_info(cpuinfo)["model name"] == "Some CPU"
    assert cpu_features(tmp_path / "none") == set()
