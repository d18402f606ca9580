"""Centring: the mean vector of each language taken off, so that vectors tell less of the language they are in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from equilingua.errors import InputError, did_you_mean, foreign_errors
from equilingua.evaluation.scorer import BenchmarkVectors, encoded
from equilingua.files import existing_file, whole_file
from equilingua.languages import language_tag
from equilingua.pairs.store import ParallelPairs
from equilingua.retrieval.encoding import EncodeOptions, Role
from equilingua.retrieval.registry import retriever
from equilingua.retrieval.vectors import Vectors, as_vectors

Vector = npt.NDArray[np.float32]

_SIDES: dict[Role, str] = {"query": "query", "document": "passage"}


@dataclass(frozen=True, slots=True, eq=False)
class LanguageMeans:
    """Where each language's texts lie on average, queries and passages apart.

    Attributes:
        queries: per language the mean of its queries' vectors, shape (width,), float32.
        passages: that of its passages' vectors.
        query_texts: per language the texts that the mean is of; 0, with a mean of zeros, where no token was known.
        passage_texts: those of passages.
        similarity: of the model: cosine (the vectors averaged are of unit length) or dot (they are as they come).
    """

    queries: Mapping[str, Vector]
    passages: Mapping[str, Vector]
    query_texts: Mapping[str, int]
    passage_texts: Mapping[str, int]
    similarity: str

    def save(self, path: str | Path) -> Path:
        """Write one file of plain arrays, whole or not at all; raises ``InputError`` if it does not end in ``.npz``."""
        path = Path(path)
        if path.suffix != ".npz":
            raise InputError(f"{path}: means are written to a file that ends in .npz")
        arrays = {"similarity": np.array(self.similarity)}
        for side, means, texts in (
            ("query", self.queries, self.query_texts),
            ("passage", self.passages, self.passage_texts),
        ):
            arrays[f"{side}_languages"] = np.array(list(means), dtype=str)
            arrays[f"{side}_means"] = np.array(list(means.values()), dtype=np.float32)
            arrays[f"{side}_texts"] = np.array([texts[language] for language in means], dtype=np.int64)
        with whole_file(path) as work:
            np.savez(work, allow_pickle=False, **arrays)
        return path

    @classmethod
    def load(cls, path: str | Path) -> "LanguageMeans":
        """The means that ``save`` wrote, nothing being run; raises ``InputError`` if the file is missing or another."""
        path = existing_file(path)
        wrong, anew = "holds no means that LanguageMeans.save wrote", "Take them anew with language_means"
        # A pickled array may run code as it is read.
        with foreign_errors(wrong, place=path, advice=anew), np.load(path, allow_pickle=False) as arrays:
            sides = [_read_side(arrays, side) for side in ("query", "passage")]
            similarity = str(arrays["similarity"])
        (queries, query_texts), (passages, passage_texts) = sides
        return cls(queries, passages, query_texts, passage_texts, similarity)


def _read_side(arrays: Any, side: str) -> tuple[dict[str, Vector], dict[str, int]]:
    languages = [str(language) for language in arrays[f"{side}_languages"]]
    means = zip(languages, arrays[f"{side}_means"], strict=True)
    texts = zip(languages, arrays[f"{side}_texts"].tolist(), strict=True)
    return dict(means), dict(texts)


def language_means(
    model: Any,
    pairs: ParallelPairs,
    *,
    languages: Sequence[str],
    texts: int = 2000,
    seed: int,
    options: EncodeOptions = EncodeOptions(),
) -> LanguageMeans:
    """The mean vectors of a sample of the pairs' texts; a language with texts on one side only gets that mean only.

    The pairs are put in one random order, and each language gives the first texts it has in it: where pairs are in all
    languages, the means are over translations, and differ by language alone. A text that several pairs share counts
    each time it is drawn; one without a known token, whose vector is zero, counts as none. The pairs are usually those
    that the model was trained on; never the benchmark's own texts.

    Raises:
        InputError: if no language is named, languages have no text in the pairs, ``texts`` is below 1, or the model
            cannot encode.
    """
    tags = _checked_languages(languages, pairs)
    if texts < 1:
        raise InputError(f"texts: {texts} is too few to take a mean of; give at least 1, 2000 is usual")
    model = retriever(model) if isinstance(model, str | Path) else model
    # One order for all languages, so that pairs in all of them give translations of the same texts.
    ranks = np.random.default_rng(seed).permutation(len(pairs))
    means: dict[str, dict[str, Vector]] = {}
    counts: dict[str, dict[str, int]] = {}
    for role, side in _SIDES.items():
        sampled = {tag: _sampled(pairs, side, tag, ranks=ranks, most=texts) for tag in tags}
        sampled = {tag: drawn for tag, drawn in sampled.items() if drawn}
        vectors = encoded(model, sampled, role, options) if sampled else {}
        # A text without a known token has a vector of zeros, which says nothing of where its language lies.
        counts[side] = {tag: int(np.any(rows, axis=1).sum()) for tag, rows in vectors.items()}
        means[side] = {
            # Summed in float64: thousands of float32 summands would cost the mean its last digits.
            tag: (rows.sum(axis=0, dtype=np.float64) / max(counts[side][tag], 1)).astype(np.float32)
            for tag, rows in vectors.items()
        }
    return LanguageMeans(
        queries=means["query"],
        passages=means["passage"],
        query_texts=counts["query"],
        passage_texts=counts["passage"],
        similarity=options.similarity_of(model),
    )


def _checked_languages(languages: Sequence[str], pairs: ParallelPairs) -> list[str]:
    if isinstance(languages, str) or not languages:
        raise InputError(f"languages: give a list such as ['en', 'de'], not {languages!r}")
    tags = [language_tag(language) for language in languages]
    missing = sorted(set(tags) - set(pairs.languages))
    if missing:
        raise InputError(f"the pairs have no text in {', '.join(missing)}. {did_you_mean(missing[0], pairs.languages)}")
    return tags


def centred(vectors: BenchmarkVectors, means: LanguageMeans) -> BenchmarkVectors:
    """The vectors less the mean of their language and role, of unit length again where the similarity is cosine.

    A vector of zeros (a text without known tokens) stays zero, as it would otherwise point away from its language's
    mean. ``evaluate`` takes what is returned as the model.

    Raises:
        InputError: if a language has no mean, or the means are of another width or similarity than the vectors.

    Source: Libovicky, Rosa and Fraser 2020, "On the Language Neutrality of Pre-trained Multilingual Representations"
    (arXiv 2004.05160), which centres the representations of each language. Yang et al. 2021 (arXiv 2109.04727) project
    out the principal components of each language instead.
    """
    if vectors.similarity != means.similarity:
        raise InputError(
            f"the vectors of {vectors.model!r} are for {vectors.similarity}, the means for {means.similarity}. Take "
            "both from the same model"
        )
    return replace(
        vectors,
        queries=dict(_shifted(vectors.queries, means.queries, "query", vectors.similarity)),
        passages=dict(_shifted(vectors.passages, means.passages, "passage", vectors.similarity)),
        model=f"{vectors.model} (centred)",
    )


def _shifted(
    vectors: Mapping[str, Vectors], means: Mapping[str, Vector], side: str, similarity: str
) -> Iterator[tuple[str, Vectors]]:
    missing = sorted(set(vectors) - set(means))
    if missing:
        raise InputError(
            f"no mean of {side} vectors in {', '.join(missing)}. {did_you_mean(missing[0], means)} Name the language "
            "in language_means, with pairs that have it on this side"
        )
    for language, rows in vectors.items():
        mean = means[language]
        if rows.shape[1:] != mean.shape:
            raise InputError(
                f"{side} vectors of {language!r} have width {rows.shape[1]}, their mean {len(mean)}. Take both from "
                "the same model"
            )
        known = np.any(rows, axis=1, keepdims=True)
        shifted = np.where(known, rows - mean, np.float32(0))
        names = [f"row {row}" for row in range(len(rows))]
        yield language, as_vectors(shifted, names, f"centred {side} vectors of {language!r}", similarity=similarity)


def _sampled(pairs: ParallelPairs, side: str, language: str, *, ranks: npt.NDArray[np.int64], most: int) -> list[str]:
    """The texts of a language on a side (query or passage) whose pairs come first, in their order."""
    index = pairs.index
    ranges = [
        np.arange(begin, end)
        for profile, begin, end in zip(index.profiles, index.offsets[:-1], index.offsets[1:], strict=True)
        if language in (profile.query_languages if side == "query" else profile.passage_languages)
    ]
    if not ranges:
        return []
    positions = np.concatenate(ranges)
    first = positions[np.argsort(ranks[positions])[:most]]
    return [part.text(side, language, row) for part, row in pairs.locate(first.tolist())]
