"""Results of two models on a small benchmark with hostile texts, and a page made from them."""

import dataclasses

import numpy as np
import pytest

from equilingua.evaluation.benchmark import Benchmark, Corpus, Queries
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.result import EvaluationResult

HOSTILE = '</script><script>document.title = "owned"</script><img src=x onerror="document.title=1"> & "quoted" <!--'
ITEMS = 30
WORDS = {"ar": "ما هو السؤال رقم", "en": "what is question", "zh": "第几个问题"}


@pytest.fixture(scope="session")
def report_benchmark() -> Benchmark:
    """30 queries in Arabic, English and Chinese; all English queries and one English passage are hostile."""
    ids = tuple(f"q{n}" for n in range(ITEMS))
    queries, corpora = {}, {}
    for language, words in WORDS.items():
        asked = [f"{words} {n}?" for n in range(ITEMS)]
        answers = [f"{words} {n}: {n}" for n in range(ITEMS)]
        if language == "en":
            asked = [f"{HOSTILE} {text}" for text in asked]
            answers[4] = f"{HOSTILE} passage 4"
        queries[language] = Queries(ids, tuple(asked))
        corpora[language] = Corpus(tuple(f"{language}_{n}" for n in range(ITEMS)), tuple(answers))
    relevant = {f"q{n}": {f"{language}_{n}": 1 for language in WORDS} for n in range(ITEMS)}
    return Benchmark("small", queries, corpora, dict.fromkeys(WORDS, relevant), {"small.json": "0" * 64})


@pytest.fixture(scope="session")
def results(report_benchmark: Benchmark) -> tuple[tuple[str, EvaluationResult], ...]:
    """A weak and a strong model; the strong one's name is hostile."""
    rng = np.random.default_rng(0)
    meaning = rng.standard_normal((ITEMS, 8))
    found = []
    for name, noise in (("weak", 2.0), (f"strong {HOSTILE}", 0.7)):
        passages = {language: meaning + noise * rng.standard_normal((ITEMS, 8)) for language in WORDS}
        result = evaluate((dict.fromkeys(WORDS, meaning), passages), report_benchmark, model_name=name, resamples=100)
        found.append((name, result))
    return tuple(found)


@pytest.fixture(scope="session")
def one_language(results: tuple[tuple[str, EvaluationResult], ...]) -> EvaluationResult:
    """The weak result reduced to its monolingual setting, without language bias."""
    result = results[0][1]
    return dataclasses.replace(
        result,
        measures={"monolingual": result.measures["monolingual"]},
        scores=tuple(pair for pair in result.scores if pair.setting == "monolingual"),
        language_bias=None,
    )
