"""What an audit says of numbers, in words."""

import numpy as np
import pytest

from equilingua.auditing.checks import own_language_findings, text_findings
from equilingua.auditing.findings import _SENTENCES, Finding
from equilingua.auditing.texts import TextCounts
from equilingua.benchmarks.benchmark import Queries
from equilingua.evaluation.scores import PairScores


def counts(languages: dict[str, int], **figures: int | dict[str, int]) -> TextCounts:
    nothing = {"detected": 0, "undetermined": 0, "rare": {}, "asked_again": 0, "repeated": 0, "joined": {}}
    return TextCounts(languages, **nothing | figures)


def by_message(found: list[Finding]) -> dict[str, tuple[str, ...]]:
    return {finding.message: finding.languages for finding in found}


def test_all_that_texts_limit_is_told() -> None:
    passages = counts({"en": 1_000}, undetermined=1_200, repeated=21)
    queries = counts({"de": 1, "en": 40}, rare={"fi": 2, "sv": 1}, asked_again=4)
    evaluated = {
        tag: Queries(tuple(map(str, range(count))), ("?",) * count) for tag, count in queries.languages.items()
    }
    assert by_message([*text_findings(passages, queries, evaluated)]) == {
        "Passages left out because the detector is not sure of their language: 1,200 of 2,200.": (),
        "Queries left out because few were found in their languages, and a detector errs now and then: 3 (Finnish 2, "
        "Swedish 1).": ("fi", "sv"),
        "Queries left out because another query of their item has the language detected: 4.": (),
        "Only 1 German query: intervals are wide, and no problem is told.": ("de",),
        "The corpus holds no German passages.": ("de",),
        "Passages that repeat an earlier one: 21 of 1,000.": (),
    }


def test_texts_that_limit_nothing_are_not_spoken_of() -> None:
    evaluated = {"en": Queries(tuple(map(str, range(30))), ("?",) * 30)}
    assert not [*text_findings(counts({"en": 1_000}, repeated=20), counts({"en": 30}), evaluated)]


@pytest.mark.parametrize(
    ("same", "more", "step"), [(0.1, "less", "a larger --alpha"), (0.9, "more", "a smaller --alpha")]
)
def test_the_step_follows_from_which_passages_are_found_more(same: float, more: str, step: str) -> None:
    rng = np.random.default_rng(0)
    ids = tuple(f"i{number}" for number in range(40))
    values = {
        "same_language_R@10": (rng.random(40) < same).astype(float),
        "cross_language_R@10": (rng.random(40) < 0.4).astype(float),
    }
    scores = [PairScores("multilingual", tag, "*", ids, np.ones((40, 1)), values) for tag in ("de", "en")]
    [finding] = own_language_findings(scores, resamples=200, seed=0)
    assert f"in the query's language are found {more} than" in finding.message
    assert step in finding.step
    assert (finding.severity, finding.languages) == ("problem", ("de", "en"))


def test_sentences_end_and_say_what_to_do() -> None:
    for severity, message, step in _SENTENCES.values():
        assert severity in ("problem", "note")
        assert message.endswith(".")
        assert step.endswith(".")
