"""What a model's files say it is: one vector a text, or something that is loaded as an encoder and is none.

sentence-transformers puts a mean over tokens on top of nearly anything it can load: a reranker, a classifier or a
language model then gives vectors that nobody trained, and a full table of figures.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from equilingua.errors import InputError

Read = Callable[[str], Any]
"""Gives the content of one of a model's JSON files by its name; None where there is no such file."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a model is, and what could be done with it instead."""

    what: str
    instead: str


_RERANKED = (
    "Rank with an encoder first, rerank its best passages with this model, and evaluate that run (--run); or give the "
    "encoder"
)
_CROSS_ENCODER = _Kind(
    "a cross-encoder (reranker): it scores a query with a passage and has no vector of either", _RERANKED
)
_SPARSE = _Kind(
    "a sparse encoder: it gives a weight for each word of its vocabulary, not a dense vector",
    "Evaluate the run that it makes with an inverted index (--run), or give a dense encoder, bm25 or tfidf",
)
_LATE = _Kind(
    "a late-interaction model (ColBERT): it gives a vector for each token, compared by MaxSim, not one for each text",
    "Evaluate the run that it makes with its own index (--run), or give a model with one vector a text",
)
_LANGUAGE_MODEL = _Kind(
    "a causal language model: it continues texts, and no vector of it was trained to stand for one",
    "Give an embedding model made of it. To train one, save it as a sentence-transformers folder with the pooling you "
    "want (such as Pooling(width, 'lasttoken')), and give that",
)
_SEQ2SEQ = _Kind(
    "an encoder-decoder that writes texts: its vectors are the decoder's",
    "Give a model made for retrieval, or its encoder saved as a sentence-transformers folder",
)
_NO_TEXT = _Kind("not a model of texts", "Give a model that encodes texts")

# By the type that sentence-transformers saves in config_sentence_transformers.json, and by the name of a class.
_BY_TYPE = {"CrossEncoder": _CROSS_ENCODER, "SparseEncoder": _SPARSE, "MultiVectorEncoder": _LATE}

# Parts of the names of modules, in modules.json and in a router's configuration.
_BY_MODULE = {
    "sparse_encoder": _SPARSE,
    "Splade": _SPARSE,
    "SparseStaticEmbedding": _SPARSE,
    "SparseAutoEncoder": _SPARSE,
    "CSRSparsity": _SPARSE,
    "MLMTransformer": _SPARSE,
    "IDF": _SPARSE,
    "cross_encoder": _CROSS_ENCODER,
    "multi_vector": _LATE,
    "pylate": _LATE,
    "ColBERT": _LATE,
}

# What a head on top of a transformer does, by the end of its name.
_HEADS = {
    "ForSequenceClassification": "labels texts, or scores pairs of them (a classifier or reranker)",
    "ForTokenClassification": "labels the tokens of a text",
    "ForQuestionAnswering": "marks an answer in a passage",
    "ForMultipleChoice": "chooses among answers",
    "ForNextSentencePrediction": "tells whether two sentences follow one another",
    "ForImageClassification": "labels images",
    "ForAudioClassification": "labels sounds",
}

# By the task that an adapter of peft was trained for.
_LABELLING = _Kind(
    "an adapter that was trained to label texts: a mean of its tokens was never trained to stand for one",
    "Give an adapter trained for feature extraction, or a model made for retrieval",
)
_BY_TASK = {
    "CAUSAL_LM": _LANGUAGE_MODEL,
    "SEQ_2_SEQ_LM": _SEQ2SEQ,
    "SEQ_CLS": _LABELLING,
    "TOKEN_CLS": _LABELLING,
    "QUESTION_ANS": _LABELLING,
}

# Encoder-decoders of which sentence-transformers loads the encoder alone.
_ENCODER_ALONE = ("t5", "mt5", "umt5")


def check_archetype(name: str, read: Read) -> None:
    """Raise ``InputError``, saying what the model is and what could be done, if it gives no dense vector for a text."""
    kind = _kind(read, module_list(name, read("modules.json")))
    if kind is not None:
        raise _refused(f"model {name!r}", kind)


def check_dense(model: Any) -> None:
    """Raise ``InputError`` likewise for a model object of sentence-transformers."""
    names = [base.__name__ for base in type(model).__mro__ if base.__module__.startswith("sentence_transformers")]
    kind = next((_BY_TYPE[name] for name in names if name in _BY_TYPE), None)
    if kind is None and names and not _gives_one_vector(model):
        kind = _LATE
    if kind is None and names and hasattr(model, "supports") and not model.supports("text"):
        kind = _NO_TEXT
    if kind is not None:
        raise _refused(type(model).__name__, kind)


