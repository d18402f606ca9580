"""How fast all settings of XQuAD-R are evaluated, against encoding alone, sentence-transformers and mteb.

    python benchmarks/evaluation_speed/run.py --data DIR [--output FILE]

The encoder is random (4 layers, 256 wide, XLM-R's architecture) with a tokenizer trained on the benchmark's own texts,
so that nothing is downloaded; speed does not depend on what a model has learned.
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mteb_peer import mteb_seconds  # type: ignore[import-not-found]  # lies beside this script

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.benchmarks.load import load_benchmark
from equilingua.evaluation.evaluate import evaluate
from equilingua.precision import autocast, resolve_precision
from equilingua.runtime import hardware, versions

VOCABULARY = 8_000
WIDTH, LAYERS, HEADS = 256, 4, 4
BATCH = 64

# Pairs measured for sentence-transformers, (query language, corpus language or all); the others are extrapolated.
SAMPLE: dict[str, list[tuple[str, str | None]]] = {
    "monolingual": [("en", "en"), ("th", "th")],
    "cross-lingual": [("en", "de"), ("zh", "ru")],
    "multilingual": [("en", None)],
}
PAIRS = {"monolingual": 11, "cross-lingual": 110, "multilingual": 11}

Times = dict[str, float]


def main() -> None:
    arguments = _arguments()
    benchmark = load_benchmark("xquad-r", data=arguments.data)
    with tempfile.TemporaryDirectory() as folder:
        model = _random_model(benchmark, Path(folder))
    precision = resolve_precision(model, "auto")
    _encode_all(model, benchmark.only(["en"]), precision)  # the first pass through a model is slower

    encoding = _times(lambda: _encode_all(model, benchmark, precision))
    ours = _times(lambda: evaluate(model, benchmark, batch_size=BATCH, precision=precision))
    with tempfile.TemporaryDirectory() as folder:
        again: dict[str, Any] = {"batch_size": BATCH, "precision": precision, "cache": folder}
        evaluate(model, benchmark, **again)
        warm = _times(lambda: evaluate(model, benchmark, **again))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    theirs = {
        setting: _mean([_theirs(model, benchmark, precision, *pair) for pair in SAMPLE[setting]]) for setting in PAIRS
    }
    extrapolated = {clock: sum(theirs[setting][clock] * PAIRS[setting] for setting in PAIRS) for clock in ours}
    plain, cached = (mteb_seconds(model, benchmark, precision=precision, cached=keeps) for keeps in (False, True))
    first = _over_all(cached) + encoding["seconds"]  # the first evaluation with a cache still encodes every text

    report = {
        "texts": sum(len(rows.texts) for part in (benchmark.queries, benchmark.corpora) for rows in part.values()),
        "precision": precision,
        "evaluate / encoding alone": _ratio(ours, encoding),
        "sentence-transformers on 132 pairs (extrapolated) / evaluate": _ratio(extrapolated, ours),
        "mteb on 132 pairs (extrapolated) / evaluate": round(_over_all(plain) / ours["seconds"], 2),
        "mteb with a new cache on 132 pairs (extrapolated) / evaluate": round(first / ours["seconds"], 2),
        "mteb with a filled cache (extrapolated) / evaluate with a filled cache": round(
            _over_all(cached) / warm["seconds"], 2
        ),
        "peak memory of encoding and evaluate, GB": round(peak / 1e9, 2),
        "encoding alone": encoding,
        "evaluate": ours,
        "evaluate with a filled cache": warm,
        "sentence-transformers, one pair": theirs,
        "mteb, one pair, seconds": plain,
        "mteb with a filled cache, one pair, seconds": cached,
        "hardware": hardware(),
        "versions": versions(),
    }
    text = json.dumps(report, indent=2)
    print(text)
    if arguments.output:
        arguments.output.write_text(text + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True, help="folder that holds xquad-r")
    parser.add_argument("--output", type=Path, help="JSON file to write")
    return parser.parse_args()


def _random_model(benchmark: Benchmark, folder: Path) -> Any:
    """A model of XLM-R's architecture with random weights."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import PreTrainedTokenizerFast, XLMRobertaConfig, XLMRobertaModel

    tokenizer = _trained_tokenizer(benchmark)
    names = {"bos_token": "<s>", "pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>", "cls_token": "<s>"}
    wrap: Any = PreTrainedTokenizerFast
    wrap(tokenizer_object=tokenizer, model_max_length=256, **names).save_pretrained(folder)
    config = XLMRobertaConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=WIDTH,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        intermediate_size=4 * WIDTH,
        max_position_embeddings=260,
    )
    XLMRobertaModel(config).save_pretrained(folder)
    return SentenceTransformer(modules=[Transformer(str(folder)), Pooling(WIDTH)])


def _trained_tokenizer(benchmark: Benchmark) -> Any:
    """Unigram pieces of every fourth text."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    trainer = trainers.UnigramTrainer(
        vocab_size=VOCABULARY, special_tokens=special, unk_token="<unk>", show_progress=False
    )
    texts = [text for part in (benchmark.queries, benchmark.corpora) for rows in part.values() for text in rows.texts]
    tokenizer.train_from_iterator(texts[::4], trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return tokenizer


def _encode_all(model: Any, benchmark: Benchmark, precision: str) -> None:
    """Every text once, by sentence-transformers alone."""
    with autocast(model, precision):
        queries = [text for rows in benchmark.queries.values() for text in rows.texts]
        model.encode_query(queries, batch_size=BATCH, show_progress_bar=False)
        passages = [text for rows in benchmark.corpora.values() for text in rows.texts]
        model.encode_document(passages, batch_size=BATCH, show_progress_bar=False)


def _theirs(model: Any, benchmark: Benchmark, precision: str, asked: str, corpus_language: str | None) -> Times:
    """What sentence-transformers' own evaluator takes for one pair, or for the pool of all corpora."""
    from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator

    corpora = [benchmark.corpora[language] for language in benchmark.languages if corpus_language in (None, language)]
    corpus = {id_: text for part in corpora for id_, text in zip(part.ids, part.texts, strict=True)}
    rows = benchmark.queries[asked]
    relevant = {query: {id_ for id_ in judged if id_ in corpus} for query, judged in benchmark.qrels[asked].items()}
    queries: Any = dict(zip(rows.ids, rows.texts, strict=True))
    texts: Any = corpus
    evaluator = InformationRetrievalEvaluator(queries, texts, relevant, batch_size=BATCH, write_csv=False)
    with autocast(model, precision):
        return _times(lambda: evaluator(model))


def _times(work: Callable[[], object]) -> Times:
    """Seconds by the clock and of the processor: other work on the machine bears less on the latter."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return {
        "seconds": round(time.perf_counter() - wall, 2),
        "processor seconds": round(time.process_time() - processor, 2),
    }


def _over_all(seconds: dict[str, float]) -> float:
    """Seconds for all 132 pairs, from the mean of each setting."""
    return sum(seconds[setting] * count for setting, count in PAIRS.items())


def _mean(times: list[Times]) -> Times:
    return {clock: round(sum(one[clock] for one in times) / len(times), 2) for clock in times[0]}


def _ratio(above: Times, below: Times) -> Times:
    return {clock: round(above[clock] / below[clock], 2) for clock in above}


if __name__ == "__main__":
    main()
