"""Encoders from scratch: sentence-transformers models built from nothing but the texts of the pairs."""

import tempfile
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from equilingua.config import Config
from equilingua.training.tokens import UNKNOWN_TOKEN, train_tokenizer

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast


# AdamW moves a weight by about the learning rate whatever its size, so small initial weights learn in fewer steps
# than those of StaticEmbedding, whose deviation is 1; too small ones leave rare names, which are moved least, without a
# say in the mean. Chosen on held-out SQuAD dev items, by the three settings' mAP of X-Y and Hybrid.
_STATIC_DEVIATION = 0.05

# The paper's. A model that is built has no other prompts to keep.
_PROMPTS = {"query": "Query: ", "document": "Passage: "}

_START, _PAD, _END, _MASK = "<s>", "<pad>", "</s>", "<mask>"
_SPECIAL = (_START, _PAD, _END, UNKNOWN_TOKEN, _MASK)


class StaticSpec(Config):
    """A static encoder to build from the training texts: a mean of random token vectors, compared by cosine.

    Source: ``StaticEmbedding`` of sentence-transformers; Aarsen 2025, "Train 400x faster Static Embedding Models".
    """

    from_scratch: Literal["static"] = Field("static", repr=False)
    """What is built."""

    dimension: int = Field(256, ge=1)
    """Size of the vectors."""

    vocabulary: int = Field(64_000, ge=1)
    """The most tokens."""

    why_not: ClassVar[Mapping[str, str]] = {"max_length": "a static encoder reads whole texts"}


class TransformerSpec(Config):
    """A small transformer with random weights to build from the training texts, shaped like XLM-R.

    Its vectors are means over tokens, compared by cosine; its prompts are the paper's, ``Query: `` and ``Passage: ``.

    Source: Conneau et al. 2020, XLM-R (arXiv 1911.02116), for the shape; Reimers and Gurevych 2019 (arXiv 1908.10084)
    for the mean over tokens.
    """

    from_scratch: Literal["transformer"] = Field("transformer", repr=False)
    """What is built."""

    layers: int = Field(4, ge=1)
    """Transformer layers."""

    width: int = Field(256, ge=1)
    """Size of the vectors, a multiple of ``heads``."""

    heads: int = Field(4, ge=1)
    """Attention heads."""

    vocabulary: int = Field(32_000, ge=1)
    """The most tokens."""

    max_length: int = Field(128, ge=4)
    """Tokens read of a text, with its start and end marks."""

    attention_dropout: float = Field(0.0, ge=0, lt=1)
    """With dropout, attention on a CPU leaves its fused kernel for a path several times slower."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.width % self.heads:
            raise ValueError(f"width: {self.width} is not a multiple of the {self.heads} heads")
        return self


EncoderSpec = StaticSpec | TransformerSpec


def _says_what_is_built(table: Any) -> Any:
    if isinstance(table, Mapping) and "from_scratch" not in table:
        raise ValueError(
            "from_scratch is missing (--from-scratch static or transformer); a pretrained model has its shape"
        )
    return table


EncoderTable = Annotated[
    Annotated[StaticSpec, Tag("static")] | Annotated[TransformerSpec, Tag("transformer")],
    Discriminator("from_scratch"),
    BeforeValidator(_says_what_is_built),
]
"""The table ``[encoder]`` of a configuration."""


def give_unit_length(model: "SentenceTransformer") -> None:
    """End a model in a Normalize module: what is stored and searched elsewhere expects vectors of unit length."""
    from sentence_transformers.base.modules import Normalize

    if not isinstance(model[-1], Normalize):
        model.append(Normalize())


def build_encoder(spec: EncoderSpec, texts: Iterable[str], *, seed: int) -> "SentenceTransformer":
    """The encoder a specification describes, its tokenizer trained on the texts.

    The seed is of the initial weights; the caller's random state is left as it was.

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
    # Given a width instead of weights it would draw its own, from the global generator.
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
    # transformers takes no generator: its layers draw from the global one, which is given back as it was.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = XLMRobertaModel(config)
    # The module has no way in but from a folder.
    with tempfile.TemporaryDirectory() as folder:
        network.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        module = Transformer(folder, max_seq_length=spec.max_length)
    pooling = Pooling(spec.width, pooling_mode="mean")
    return SentenceTransformer(
        modules=[module, pooling], prompts=dict(_PROMPTS), similarity_fn_name="cosine", device="cpu"
    )


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
