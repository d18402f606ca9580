"""Counts of the real data, as their publishers and the folder's own list state them."""

from pathlib import Path

import pytest

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.benchmarks.load import load_benchmark
from equilingua.errors import EquilinguaWarning

pytestmark = pytest.mark.shared_data


def queries(benchmark: Benchmark) -> dict[str, int]:
    return {language: len(rows.ids) for language, rows in benchmark.queries.items()}


def passages(benchmark: Benchmark) -> dict[str, int]:
    return {language: len(rows.ids) for language, rows in benchmark.corpora.items()}


def test_scifact(shared_data: Path) -> None:
    benchmark = load_benchmark("scifact", data=shared_data)
    assert (queries(benchmark), passages(benchmark)) == ({"en": 300}, {"en": 5183})
    assert benchmark.card is not None
    assert benchmark.card.measure == "nDCG@10"


def test_arguana_queries_do_not_find_themselves(shared_data: Path) -> None:
    with pytest.warns(EquilinguaWarning, match=r"5 judgements name passages that are not in the corpus"):
        benchmark = load_benchmark("arguana", data=shared_data)
    assert (queries(benchmark), passages(benchmark)) == ({"en": 1406}, {"en": 8674})
    assert len(benchmark.qrels["en"]) == 1401
    texts = dict(zip(benchmark.corpora["en"].ids, benchmark.corpora["en"].texts, strict=True))
    assert len(benchmark.excluded["en"]) == sum(query in texts for query in benchmark.queries["en"].ids) == 1298


def test_native_questions_of_eight_languages(shared_data: Path) -> None:
    benchmark = load_benchmark("native", data=shared_data)
    stated = {"ar": 1395, "zh": 3524, "tr": 8308, "th": 2242, "en": 3696, "ko": 1625, "sw": 2755}
    # Of Zalo's 2,976 questions with their paragraphs, 985 paragraphs answer.
    assert queries(benchmark) == stated | {"vi": 985}
    assert passages(benchmark)["vi"] == 2818


def test_tydi_is_the_part_of_it_that_is_tydis(shared_data: Path) -> None:
    benchmark = load_benchmark("tydi", data=shared_data, languages=["ko", "sw"])
    assert queries(benchmark) == {"ko": 1625, "sw": 2755}
    assert all(query.startswith("ko/korean") for query in benchmark.queries["ko"].ids)


@pytest.mark.parametrize(
    ("name", "stated"), [("squadshifts-amazon", 9885), ("squadshifts-reddit", 9803), ("squadshifts-new-wiki", 7938)]
)
def test_squadshifts(shared_data: Path, name: str, stated: int) -> None:
    assert queries(load_benchmark(name, data=shared_data)) == {"en": stated}


def test_afriqa_asks_in_four_languages_for_english_passages(shared_data: Path) -> None:
    benchmark = load_benchmark("afriqa", data=shared_data)
    # Ten of 1,798 rows have no gold passage.
    assert queries(benchmark) == {"ha": 445, "ig": 612, "yo": 247, "zu": 484}
    assert list(benchmark.corpora) == ["en"]
    assert benchmark.queries["zu"].texts[0] != ""


def test_python_faq_and_ntrex(shared_data: Path) -> None:
    faq = load_benchmark("python-faq", data=shared_data)
    assert (queries(faq)["en"], passages(faq)["en"], faq.excluded) == (173, 173, {})
    ntrex = load_benchmark("ntrex", data=shared_data)
    assert (set(queries(ntrex).values()), len(ntrex.languages)) == ({1997}, 24)


def test_tatoeba_in_two_languages(shared_data: Path) -> None:
    benchmark = load_benchmark("tatoeba", data=shared_data, languages=["de", "ar"])
    assert benchmark.languages == ("ar", "de")
    assert queries(benchmark) == {"ar": 700, "de": 700}
    assert all(passage.startswith("de/") for grades in benchmark.qrels["ar"].values() for passage in grades)
