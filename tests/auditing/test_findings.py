"""What an audit says of numbers, in words."""

import re
from typing import get_args

import numpy as np
import pytest

from equilingua.auditing.advice import step_for
from equilingua.auditing.checks import preference_findings, text_findings
from equilingua.auditing.findings import _SENTENCES, Finding, listed
from equilingua.auditing.retrievers import RetrieverKind
from equilingua.auditing.texts import TextCounts
from equilingua.benchmarks.benchmark import Queries
from equilingua.evaluation.scores import PairScores


def counts(languages: dict[str, int], **figures: int | dict[str, int]) -> TextCounts:
    nothing = {"detected": 0, "undetermined": 0, "rare": {}, "asked_again": 0, "repeated": 0, "joined": {}}
    return TextCounts(languages, **nothing | figures)


def by_message(found: list[Finding]) -> dict[str, tuple[str, ...]]:
    return {finding.message: finding.languages for finding in found}


def test_all_that_texts_limit_is_told_once_each() -> None:
    passages = counts({"en": 1_000}, undetermined=1_200, rare={"fi": 5}, repeated=21)
    queries = counts({"de": 1, "en": 40, "fr": 7}, undetermined=3, rare={"sv": 1}, asked_again=4)
    evaluated = {
        tag: Queries(tuple(map(str, range(count))), ("?",) * count) for tag, count in queries.languages.items()
    }
    assert by_message([*text_findings(passages, queries, evaluated)]) == {
        "Left out because the detector is not sure of their language, or found it in a few texts only, where it errs "
        "now and then: passages 1,200 of 2,205; passages in Finnish 5; queries 3 of 56; queries in Swedish 1.": (
            "fi",
            "sv",
        ),
        "Queries left out because another query of their item has the language detected: 4.": (),
        "Too few queries to tell a problem (30 are needed): German 1, French 7.": ("de", "fr"),
        "Queries in languages that the corpus holds no passages in: German, French.": ("de", "fr"),
        "Passages that repeat an earlier one: 21 of 1,000.": (),
    }


def test_texts_that_limit_nothing_are_not_spoken_of() -> None:
    evaluated = {"en": Queries(tuple(map(str, range(30))), ("?",) * 30)}
    assert not [*text_findings(counts({"en": 1_000}, repeated=20), counts({"en": 30}), evaluated)]


@pytest.mark.parametrize(("same", "placed"), [(0.1, "lower"), (0.9, "higher")])
def test_a_preference_is_a_note_whichever_way_it_points(same: float, placed: str) -> None:
    rng = np.random.default_rng(0)
    ids = tuple(f"i{number}" for number in range(40))
    values = {
        "same_language_R@10": (rng.random(40) < same).astype(float),
        "cross_language_R@10": (rng.random(40) < 0.4).astype(float),
        "language_preference": np.full(40, 0.25),
    }
    scores = [PairScores("multilingual", tag, "*", ids, np.ones((40, 1)), values) for tag in ("de", "en")]
    [finding] = preference_findings(scores, resamples=200, seed=0)
    assert f"in the query's language are placed {placed} than" in finding.message
    assert "in 25% of the queries" in finding.message
    assert (finding.severity, finding.languages) == ("note", ("de", "en"))


def test_many_languages_are_counted_and_not_all_named() -> None:
    named = listed(dict.fromkeys(("de", "en", "fr", "es", "it", "nl", "pl", "pt", "ru", "sv", "da", "fi", "el"), "1"))
    assert named.endswith("Finnish 1, and 1 more")


def test_sentences_end() -> None:
    for severity, message in _SENTENCES.values():
        assert severity in ("problem", "note")
        assert message.endswith(".")


@pytest.mark.parametrize("retriever", get_args(RetrieverKind))
@pytest.mark.parametrize("cause", _SENTENCES)
def test_every_cause_has_a_step_for_every_retriever(cause: str, retriever: RetrieverKind) -> None:
    step = step_for(cause, retriever)
    assert step.endswith(".")
    if retriever != "model":
        assert not re.search(r"(?i)fine-tune|train with|--alpha|--kind|in training", step)
    assert "MODEL" not in step  # no command with a part to be filled in


def test_what_can_be_trained_is() -> None:
    for cause in ("behind", "other languages lost", "own language lost"):
        assert re.search(r"(?i)fine-tune|train with|in training", step_for(cause, "model"))
