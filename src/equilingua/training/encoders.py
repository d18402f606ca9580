"""Encoders from scratch: sentence-transformers models built from nothing but the texts of the pairs."""

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from equilingua.errors import InputError
from equilingua.training.tokenizers import UNKNOWN_TOKEN, train_tokenizer

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast


# AdamW moves a weight by about the learning rate whatever its size, so small initial weights learn in fewer steps
# than those of StaticEmbedding, whose deviation is 1; too small ones leave rare names, which are moved least, without a
# say in the mean. Chosen on held-out SQuAD dev items, by the three settings' mAP of X-Y and Hybrid.
_STATIC_DEVIATION = 0.05

_START, _PAD, _END, _MASK = "<s>", "<pad>", "</s>", "<mask>"
_SPECIAL = (_START, _PAD, _END, UNKNOWN_TOKEN, _MASK)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticSpec:
    """A static encoder to build from the training texts: a mean of random token vectors, compared by cosine.

    Attributes:
        dimension: of the vectors.
        vocabulary: the most tokens.

    Raises:
        InputError: if a number is not positive.

    Source: ``StaticEmbedding`` of sentence-transformers; Aarsen 2025, "Train 400x faster Static Embedding Models".
    """

    dimension: int = 256
    vocabulary: int = 64_000

    def __post_init__(self) -> None:
        _check_positive(self, "dimension", "vocabulary")


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformerSpec:
    """A small transformer with random weights to build from the training texts, shaped like XLM-R.

    Its vectors are means over tokens, compared by cosine.

    Attributes:
        layers: transformer layers.
        width: of the vectors, a multiple of ``heads``.
        heads: attention heads.
        vocabulary: the most tokens.
        max_length: tokens read of a text, with its start and end marks.
        attention_dropout: 0 by default: with dropout, attention on a CPU leaves its fused kernel for a path several
            times slower.

    Raises:
        InputError: if a number is not positive, or the width is not a multiple of the heads.

    Source: Conneau et al. 2020, XLM-R (arXiv 1911.02116), for the shape; Reimers and Gurevych 2019 (arXiv 1908.10084)
    for the mean over tokens.
    """

    layers: int = 4
    width: int = 256
    heads: int = 4
    vocabulary: int = 32_000
    max_length: int = 128
    attention_dropout: float = 0.0

    def __post_init__(self) -> None:
        if self.heads > 0 and self.width % self.heads:
            raise InputError(f"width: {self.width} is not a multiple of the {self.heads} heads")
        _check_positive(self, "layers", "width", "heads", "vocabulary", "max_length")


EncoderSpec = StaticSpec | TransformerSpec


def _check_positive(spec: EncoderSpec, *names: str) -> None:
    for name in names:
        if (number := getattr(spec, name)) < 1:
            raise InputError(f"{name}: {number} is not a positive number")


def build_encoder(spec: EncoderSpec, texts: Iterable[str], *, seed: int) -> "SentenceTransformer":
    """The encoder a specification describes, its tokenizer trained on the texts.

    Args:
        spec: what to build.
        texts: what the tokenizer is trained on.
        seed: of the initial weights; the caller's random state is left as it was.

    Raises:
        InputError: if there is no text, or the vocabulary has no room.
    """
    return _static(spec, texts, seed) if isinstance(spec, StaticSpec) else _transformer(spec, texts, seed)


def _static(spec: StaticSpec, texts: Iterable[str], seed: int) -> "SentenceTransformer":
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    tokenizer = train_tokenizer(texts, spec.vocabulary)
    generator = torch.Generator().manual_seed(seed)
    vectors = torch.normal(0.0, _STATIC_DEVIATION, (tokenizer.get_vocab_size(), spec.dimension), generator=generator)
    module = StaticEmbedding(tokenizer, embedding_weights=vectors)
    return SentenceTransformer(modules=[module], similarity_fn_name="cosine", device="cpu")


def _transformer(spec: TransformerSpec, texts: Iterable[str], seed: int) -> "SentenceTransformer":
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import XLMRobertaConfig, XLMRobertaModel

    tokenizer = _framed(train_tokenizer(texts, spec.vocabulary, special_tokens=_SPECIAL), spec.max_length)
    config = XLMRobertaConfig(
        vocab_size=len(tokenizer),
        hidden_size=spec.width,
        num_hidden_layers=spec.layers,
        num_attention_heads=spec.heads,
        intermediate_size=4 * spec.width,
        # Positions start behind the padding token's id.
        max_position_embeddings=spec.max_length + tokenizer.pad_token_id + 1,
        type_vocab_size=1,
        attention_probs_dropout_prob=spec.attention_dropout,
        bos_token_id=tokenizer.bos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = XLMRobertaModel(config)
    # The module has no way in but from a folder.
    with tempfile.TemporaryDirectory() as folder:
        network.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        module = Transformer(folder, max_seq_length=spec.max_length)
    pooling = Pooling(spec.width, pooling_mode="mean")
    return SentenceTransformer(modules=[module, pooling], similarity_fn_name="cosine", device="cpu")


def _framed(tokenizer: "Tokenizer", max_length: int) -> "PreTrainedTokenizerFast":
    """The tokenizer as transformers wants it, with a start and an end mark around each text."""
    from tokenizers import processors
    from transformers import PreTrainedTokenizerFast

    marks = [(token, tokenizer.token_to_id(token)) for token in (_START, _END)]
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{_START} $A {_END}", special_tokens=marks)
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        model_max_length=max_length,
        bos_token=_START,
        cls_token=_START,
        eos_token=_END,
        sep_token=_END,
        pad_token=_PAD,
        unk_token=UNKNOWN_TOKEN,
        mask_token=_MASK,
    )
