"""No figure changes when languages' tags are renamed, or files, rows and languages come in another order."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equilingua.benchmarks.benchmark import Benchmark, Corpus, LanguagePart, Queries, assemble
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.scorer import benchmark_scorer
from equilingua.evaluation.trec import export_trec

# In the order of the alphabet, and in others.
RENAMED = [("de", "en", "fr"), ("vi", "ar", "zu"), ("ar", "vi", "de"), ("sw", "tr", "es")]
TEXTS = ["red", "green", "blue", "red green", "red red blue", "grey", "1958", "green blue grey"]


class ByText:
    """An encoder of few small whole numbers, which depend on the text alone: many passages tie."""

    def __init__(self, values: int) -> None:
        self.values = values

    def encode_query(self, texts: Sequence[str], **_: Any) -> np.ndarray:
        return self.encode_document(texts)

    def encode_document(self, texts: Sequence[str], **_: Any) -> np.ndarray:
        rows = [np.random.default_rng(zlib.crc32(text.encode())).integers(0, self.values, 3) for text in texts]
        return np.array(rows, dtype=np.float32) + np.float32(self.values == 1)


MODELS = ["bm25", "tfidf", ByText(1), ByText(2), ByText(4)]


@dataclass(frozen=True)
class Data:
    """Texts of passages and queries of three languages, and which passages answer a query, by their places."""

    passages: tuple[tuple[str, ...], ...]
    queries: tuple[tuple[str, ...], ...]
    relevant: tuple[tuple[tuple[int, int, int], ...], ...]

    def benchmark(self, tags: Sequence[str], shuffled: np.random.Generator | None) -> Benchmark:
        """With ids that name no language, as one's own files have them; rows and languages shuffled."""

        def order(count: int) -> list[int]:
            return list(range(count)) if shuffled is None else shuffled.permutation(count).tolist()

        corpora, queries, qrels = {}, {}, {}
        for place in order(len(tags)):
            texts, rows = self.passages[place], order(len(self.passages[place]))
            corpora[tags[place]] = Corpus(tuple(f"p{place}{row}" for row in rows), tuple(texts[row] for row in rows))
            asked, rows = self.queries[place], order(len(self.queries[place]))
            queries[tags[place]] = Queries(tuple(f"q{row}" for row in rows), tuple(asked[row] for row in rows))
            qrels[tags[place]] = {
                f"q{row}": {f"p{self.relevant[row][one][0]}{self.relevant[row][one][1]}": self.relevant[row][one][2]
                            for one in order(len(self.relevant[row]))}
                for row in rows
            }  # fmt: skip
        return Benchmark("own", queries, corpora, qrels)


@st.composite
def data(draw: st.DrawFn) -> Data:
    text = st.sampled_from(TEXTS)
    passages = tuple(tuple(draw(st.lists(text, min_size=1, max_size=6))) for _ in range(3))
    count = draw(st.integers(1, 3))
    queries = tuple(tuple(draw(st.lists(text, min_size=count, max_size=count))) for _ in range(3))
    places = [(language, row) for language in range(3) for row in range(len(passages[language]))]
    relevant = []
    for _ in range(count):
        chosen = draw(st.lists(st.sampled_from(places), min_size=1, max_size=6, unique=True))
        relevant.append(tuple((*place, draw(st.integers(1, 3))) for place in chosen))
    return Data(passages, queries, tuple(relevant))


def renamed(part: Any, names: Mapping[str, str]) -> Any:
    """A part of a result with other languages in the keys of its mappings."""
    if isinstance(part, Mapping):
        return {
            "-".join(names.get(word, word) for word in str(key).split("-")): renamed(value, names)
            for key, value in part.items()
        }
    return [renamed(value, names) for value in part] if isinstance(part, list | tuple) else part


def figures(result: EvaluationResult, names: Mapping[str, str]) -> Any:
    bias = result.language_bias
    parts = (result.measures, result.per_language, result.per_pair, result.intervals, result.pair_intervals)
    return renamed([*parts, asdict(bias) if bias else None], names)


