import pytest

from equilingua.errors import InputError, Problems, did_you_mean


def test_the_nearest_name_is_proposed() -> None:
    assert did_you_mean("xquad", ["xquad-r", "mlqa-r"]) == "Did you mean 'xquad-r'? Allowed: mlqa-r, xquad-r."


def test_case_does_not_hide_a_name() -> None:
    assert did_you_mean("map", ["mAP", "nDCG@10"]) == "Did you mean 'mAP'? Allowed: mAP, nDCG@10."


def test_a_report_shows_the_first_problems_and_counts_the_rest() -> None:
    problems = Problems("p.jsonl", show=2)
    problems.raise_if_any()
    for number in range(1, 5):
        problems.add(f"line {number}")
    assert problems.report() == "p.jsonl: 4 problems\nline 1\nline 2\n... and 2 more"
    with pytest.raises(InputError, match="4 problems"):
        problems.raise_if_any()
