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


def test_a_wrong_file_repeats_no_problem_a_line_and_hides_no_other() -> None:
    problems = Problems("qrels.tsv")
    for line in range(1, 34_442):
        problems.add(f"query 'q{line}' is no query of {line} there", place=f"qrels.tsv:{line}")
    problems.add("the score must be a whole number, got 'x'", place="qrels.tsv:99999")
    assert problems.report().splitlines() == [
        "qrels.tsv: 34,442 problems",
        *(f"qrels.tsv:{line}: query 'q{line}' is no query of {line} there" for line in (1, 2, 3)),
        "... and 34,438 more of this kind, the next at qrels.tsv:4",
        "qrels.tsv:99999: the score must be a whole number, got 'x'",
    ]


def test_problems_found_elsewhere_are_told_as_they_were_there() -> None:
    inner, outer = Problems("inner"), Problems("outer")
    for line in range(5):
        inner.add("no text", place=f"a:{line}")
    outer.extend(inner.shown, count=inner.count)
    assert outer.report() == "outer: 5 problems\n" + "\n".join(inner.shown)
    assert inner.shown[-1] == "... and 2 more of this kind, the next at a:3"
