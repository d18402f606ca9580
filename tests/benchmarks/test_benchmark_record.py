from dataclasses import replace
from typing import Any

import pytest

from equilingua.benchmarks.benchmark import Benchmark, Corpus, Queries
from equilingua.errors import InputError


def test_only_keeps_the_languages_asked_for_and_their_relevance(small_benchmark: Benchmark) -> None:
    reduced = small_benchmark.only(["th", "de"])
    assert reduced.languages == ("de", "th")
    assert set(reduced.qrels["de"]["q1"]) == {"de_4", "th_4"}
    assert small_benchmark.languages == ("de", "en", "th")


def test_only_names_a_language_that_is_not_there(small_benchmark: Benchmark) -> None:
    with pytest.raises(InputError, match=r"benchmark 'small' has no language 'ar'. .*Allowed: de, en, th"):
        small_benchmark.only(["ar"])


def test_every_fault_is_told_at_once(small_benchmark: Benchmark) -> None:
    with pytest.raises(InputError) as told:
        replace(
            small_benchmark,
            queries={**small_benchmark.queries, "th": Queries(("q0", "q0"), ("one",))},
            corpora={**small_benchmark.corpora, "th": Corpus((), ()), "de": Corpus(("en_1",), ("copy",))},
            qrels={"en": {"q0": {"en_1": 1, "nowhere": 1}, "q99": {"en_1": 1}}},
        )
    message = str(told.value)
    assert message.startswith("benchmark 'small': 6 problems")
    for part in (
        "1 texts for 2 ids of queries in 'th'",
        "1 ids stand twice among the queries in 'th'",
        "no passages in 'th'",
        "passage id 'en_1' of 'en' is also used in another language",
        "qrels of 'en', query 'q0', name passage 'nowhere', which is in no corpus",
        "qrels of 'en' name query 'q99', which is not among its queries",
    ):
        assert part in message


@pytest.mark.parametrize(
    ("queries", "corpora", "told"),
    [
        ({"en": Queries((7,), ("who?",))}, {"en": Corpus(("p",), ("she",))}, "ids and texts of queries in 'en'.*got 7"),
        ({"en": Queries(("q",), (None,))}, {"en": Corpus(("p",), ("she",))}, "of queries in 'en'.*got None"),
        ({"en": Queries(("q",), ("who?",))}, {"en": Corpus((b"p",), ("she",))}, "of passages in 'en'.*got b'p'"),
        ({"en": Queries(("q",), ("who?",))}, {"en": Corpus(("p\ud800",), ("she",))}, "whole characters"),
        (
            {"english!": Queries(("q",), ("who?",))},
            {"en": Corpus(("p",), ("she",))},
            "'english!', which is no language",
        ),
        ({3: Queries(("q",), ("who?",))}, {"en": Corpus(("p",), ("she",))}, "in 3, which is no language"),
    ],
)
def test_what_no_result_can_be_written_of_is_refused_before_anything_is_encoded(
    queries: Any, corpora: Any, told: str
) -> None:
    with pytest.raises(InputError, match=told):
        Benchmark("own", queries, corpora, {})
