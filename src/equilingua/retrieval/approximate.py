"""The best passages of many queries by faiss: faster than looking at all passages, and some are missed.

How many are missed depends on the vectors, so it is measured: ``share_found`` against ``search``.
"""

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt

from equilingua.errors import InputError, did_you_mean
from equilingua.progress import track
from equilingua.retrieval.lengths import check_products, longest
from equilingua.retrieval.ranking import NO_PASSAGE
from equilingua.retrieval.search import QUERY_ROWS, Hits, exact_scores
from equilingua.retrieval.vectors import Vectors, row_blocks

KINDS = ("hnsw", "ivf")
# What passages are held as, and what faiss calls it.
STORED = {"float32": "Flat", "float16": "SQfp16", "int8": "SQ8"}

# Of HNSW: neighbours a passage has in the graph, and candidates looked at for a query (or as many as are wanted).
LINKS = 32
LEAST_LOOKED_AT = 128

# Of IVF: lists a root of the number of passages, the share of them a query looks at (but some at least), and passages
# that teach a list.
LISTS_A_ROOT = 4
SHARE_LOOKED_AT = 32
LEAST_LISTS = 8
TAUGHT_BY = 40

# Passages that teach int8 its range.
LEAST_TAUGHT_BY = 16_384


@dataclass(frozen=True, eq=False)
class ApproximateIndex:
    """A faiss index of passages, in memory, beside the vectors it was made of.

    Attributes:
        index: that of faiss.
        vectors: shape (passages, width), float32 or float16; may be memory-mapped: only what was found is read.
        longest: the greatest length of a vector.
    """

    index: Any
    vectors: npt.NDArray[Any]
    longest: float

    @classmethod
    def of(cls, vectors: npt.NDArray[Any], kind: str, *, stored: str = "float32", seed: int = 0) -> "ApproximateIndex":
        """The index of these passages, added a few thousand at a time.

        An IVF index is the same for the same seed. An HNSW index is, if it is built in one thread
        (``OMP_NUM_THREADS=1``).

        Args:
            vectors: shape (passages, width), float32 or float16.
            kind: ``hnsw``, a graph of neighbours, or ``ivf``, lists around centres.
            stored: how the index holds them: ``float32``, ``float16`` or ``int8``.
            seed: of the passages that teach an IVF index its centres, and int8 its range.

        Raises:
            InputError: if faiss is not installed, or a name is unknown, or a vector is not finite.
        """
        check_index(kind, stored)
        greatest = longest(vectors, "passages")
        index = _empty_index(vectors.shape, kind, stored)
        if not index.is_trained:
            # A graph has nothing to learn; IVF's centres and int8's range do.
            index.train(_sample(vectors, max(LEAST_TAUGHT_BY, getattr(index, "nlist", 0) * TAUGHT_BY), seed))
        for part in track(list(row_blocks(len(vectors))), "Indexing passages"):
            index.add(np.ascontiguousarray(vectors[part], dtype=np.float32))
        return cls(index, vectors, greatest)

    def search(self, queries: Vectors, depth: int) -> Hits:
        """The best passages that the index finds for each query, by their exact scores: equal ones by position.

        Args:
            queries: shape (queries, width), float32.
            depth: passages wanted a query; all if there are fewer. Where less is found, the last positions are -1 and
                their scores minus infinity.

        Raises:
            InputError: if a query is not finite, or products leave the range of float32.
        """
        check_products(longest(queries, "queries"), self.longest)
        depth = min(depth, len(self.vectors))
        if hasattr(self.index, "hnsw"):
            self.index.hnsw.efSearch = max(LEAST_LOOKED_AT, depth)
        hits = Hits(np.empty((len(queries), depth), np.int64), np.empty((len(queries), depth), np.float32))
        for part in track(list(row_blocks(len(queries), QUERY_ROWS)), "Searching passages"):
            tile = np.ascontiguousarray(queries[part], dtype=np.float32)
            _, positions = self.index.search(tile, depth)
            rows, columns = np.nonzero(positions != NO_PASSAGE)
            scores = np.full(positions.shape, -np.inf, dtype=np.float32)
            scores[rows, columns] = exact_scores(tile, self.vectors, rows, positions[rows, columns])
            # faiss has ranked by its own scores, of quantised vectors perhaps.
            order = np.lexsort((positions, -scores), axis=1)
            hits.positions[part] = np.take_along_axis(positions, order, axis=1)
            hits.scores[part] = np.take_along_axis(scores, order, axis=1)
        return hits


def check_index(kind: str, stored: str, *, others: tuple[str, ...] = ()) -> None:
    """Refuse an index that cannot be built, best before passages are encoded.

    Names are as ``ApproximateIndex.of`` takes them; ``others`` are ways to search that need no faiss. Raises
    ``InputError`` if a name is unknown, or faiss is not installed.
    """
    if stored not in STORED:
        raise InputError(f"unknown vector dtype {stored!r} of passages. {did_you_mean(stored, STORED)}")
    if kind not in (*others, *KINDS):
        raise InputError(f"unknown index {kind!r}. {did_you_mean(kind, (*others, *KINDS))}")
    if kind not in others and find_spec("faiss") is None:
        raise InputError(
            f"index {kind!r} needs faiss, which is not installed: pip install 'equilingua[faiss]', or search exactly"
        )


def share_found(hits: Hits, exact: Hits) -> npt.NDArray[np.float64]:
    """The share of each query's ``exact`` best (of ``search``) that was found, from 0 to 1, shape (queries,).

    A passage that scores as high as the last of the exact best counts, whichever of equal ones it is.
    """
    shares: npt.NDArray[np.float64] = (hits.scores >= exact.scores[:, -1:]).mean(axis=1)
    return shares


def _empty_index(shape: tuple[int, ...], kind: str, stored: str) -> Any:
    """An index for so many passages of this width, still to be taught and filled."""
    import faiss

    passages, width = shape
    lists = max(1, min(int(LISTS_A_ROOT * passages**0.5), passages // TAUGHT_BY))
    structure = f"HNSW{LINKS}" if kind == "hnsw" else f"IVF{lists}"
    index: Any = faiss.index_factory(width, f"{structure},{STORED[stored]}", faiss.METRIC_INNER_PRODUCT)
    if kind == "ivf":
        index.nprobe = max(LEAST_LISTS, lists // SHARE_LOOKED_AT)
    return index


def _sample(vectors: npt.NDArray[Any], rows: int, seed: int) -> Vectors:
    """So many passages, or all if there are fewer, by position."""
    chosen = np.random.default_rng(seed).choice(len(vectors), min(rows, len(vectors)), replace=False)
    return np.ascontiguousarray(vectors[np.sort(chosen)], dtype=np.float32)