def check_trainable(model: Any) -> None:
    """Raise ``InputError`` for a router: queries and passages go through other modules, which ``train`` mixes up."""
    if any(type(module).__name__ == "Router" for module in model.children()):
        raise InputError(
            "the model is a router, with other modules for queries than for passages, which a training here would send "
            "all one way. It can be evaluated and searched with; train each side's model by itself, or both by the "
            "trainer of sentence-transformers with its router_mapping"
        )


def is_plain(read: Read) -> bool:
    """Whether a model has no list of sentence-transformers modules, so that a mean over tokens is put on it."""
    return read("modules.json") is None


def module_list(name: str, listed: Any) -> list[dict[str, str]]:
    """What a model's ``modules.json`` lists, each with ``type`` and ``path``; none where there is no such file.

    Raises ``InputError`` if it lists something else.
    """
    if listed is None:
        return []
    modules: list[Any] = listed if isinstance(listed, list) and listed else [None]
    if not all(
        isinstance(module, dict) and isinstance(module.get("type"), str) and "path" in module for module in modules
    ):
        raise InputError(f"model {name!r}: its modules.json lists no modules with type and path. Get the model anew")
    return modules


def _refused(model: str, kind: _Kind) -> InputError:
    return InputError(f"{model} is {kind.what}. {kind.instead}")


def _kind(read: Read, modules: Sequence[Mapping[str, str]]) -> _Kind | None:
    saved_as = _table(read("config_sentence_transformers.json")).get("model_type")
    if saved_as in _BY_TYPE:
        return _BY_TYPE[saved_as]
    if not modules and read("artifact.metadata") is not None:
        return _LATE  # so the authors' own library saves it
    if not modules:
        task = _table(read("adapter_config.json")).get("task_type")
        return _BY_TASK.get(str(task)) or _of_transformer(_table(read("config.json")))
    types = [module["type"] for module in modules]
    for module in modules:
        if module["type"].endswith("Router"):
            router = _table(read("/".join(filter(None, (module["path"], "router_config.json")))))
            types += map(str, _table(router.get("types")).values())
    return next((kind for part, kind in _BY_MODULE.items() if any(part in name for name in types)), None)


def _of_transformer(config: Mapping[str, Any]) -> _Kind | None:
    """What a plain transformers folder holds, by its class and its type; None for an encoder."""
    if not config:
        return None
    classes = [str(name) for name in config.get("architectures") or ()]
    if "sentence_transformers" in config:
        return _CROSS_ENCODER  # so folders of cross-encoders were marked before they had a type
    if any("ColBERT" in name for name in classes):
        return _LATE
    for end, does in _HEADS.items():
        if any(name.endswith(end) for name in classes):
            return _Kind(
                f"{classes[0]}, which {does}: a mean of its tokens was never trained to stand for a text",
                f"{_RERANKED}; or give the model that it was made from"
                if end == "ForSequenceClassification"
                else "Give a model made for retrieval, or the model that it was made from",
            )
    return _of_type(str(config.get("model_type")), classes)


def _of_type(model_type: str, classes: Sequence[str]) -> _Kind | None:
    from transformers.models.auto import modeling_auto as auto

    encoders = {*auto.MODEL_FOR_MASKED_LM_MAPPING_NAMES, "xlnet"}
    causal = auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
    seq2seq = auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES
    if model_type in _ENCODER_ALONE:
        return None
    if model_type in seq2seq:
        return _SEQ2SEQ
    # Encoders can be used as language models too, and say so by their class.
    as_decoder = any(name.endswith(("ForCausalLM", "LMHeadModel")) for name in classes)
    masked = {*auto.MODEL_FOR_MASKED_LM_MAPPING_NAMES.values()}
    if as_decoder and not masked.intersection(classes):
        return _LANGUAGE_MODEL
    return _LANGUAGE_MODEL if model_type in causal and model_type not in encoders else None


def _gives_one_vector(model: Any) -> bool:
    """False where the modules end without anything that makes one vector of a text's tokens."""
    from sentence_transformers.base.modules import Transformer

    names = [type(module).__name__ for module in model.modules()]
    gives = (
        getattr(module, "module_output_name", None) for module in model.modules() if isinstance(module, Transformer)
    )
    return "Pooling" in "".join(names) or all(name != "token_embeddings" for name in gives)


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
