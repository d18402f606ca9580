"""What a search of a corpus found, and its file: a TREC run."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from equilingua.errors import InputError
from equilingua.evaluation.trec import run_lines, strictly_decreasing
from equilingua.files import check_place, whole_file
from equilingua.retrieval.search import Hits
from equilingua.tables import value_text


@dataclass(frozen=True, slots=True)
class IndexQuality:
    """What an approximate index finds of the exact result.

    Attributes:
        found: mean share of a query's exact best that it found, from 0 to 1.
        interval: its 95 % bootstrap interval over queries; None for a single query.
        queries: by how many it was measured.
    """

    found: float
    interval: tuple[float, float] | None
    queries: int

    def __str__(self) -> str:
        """The share with its interval."""
        return f"finds {value_text(self.found, self.interval)} of the exact result (queries measured: {self.queries:,})"


@dataclass(frozen=True, eq=False)
class SearchRun:
    """The best passages of every query.

    Attributes:
        model: what ranked them.
        query_ids: in the order of their files.
        passage_ids: in corpus order.
        found: positions of passages and their scores, one row a query; -1 and minus infinity where too few were found.
        quality: of an approximate index; None where all passages were looked at.
        provenance: options, hashes of the files, versions, hardware and command.
    """

    model: str
    query_ids: tuple[str, ...]
    passage_ids: tuple[str, ...]
    found: Hits
    quality: IndexQuality | None
    provenance: dict[str, Any]

    def save(self, path: Path, *, overwrite: bool = False) -> None:
        """Write the run, and beside it ``NAME.json`` that says how it was made; each whole or not at all.

        trec_eval ranks by score alone: a score that is not below the one before it is lowered to the next smaller
        float32, so that the file ranks as this package does.

        Raises:
            InputError: if a file is there that is not to be overwritten.
        """
        check_run(path, overwrite=overwrite)
        with whole_file(about(path)) as work:
            work.write_text(json.dumps(self.to_dict(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        ids = np.array(self.passage_ids, dtype=object)
        with whole_file(path) as work, work.open("w", encoding="utf-8") as file:
            for query, positions, scores in zip(
                self.query_ids, self.found.positions, strictly_decreasing(self.found.scores), strict=True
            ):
                file.writelines(run_lines(query, ids[positions], scores))

    def to_dict(self) -> dict[str, Any]:
        """How the run was made and what was lost, as it is written to JSON."""
        return {
            "model": self.model,
            "queries": len(self.query_ids),
            "passages": len(self.passage_ids),
            "depth": self.found.positions.shape[1],
            "quality": None if self.quality is None else asdict(self.quality),
            "provenance": self.provenance,
        }

    def __str__(self) -> str:
        """One line on what was searched, and one on what an approximate index loses."""
        counts = f"queries {len(self.query_ids):,}, passages {len(self.passage_ids):,}"
        searched = f"{self.model}: the best {self.found.positions.shape[1]:,} a query; {counts}"
        index = self.provenance["options"]["index"]
        return f"{searched}, all looked at" if self.quality is None else f"{searched}\nindex {index} {self.quality}"


def about(path: Path) -> Path:
    """The file beside a run that says how it was made."""
    return path.with_name(f"{path.name}.json")


def check_run(path: Path, *, overwrite: bool) -> None:
    """Refuse a place that must not be written to, best before hours of work.

    Raises:
        InputError: if a folder is there, or a file that is not to be overwritten, or nothing can be written there.
    """
    for file in [path] if path.is_dir() else [path, about(path)]:
        if file.is_dir():
            raise InputError(f"{file}: is a folder; give a file, such as {file / 'run.trec'}")
        if file.exists() and not overwrite:
            raise InputError(f"{file}: is there already. Give another name, or --overwrite to replace it")
    check_place(path)
