"""What a user should be told of how texts were encoded: notes of one sentence each, and texts that were cut."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from equilingua.precision import is_sentence_transformer
from equilingua.retrieval.encoding import EncodeOptions, Role
from equilingua.retrieval.endpoint import EmbeddingsEndpoint
from equilingua.retrieval.vectors import row_blocks
from equilingua.training.models import model_names, model_notes
from equilingua.training.prompts import missing_prompts, unlike_stock

_NOUNS: dict[Role, str] = {"query": "queries", "document": "passages"}

# Every text of so many characters is cut into tokens to count them: a token may be less than a character only where a
# tokenizer spells out what it does not know, by bytes, or expands a ligature, to a few letters.
_TOKENS_A_CHARACTER = 4
_MARKS = 8


def encoding_notes(model: Any, options: EncodeOptions) -> tuple[str, ...]:
    """What is to be known before a model's texts are encoded: how it pools, prompts that are missing or found late.

    Of an endpoint, what its requests ask for beside vectors of texts.
    """
    if isinstance(model, EmbeddingsEndpoint):
        return model.notes
    if not is_sentence_transformer(model):
        return ()
    prompts = options.prompts(model)
    missing = missing_prompts(model_names(model), prompts)
    stock = unlike_stock(model) if options.query_prompt is None and options.passage_prompt is None else ()
    return (*model_notes(model), *([missing] if missing else []), *stock)


@dataclass(frozen=True, slots=True)
class CutTexts:
    """Texts of which a model read only the beginning.

    Attributes:
        tokens: that it reads of a text, with marks and prompt.
        counts: by ``queries`` and ``passages`` the number of cut texts per language; only those where there are any.
        totals: of all texts, likewise.
    """

    tokens: int
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    totals: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        """What results hold: the tokens read, and counts per language."""
        return {"tokens": self.tokens, **self.counts}

    def note(self) -> str:
        """One sentence, where anything was cut.

        >>> CutTexts(512, {"passages": {"th": 3}}, {"passages": {"th": 40}}).note()
        'texts longer than the 512 tokens that the model reads were cut: passages: th 3 of 40'
        """
        listed = (
            f"{noun}: "
            + ", ".join(f"{tag} {count:,} of {self.totals[noun][tag]:,}".strip() for tag, count in own.items())
            for noun, own in self.counts.items()
        )
        return f"texts longer than the {self.tokens:,} tokens that the model reads were cut: {'; '.join(listed)}"


def cut_texts(
    model: Any, texts: Mapping[Role, Mapping[str, Sequence[str]]], options: EncodeOptions = EncodeOptions()
) -> CutTexts | None:
    """How many texts per role and language are longer than the model reads, prompts included.

    None of a model that reads texts whole (a static encoder), or whose tokenizer is not at hand (an endpoint).
    """
    most = getattr(model, "max_seq_length", None)
    tokenizer = getattr(model, "tokenizer", None) if is_sentence_transformer(model) else None
    if most is None or math.isinf(most) or not hasattr(tokenizer, "model_max_length"):
        return None
    prompts = options.prompts(model)
    counts: dict[str, dict[str, int]] = {}
    for role, by_language in texts.items():
        for language, own in by_language.items():
            cut = _longer(tokenizer, [prompts.of(role) + text for text in own], int(most))
            if cut:
                counts.setdefault(_NOUNS[role], {})[language] = cut
    totals = {_NOUNS[role]: {tag: len(own) for tag, own in part.items()} for role, part in texts.items()}
    return CutTexts(int(most), counts, totals)


def _longer(tokenizer: Any, texts: Sequence[str], most: int) -> int:
    """How many of the texts have more tokens than that."""
    doubtful = [text for text in texts if _TOKENS_A_CHARACTER * len(text) + _MARKS > most]
    counted = 0
    for part in row_blocks(len(doubtful)):
        # Told not to be verbose: it would warn of the very lengths that are looked for.
        read = tokenizer(doubtful[part], truncation=False, padding=False, verbose=False)["input_ids"]
        counted += sum(len(ids) > most for ids in read)
    return counted
