"""Tiny encoders built from scratch."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest


@pytest.fixture(scope="session")
def static_model() -> Callable[..., Any]:
    """Builds a sentence-transformers model that averages random word vectors."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer, models, pre_tokenizers

    def build(words: Sequence[str], *, width: int = 16, seed: int = 0, **options: Any) -> Any:
        vocabulary = {word: place for place, word in enumerate(["[UNK]", *dict.fromkeys(words)])}
        tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
        tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
        weights = np.random.default_rng(seed).standard_normal((len(vocabulary), width)).astype(np.float32)
        return SentenceTransformer(modules=[StaticEmbedding(tokenizer, weights)], device="cpu", **options)

    return build


@pytest.fixture(scope="session")
def transformer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A sentence-transformers model with a tiny random transformer."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast, XLMRobertaConfig, XLMRobertaModel

    folder = str(tmp_path_factory.mktemp("backbone"))
    tokenizer = Tokenizer(models.WordLevel({"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "red": 4, "blue": 5}, "<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    names = {"unk_token": "<unk>", "pad_token": "<pad>", "bos_token": "<s>", "eos_token": "</s>"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(folder)
    sizes = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}
    XLMRobertaModel(XLMRobertaConfig(vocab_size=6, max_position_embeddings=40, **sizes)).save_pretrained(folder)
    backbone = Transformer(folder)
    return SentenceTransformer(modules=[backbone, Pooling(backbone.get_embedding_dimension())], device="cpu")