def assert_same(one: Any, two: Any, at: str = "") -> None:
    if isinstance(one, Mapping):
        assert one.keys() == two.keys(), at
        for key in one:
            assert_same(one[key], two[key], f"{at}/{key}")
    elif isinstance(one, list):
        assert len(one) == len(two), at
        for place, (first, second) in enumerate(zip(one, two, strict=True)):
            assert_same(first, second, f"{at}/{place}")
    elif isinstance(one, float):
        assert two == pytest.approx(one, rel=1e-6, abs=1e-9, nan_ok=True), at
    else:
        assert one == two, at


@settings(max_examples=40, deadline=None)
@given(
    given_data=data(),
    model=st.sampled_from(MODELS),
    tags=st.sampled_from(RENAMED),
    seed=st.integers(0, 99),
    min_grade=st.integers(1, 2),
)
def test_tags_and_order_change_no_figure(
    given_data: Data, model: Any, tags: tuple[str, ...], seed: int, min_grade: int
) -> None:
    plain = given_data.benchmark(RENAMED[0], None)
    if min_grade > max(grade for row in given_data.relevant for *_, grade in row):
        min_grade = 1
    if model in ("bm25", "tfidf") and not any(any(texts) for texts in given_data.passages):
        return
    other = given_data.benchmark(tags, np.random.default_rng(seed))
    options: dict[str, Any] = {"resamples": 30, "min_grade": min_grade, "depth": 3, "model_name": "same"}
    one, two = (evaluate(model, benchmark, **options) for benchmark in (plain, other))
    assert_same(figures(one, dict(zip(RENAMED[0], tags, strict=True))), figures(two, {}))


@settings(max_examples=20, deadline=None)
@given(given_data=data(), model=st.sampled_from(MODELS), tags=st.sampled_from(RENAMED), parallel=st.booleans())
def test_ids_that_begin_with_the_tag_change_no_figure(
    given_data: Data, model: Any, tags: tuple[str, ...], parallel: bool
) -> None:
    def published(tags: Sequence[str]) -> Benchmark:
        parts = {}
        for place, tag in enumerate(tags):
            # One text that no other language has tells languages apart.
            texts = (*given_data.passages[place], f"only here {place}")
            relevant = {
                f"q{row}": {str(passage): grade for language, passage, grade in judged if language == place}
                for row, judged in enumerate(given_data.relevant)
            }
            parts[tag] = LanguagePart(
                Queries(tuple(relevant), given_data.queries[place]),
                Corpus(tuple(map(str, range(len(texts)))), texts),
                {query: grades for query, grades in relevant.items() if grades},
            )
        return assemble("published", parts, parallel=parallel, hashes={})

    one, two = (evaluate(model, published(names), resamples=0, depth=3) for names in (RENAMED[0], tags))
    assert_same(figures(one, dict(zip(RENAMED[0], tags, strict=True))), figures(two, {}))


@settings(max_examples=25, deadline=None)
@given(given_data=data(), model=st.sampled_from(MODELS))
def test_written_runs_give_the_same_figures_in_ir_measures(
    given_data: Data, model: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    import ir_measures

    benchmark = given_data.benchmark(RENAMED[0], None)
    result = evaluate(model, benchmark, resamples=0)
    folder = tmp_path_factory.mktemp("trec")
    export_trec(benchmark_scorer(model, benchmark), benchmark, folder, depth=100)
    names = {
        "mAP": ir_measures.AP,
        "R@10": ir_measures.R @ 10,
        "MRR@20": ir_measures.RR @ 20,
        "nDCG@10": ir_measures.nDCG @ 10,
    }
    for setting, measures in result.measures.items():
        run = list(ir_measures.read_trec_run(str(folder / f"{setting}.run")))
        qrels = list(ir_measures.read_trec_qrels(str(folder / f"{setting}.qrels")))
        by_query: dict[str, dict[str, float]] = {}
        for row in ir_measures.iter_calc(list(names.values()), qrels, run):
            by_query.setdefault(row.query_id, {})[str(row.measure)] = row.value
        # A query that finds nothing stands in no run: its measures are 0.
        scored = [
            (f"{pair.name}/{query}", {name: pair.values[name][row] for name in names})
            for pair in result.scores
            if pair.setting == setting
            for row, query in enumerate(pair.query_ids)
        ]
        assert measures
        for query, values in scored:
            for name, value in values.items():
                assert value == pytest.approx(by_query.get(query, {}).get(str(names[name]), 0.0), abs=1e-6), (
                    query,
                    name,
                )
