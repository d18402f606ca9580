"""How fast all settings of XQuAD-R are evaluated, against encoding alone and against sentence-transformers.

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
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from equilingua.evaluation.benchmark import Benchmark
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.loading import load_benchmark
from equilingua.evaluation.provenance import hardware, versions
from equilingua.retrieval.precision import autocast, resolve_precision

VOCABULARY = 16_000
WIDTH, LAYERS, HEADS = 256, 4, 4
BATCH = 64
ROUNDS = 2

# Settings measured for sentence-transformers, as (query language, corpus languages); the others are extrapolated.
SAMPLE = {
    "monolingual": [("en", ("en",)), ("th", ("th",))],
    "cross-lingual": [("en", ("de",)), ("th", ("en",)), ("zh", ("ru",))],
    "multilingual": [("en", None)],
}


def main() -> None:
    arguments = _arguments()
    benchmark = load_benchmark("xquad-r", data=arguments.data)
    with tempfile.TemporaryDirectory() as folder:
        model = _random_model(benchmark, Path(folder))
    precision = resolve_precision(model, "auto")
    encoding, ours = [], []
    for _ in range(ROUNDS):
        encoding.append(_seconds(lambda: _encode_all(model, benchmark, precision)))
        ours.append(_seconds(lambda: evaluate(model, benchmark, batch_size=BATCH, precision=precision)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    theirs = _per_setting(model, benchmark, precision)
    settings = {"monolingual": 11, "cross-lingual": 110, "multilingual": 11}
    extrapolated = sum(theirs[setting] * count for setting, count in settings.items())
    report = {
        "texts": sum(len(rows.texts) for part in (benchmark.queries, benchmark.corpora) for rows in part.values()),
        "precision": precision,
        "evaluate_over_encoding": round(min(ours) / min(encoding), 2),
        "sentence_transformers_over_evaluate": round(extrapolated / min(ours), 1),
        "peak_memory_gb": round(peak / 1e9, 2),
        "seconds": {
            "encoding alone": round(min(encoding), 1),
            "evaluate": round(min(ours), 1),
            "sentence-transformers, one pair": {setting: round(value, 2) for setting, value in theirs.items()},
            "sentence-transformers, 132 pairs (extrapolated)": round(extrapolated, 1),
        },
        "hardware": hardware(),
        "versions": versions(),
    }
    text = json.dumps(report, indent=2)
    print(text)
    if arguments.output:
        arguments.output.write_text(text + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds xquad-r")
    parser.add_argument("--output", type=Path, help="JSON file to write")
    return parser.parse_args()


def _random_model(benchmark: Benchmark, folder: Path) -> Any:
    """A model of XLM-R's architecture with random weights."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast, XLMRobertaConfig, XLMRobertaModel

    special = ["<s>", "<pad>", "</s>", "<unk>"]
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=VOCABULARY, special_tokens=special, unk_token="<unk>", show_progress=False
    )
    texts = [text for part in (benchmark.queries, benchmark.corpora) for rows in part.values() for text in rows.texts]
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    names = {"bos_token": "<s>", "pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>", "cls_token": "<s>"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=256, **names).save_pretrained(folder)
    shape = {"hidden_size": WIDTH, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS}
    config = XLMRobertaConfig(
        vocab_size=tokenizer.get_vocab_size(), intermediate_size=4 * WIDTH, max_position_embeddings=260, **shape
    )
    XLMRobertaModel(config).save_pretrained(folder)
    backbone = Transformer(str(folder))
    return SentenceTransformer(modules=[backbone, Pooling(WIDTH)])


def _encode_all(model: Any, benchmark: Benchmark, precision: str) -> None:
    """Every text once, by sentence-transformers alone."""
    options = {"batch_size": BATCH, "show_progress_bar": False}
    with autocast(model, precision):
        model.encode_query([text for rows in benchmark.queries.values() for text in rows.texts], **options)
        model.encode_document([text for rows in benchmark.corpora.values() for text in rows.texts], **options)


def _per_setting(model: Any, benchmark: Benchmark, precision: str) -> dict[str, float]:
    """Seconds that sentence-transformers' own evaluator takes for one pair of each setting, the mean of a sample."""
    return {
        setting: sum(_ir_evaluator_seconds(model, benchmark, precision, *pair) for pair in pairs) / len(pairs)
        for setting, pairs in SAMPLE.items()
    }


def _ir_evaluator_seconds(
    model: Any, benchmark: Benchmark, precision: str, asked: str, languages: Sequence[str] | None
) -> float:
    from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator

    corpora = [benchmark.corpora[language] for language in languages or benchmark.languages]
    corpus = {id_: text for part in corpora for id_, text in zip(part.ids, part.texts, strict=True)}
    rows = benchmark.queries[asked]
    relevant = {query: {id_ for id_ in judged if id_ in corpus} for query, judged in benchmark.qrels[asked].items()}
    queries = dict(zip(rows.ids, rows.texts, strict=True))
    evaluator = InformationRetrievalEvaluator(queries, corpus, relevant, batch_size=BATCH, write_csv=False)
    with autocast(model, precision):
        return _seconds(lambda: evaluator(model))


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
