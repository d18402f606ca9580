"""A tiny encoder built from scratch."""

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
