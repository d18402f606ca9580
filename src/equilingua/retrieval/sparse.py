"""Pools of passages as sparse vectors of terms."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from equilingua.errors import InputError
from equilingua.retrieval.pool import BLOCK_BYTES, BLOCK_QUERIES, Positions, Vectors

# A score takes 4 bytes in the dense block and 8 in the sparse product it is made of.
SCORE_BYTES = 12


@dataclass(frozen=True, eq=False)
class SparsePool:
    """A pool of term weights, scored by their inner product with a query's terms.

    A passage's score is the sum over the query's terms in one order, the same for all passages: passages with the same
    terms tie exactly.

    Attributes:
        weights: scipy CSR array, shape (terms, passages), float32.
        query_terms: texts to a scipy CSR array of shape (texts, terms), float32.
        bounds: where each corpus starts, and at the end the size of the pool: shape (corpora + 1,).
        absent: what a query term adds to the score of every passage, shape (terms,); None where it is nothing.
    """

    weights: Any
    query_terms: Callable[[Sequence[str]], Any]
    bounds: Positions
    absent: Vectors | None = None

    @property
    def size(self) -> int:
        """Number of passages."""
        return int(self.bounds[-1])

    def corpus(self, index: int) -> slice:
        """Positions of one corpus in the pool."""
        return slice(int(self.bounds[index]), int(self.bounds[index + 1]))

    def scores(self, queries: Sequence[str]) -> Vectors:
        """Scores of every passage, shape (queries, size), float32; 0 for all where no term of a query is known."""
        terms = self.query_terms(queries)
        scores: Vectors = (terms @ self.weights).toarray()
        if self.absent is not None:
            scores += (terms @ self.absent)[:, None]
        return scores

    def blocks(self, queries: Sequence[str]) -> Iterator[tuple[slice, Vectors]]:
        """Scores of a few queries at a time, with the rows they are for; memory stays near ``BLOCK_BYTES``."""
        rows = max(1, min(BLOCK_QUERIES, BLOCK_BYTES // (SCORE_BYTES * max(1, self.size))))
        for start in range(0, len(queries), rows):
            part = slice(start, min(start + rows, len(queries)))
            yield part, self.scores(queries[part])


def laid_out(corpora: Sequence[Sequence[str]]) -> tuple[list[str], Positions]:
    """All passages, corpus by corpus, and the bounds of the corpora.

    >>> laid_out([["a", "b"], ["c"]])
    (['a', 'b', 'c'], array([0, 2, 3]))
    """
    texts = [text for corpus in corpora for text in corpus]
    return texts, np.cumsum([0, *(len(corpus) for corpus in corpora)], dtype=np.int64)


def counted(texts: Sequence[Sequence[int]], terms: int) -> Any:
    """How often each term stands in each text: a scipy CSR array of shape (texts, terms), float32.

    >>> counted([[1, 1, 0], []], 3).toarray().tolist()
    [[1.0, 2.0, 0.0], [0.0, 0.0, 0.0]]
    """
    from scipy.sparse import csr_array

    ends = np.cumsum([0, *(len(text) for text in texts)])
    numbers = np.fromiter((term for text in texts for term in text), dtype=np.int64, count=int(ends[-1]))
    counts = csr_array((np.ones(len(numbers), dtype=np.float32), numbers, ends), shape=(len(texts), terms))
    counts.sum_duplicates()
    return counts


def check_terms(terms: int, name: str) -> None:
    """Refuse a pool without a single term, in which nothing can be found.

    Raises:
        InputError: naming the retriever.
    """
    if not terms:
        raise InputError(f"{name}: no passage holds a letter or digit, so there is nothing to search")
