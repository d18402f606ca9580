"""Models that are loaded as encoders and are none."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from equilingua.cli.app import app
from equilingua.errors import InputError
from equilingua.pairs.store import ParallelPairs
from equilingua.retrieval.encoding import encode
from equilingua.retrieval.registry import retriever
from equilingua.training.archetypes import check_archetype
from equilingua.training.models import load_model, model_notes
from equilingua.training.train import train

SIZES = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}


@pytest.fixture(scope="module")
def folders(tiny_transformer: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders of transformers and of sentence-transformers that are not dense encoders, and two that are."""
    import transformers as hf
    from sentence_transformers import CrossEncoder, MultiVectorEncoder, SentenceTransformer, SparseEncoder
    from sentence_transformers.base.modules import Normalize, Router, Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling
    from sentence_transformers.sparse_encoder.modules import SparseStaticEmbedding

    base = tmp_path_factory.mktemp("kinds")
    tokenizer = tiny_transformer(["red", "blue", "<mask>"]).tokenizer
    tokenizer.mask_token = "<mask>"
    shape = {"vocab_size": len(tokenizer), "max_position_embeddings": 40, **SIZES}
    roberta = hf.XLMRobertaConfig(**shape, num_labels=1)
    small = {"vocab_size": len(tokenizer), "d_model": 16}
    plain = {
        "classifier": hf.XLMRobertaForSequenceClassification(roberta),
        "token-classifier": hf.XLMRobertaForTokenClassification(roberta),
        "reader": hf.XLMRobertaForQuestionAnswering(roberta),
        "masked": hf.XLMRobertaForMaskedLM(roberta),
        "encoder": hf.XLMRobertaModel(roberta),
        "decoder-of-an-encoder": hf.XLMRobertaForCausalLM(hf.XLMRobertaConfig(**shape, is_decoder=True)),
        "gpt2": hf.GPT2LMHeadModel(hf.GPT2Config(vocab_size=len(tokenizer), n_embd=16, n_layer=1, n_head=2)),
        "llama": hf.LlamaForCausalLM(hf.LlamaConfig(vocab_size=len(tokenizer), **SIZES)),
        "llama-without-head": hf.LlamaModel(hf.LlamaConfig(vocab_size=len(tokenizer), **SIZES)),
        "t5": hf.T5ForConditionalGeneration(hf.T5Config(**small, d_ff=32, num_layers=1, num_heads=2, d_kv=8)),
        "bart": hf.BartForConditionalGeneration(
            hf.BartConfig(
                **small, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2, decoder_attention_heads=2
            )
        ),
    }
    for name, model in plain.items():
        model.save_pretrained(base / name)
        tokenizer.save_pretrained(base / name)
    CrossEncoder(str(base / "classifier"), device="cpu").save_pretrained(str(base / "cross-encoder"))
    SparseEncoder(str(base / "masked"), device="cpu").save_pretrained(str(base / "sparse"))
    MultiVectorEncoder(str(base / "encoder"), device="cpu").save_pretrained(str(base / "multi-vector"))
    parts = [[Transformer(str(base / "encoder")), Pooling(16)] for _ in range(2)]
    router = Router.for_query_document(query_modules=parts[0], document_modules=parts[1])
    SentenceTransformer(modules=[router, Normalize()], device="cpu").save_pretrained(str(base / "router"))
    sparse = [[SparseStaticEmbedding(tokenizer)] for _ in range(2)]
    router = Router.for_query_document(query_modules=sparse[0], document_modules=sparse[1])
    SparseEncoder(modules=[router], device="cpu").save_pretrained(str(base / "sparse-router"))
    return base


NOT_DENSE = [
    ("classifier", "XLMRobertaForSequenceClassification, which labels texts, or scores pairs of them"),
    ("token-classifier", "XLMRobertaForTokenClassification, which labels the tokens of a text"),
    ("reader", "XLMRobertaForQuestionAnswering, which marks an answer in a passage"),
    ("decoder-of-an-encoder", "a causal language model"),
    ("gpt2", "a causal language model"),
    ("llama", "a causal language model"),
    ("llama-without-head", "a causal language model"),
    ("bart", "an encoder-decoder that writes texts"),
    ("cross-encoder", "a cross-encoder (reranker): it scores a query with a passage and has no vector of either"),
    ("sparse", "a sparse encoder"),
    ("sparse-router", "a sparse encoder"),
    ("multi-vector", "a late-interaction model (ColBERT)"),
]


@pytest.mark.parametrize(("name", "what"), NOT_DENSE)
def test_what_is_no_dense_encoder_is_refused_with_what_it_is(name: str, what: str, folders: Path) -> None:
    with pytest.raises(InputError) as refused:
        load_model(folders / name)
    message = str(refused.value)
    assert f"model '{folders / name}' is {what}" in message
    assert "\n" not in message
    assert any(word in message for word in ("Give ", "give "))  # and what could be done


