"""What mteb takes for single subsets of a benchmark, with its own retrieval task and nothing of ours added."""

import tempfile
import time
from collections.abc import Mapping, Sequence
from typing import Any

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.evaluation.mteb_tasks import equilingua_tasks
from equilingua.precision import autocast

SAMPLE: Mapping[str, Sequence[str]] = {
    "monolingual": ("en", "th"),
    "cross-lingual": ("en-de", "zh-ru"),
    "multilingual": ("en",),
}


def mteb_seconds(
    model: Any,
    benchmark: Benchmark,
    *,
    precision: str,
    sample: Mapping[str, Sequence[str]] = SAMPLE,
    batch_size: int = 64,
    cached: bool = False,
) -> dict[str, float]:
    """Seconds a subset by the clock, per setting: the mean over the subsets sampled.

    Args:
        model: a sentence-transformers model.
        benchmark: with the languages that the sample names.
        precision: of the encoder: fp32 or bf16.
        sample: subsets by setting, named as ``equilingua_tasks`` names them.
        batch_size: texts a forward pass.
        cached: whether mteb keeps vectors. The cache is filled first, and only the second run is measured: to a
            whole evaluation belongs the time of encoding every text once.
    """
    import mteb
    from mteb.models import SentenceTransformerEncoderWrapper
    from mteb.models.cache_wrappers import CachedEmbeddingWrapper

    tasks = _stock_tasks(benchmark, sample)
    seconds = {}
    with tempfile.TemporaryDirectory() as folder, autocast(model, precision):
        encoder: Any = SentenceTransformerEncoderWrapper(model)
        if cached:
            encoder = CachedEmbeddingWrapper(encoder, folder)
        for setting, task in tasks.items():
            for _run in range(2 if cached else 1):
                start = time.perf_counter()
                mteb.evaluate(
                    encoder,
                    tasks=task,
                    cache=None,
                    co2_tracker=False,
                    encode_kwargs={"batch_size": batch_size, "show_progress_bar": False},
                    show_progress_bar=False,
                )
                seconds[setting] = (time.perf_counter() - start) / len(sample[setting])
    return seconds


def _stock_tasks(benchmark: Benchmark, sample: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """By setting mteb's own task on the subsets sampled, with its data laid out already."""
    from mteb.abstasks.retrieval import AbsTaskRetrieval

    tasks = {}
    for setting, subsets in sample.items():
        (ours,) = equilingua_tasks([benchmark], settings=[setting])
        ours.load_data()
        metadata = ours.metadata.model_copy(update={"main_score": "map_at_1000"})
        task: Any = type("StockTask", (AbsTaskRetrieval,), {"metadata": metadata})()
        task.hf_subsets = list(subsets)
        task.dataset, task.data_loaded = ours.dataset, True
        tasks[setting] = task
    return tasks
