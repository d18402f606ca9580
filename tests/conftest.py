"""What tests of several folders share."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import settings

from embeddings_server import Server, running
from equilingua.benchmarks.benchmark import Benchmark, Corpus, Queries
from equilingua.retrieval.precomputed import PrecomputedVectors

# Before anything imports huggingface_hub, which reads it then: no test looks on the hub.
os.environ["HF_HUB_OFFLINE"] = "1"

# A machine that is busy with something else is no failure.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets, from EQUILINGUA_DATA or beside the checkout."""
    beside = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("EQUILINGUA_DATA", beside))
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}: set EQUILINGUA_DATA to a folder that holds xquad-r, pairs, squadshifts")
    return folder


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test has a cache of its own, and no command takes the real data for its default."""
    monkeypatch.setenv("EQUILINGUA_CACHE", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.delenv("EQUILINGUA_DATA", raising=False)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """An embeddings server on this machine; no key in the environment."""
    for name in ("OPENAI_API_KEY", "EQUILINGUA_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    with running() as one:
        yield one


SIZES = {"de": 30, "en": 23, "th": 17}


@pytest.fixture
def small_benchmark() -> Benchmark:
    """12 queries; German lacks two, Thai four; English has two relevant passages (grades 1 and 3) for each."""
    queries, corpora, relevant = {}, {}, {f"q{n}": {} for n in range(12)}
    for language, size in SIZES.items():
        asked = [f"q{n}" for n in range({"de": 10, "en": 12, "th": 8}[language])]
        queries[language] = Queries(tuple(asked), tuple(f"{language} question {n}" for n in range(len(asked))))
        ids = tuple(f"{language}_{n}" for n in range(size))
        corpora[language] = Corpus(ids, tuple(f"{language} passage {n % 20}" for n in range(size)))
        for n, query in enumerate(asked):
            relevant[query][ids[(3 * n + 1) % size]] = 1
            if language == "en":
                relevant[query][ids[(3 * n + 2) % size]] = 3
                relevant[query][ids[0]] = 0
    qrels = {language: {query: relevant[query] for query in queries[language].ids} for language in SIZES}
    return Benchmark("small", queries, corpora, qrels, {"small.json": "0" * 64})


@pytest.fixture
def vectors_for() -> Callable[..., PrecomputedVectors]:
    """Random vectors of a benchmark, equal texts with equal vectors; relevant passages drawn to their queries."""

    def build(benchmark: Benchmark, *, seed: int = 0, pull: float = 0.5, width: int = 12) -> PrecomputedVectors:
        rng = np.random.default_rng(seed)
        meaning = {query: rng.standard_normal(width) for rows in benchmark.queries.values() for query in rows.ids}
        of_text: dict[str, np.ndarray] = {}
        passages = {}
        for language, corpus in benchmark.corpora.items():
            drawn = [of_text.setdefault(text, rng.standard_normal(width)) for text in corpus.texts]
            passages[language] = np.array(drawn)
        for judged in benchmark.qrels.values():
            for query, grades in judged.items():
                for id_, grade in grades.items():
                    language = id_.split("_")[0]
                    row = benchmark.corpora[language].ids.index(id_)
                    passages[language][row] += pull * grade * meaning[query]
        queries = {
            language: np.array([meaning[query] for query in rows.ids])
            + 0.3 * rng.standard_normal((len(rows.ids), width))
            for language, rows in benchmark.queries.items()
        }
        return PrecomputedVectors(queries, passages)

    return build


@pytest.fixture(scope="session")
def static_model() -> Callable[..., Any]:
    """Builds a sentence-transformers model that averages random word vectors."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer, models, pre_tokenizers

    def build(texts: Sequence[str], *, width: int = 16, seed: int = 0) -> Any:
        words = dict.fromkeys(word for text in texts for word in text.split())
        vocabulary = {word: place for place, word in enumerate(["[UNK]", *words])}
        tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
        tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        weights = np.random.default_rng(seed).standard_normal((len(vocabulary), width)).astype(np.float32)
        return SentenceTransformer(modules=[StaticEmbedding(tokenizer, weights)], device="cpu")

    return build


LAYOUTS = ("plain transformer", "E5's prompts", "document prompts", "Dense head", "without Normalize")


@pytest.fixture(scope="session")
def tiny_transformer(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Builds a sentence-transformers model with a random transformer of one layer; words are its tokens.

    The layout is one of ``LAYOUTS``; each but the last, and the plain one, ends in a Normalize module.
    """
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Dense, Normalize, Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast, XLMRobertaConfig, XLMRobertaModel

    def build(words: Sequence[str], layout: str = "without Normalize", **options: Any) -> Any:
        folder = str(tmp_path_factory.mktemp("backbone"))
        special = ("<s>", "<pad>", "</s>", "<unk>")
        vocabulary = {word: place for place, word in enumerate(dict.fromkeys([*special, *words]))}
        tokenizer = Tokenizer(models.WordLevel(vocabulary, "<unk>"))
        tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        tokenizer.post_processor = processors.TemplateProcessing("<s> $A </s>", None, [("<s>", 0), ("</s>", 2)])
        names = {"unk_token": "<unk>", "pad_token": "<pad>", "bos_token": "<s>", "eos_token": "</s>"}
        PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=32, **names).save_pretrained(folder)
        sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            config = XLMRobertaConfig(vocab_size=len(vocabulary), max_position_embeddings=40, **sizes)
            XLMRobertaModel(config, add_pooling_layer=False).save_pretrained(folder)
            if layout == "plain transformer":
                return SentenceTransformer(folder, device="cpu", **options)
            modules = [Transformer(folder), Pooling(16)]
            if layout == "Dense head":
                modules.append(Dense(16, 8))
        if layout != "without Normalize":
            modules.append(Normalize())
        prompts = {"E5's prompts": {"query": "query: ", "passage": "passage: "}}
        prompts["document prompts"] = {"query": "ask: ", "document": "text: "}
        options = {"prompts": prompts.get(layout)} | options
        return SentenceTransformer(modules=modules, device="cpu", **options)

    return build


@pytest.fixture
def texts_seen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that reach any transformer of the process from now on, as its tokens say them, marks left out."""
    from sentence_transformers.base.modules import Transformer

    seen: list[str] = []
    forward = Transformer.forward

    def listening(self: Any, features: dict[str, Any], **options: Any) -> Any:
        seen.extend(self.tokenizer.batch_decode(features["input_ids"], skip_special_tokens=True))
        return forward(self, features, **options)

    monkeypatch.setattr(Transformer, "forward", listening)
    return seen