@pytest.mark.parametrize("name", ["encoder", "masked", "t5"])
def test_a_plain_encoder_is_taken_and_its_pooling_told(name: str, folders: Path) -> None:
    assert "their mean is taken" in model_notes(load_model(folders / name))[0]


def test_a_router_of_dense_encoders_encodes_each_role_by_its_own(folders: Path) -> None:
    model = load_model(folders / "router")
    assert model_notes(model) == ()
    queries, passages = (encode(model, ["red"], role) for role in ("query", "document"))
    assert queries.shape == passages.shape == (1, 16)
    np.testing.assert_allclose(queries, model.encode_query(["red"]), rtol=1e-2, atol=1e-2)


def test_a_router_is_not_trained_with_its_sides_mixed_up(folders: Path, corpus: ParallelPairs, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the model is a router, with other modules for queries than for passages"):
        train(folders / "router", corpus, output_dir=tmp_path, steps=1, batch_size=16, progress=False)


@pytest.mark.parametrize("command", ["evaluate", "search", "train"])
def test_every_command_refuses_with_2(command: str, folders: Path, tmp_path: Path) -> None:
    texts = tmp_path / "texts.jsonl"
    texts.write_text('{"id": "a", "text": "red", "language": "en"}\n', encoding="utf-8")
    pairs = tmp_path / "pairs.jsonl"
    sides = [
        {"id": f"p{n}", "source": "s", "queries": {"en": f"red {n}"}, "passages": {"en": f"blue {n}"}} for n in (1, 2)
    ]
    pairs.write_text("".join(json.dumps(side) + "\n" for side in sides), encoding="utf-8")
    arguments = {
        "evaluate": ["--benchmark", "facts", "--languages", "en"],
        "search": ["--corpus", texts, "--queries", texts],
        "train": [pairs, "--steps", 1, "--batch-size", 2, "--kind", "x-x-mono"],
    }[command]
    asked = [command, folders / "cross-encoder", *arguments, "--output", tmp_path / "out"]
    done = CliRunner().invoke(app, list(map(str, asked)))
    assert isinstance(done.exception, InputError)
    assert "is a cross-encoder" in str(done.exception)


def test_objects_are_refused_as_their_folders_are(folders: Path) -> None:
    from sentence_transformers import CrossEncoder, MultiVectorEncoder, SentenceTransformer, SparseEncoder
    from sentence_transformers.base.modules import Transformer

    objects = {
        "CrossEncoder is a cross-encoder": CrossEncoder(str(folders / "classifier"), device="cpu"),
        "SparseEncoder is a sparse encoder": SparseEncoder(str(folders / "masked"), device="cpu"),
        "MultiVectorEncoder is a late-interaction": MultiVectorEncoder(str(folders / "encoder"), device="cpu"),
        "SentenceTransformer is a late-interaction": SentenceTransformer(
            modules=[Transformer(str(folders / "encoder"))], device="cpu"
        ),
    }
    for message, model in objects.items():
        with pytest.raises(InputError, match=message.replace("(", r"\(")):
            encode(model, ["red"], "query")


@pytest.mark.parametrize(
    ("files", "what"),
    [
        ({"config.json": {"architectures": ["HF_ColBERT"], "model_type": "bert"}}, "late-interaction"),
        ({"config.json": {"model_type": "bert"}, "artifact.metadata": {}}, "late-interaction"),
        ({"modules.json": [{"type": "pylate.models.Dense.Dense", "path": "1_Dense"}]}, "late-interaction"),
        ({"modules.json": [{"type": "sentence_transformers.models.SpladePooling", "path": ""}]}, "sparse encoder"),
        ({"config.json": {"model_type": "bert", "sentence_transformers": {"activation_fn": "x"}}}, "cross-encoder"),
        ({"adapter_config.json": {"task_type": "CAUSAL_LM"}}, "causal language model"),
        ({"adapter_config.json": {"task_type": "SEQ_CLS"}}, "label texts"),
        ({"config.json": {"model_type": "bert"}}, None),
        ({"adapter_config.json": {"task_type": "FEATURE_EXTRACTION"}}, None),
        (
            {
                "config.json": {"model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"]},
                "modules.json": [{"type": "x.Transformer", "path": ""}],
            },
            None,
        ),
        ({}, None),
    ],
)
def test_older_and_other_libraries_folders_are_told_by_their_files(files: dict[str, Any], what: str | None) -> None:
    if what is None:
        check_archetype("some", files.get)
        return
    with pytest.raises(InputError, match=what):
        check_archetype("some", files.get)


@pytest.mark.parametrize("content", ["[", "{}", '[{"idx": 0}]', "[" * 100_000])
def test_a_damaged_list_of_modules_is_told(content: str, corpus: ParallelPairs, tmp_path: Path) -> None:
    (tmp_path / "modules.json").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"modules\.json"):
        retriever(tmp_path)
    with pytest.raises(InputError, match=r"modules\.json"):
        train(tmp_path, corpus, output_dir=tmp_path / "run")
