"""What of a benchmark a model was trained on, as far as the record beside the model lets it be looked up."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.overlap.compare import Overlap, Target, Text, find_overlap, overlap_sentences
from equilingua.retrieval.registry import LEXICAL, VECTORS, is_endpoint
from equilingua.training.record import read_record


def benchmark_target(benchmark: Benchmark) -> Target:
    """The queries and passages of a benchmark, and which of them go together."""
    queries = [
        Text(id_, language, text)
        for language, rows in benchmark.queries.items()
        for id_, text in zip(rows.ids, rows.texts, strict=True)
    ]
    passages = [
        Text(id_, language, text)
        for language, rows in benchmark.corpora.items()
        for id_, text in zip(rows.ids, rows.texts, strict=True)
    ]
    places = {passage.id: place for place, passage in enumerate(passages)}
    relevant = [
        (place, places[passage])
        for place, query in enumerate(queries)
        for passage, grade in benchmark.qrels.get(query.language, {}).get(query.id, {}).items()
        if grade > 0
    ]
    return Target(benchmark.name, queries, passages, relevant)


@dataclass(frozen=True, slots=True)
class TrainedOn:
    """What of a benchmark a model was trained on: what was found in pairs, and what could not be compared, and why."""

    overlaps: tuple[Overlap, ...] = ()
    not_compared: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain values, as results keep them."""
        return {"compared": [asdict(overlap) for overlap in self.overlaps], "not_compared": list(self.not_compared)}

    def sentences(self) -> Iterator[str]:
        """What a table or a page says: first what was found, then what could not be compared."""
        for overlap in self.overlaps:
            yield from overlap_sentences(overlap)
        yield from self.not_compared


def read_trained_on(plain: Any) -> TrainedOn:
    """The record that ``as_json`` gave; one that says so where it was changed and cannot be read."""
    try:
        overlaps = TypeAdapter(tuple[Overlap, ...]).validate_python(plain["compared"])
        return TrainedOn(overlaps, tuple(map(str, plain["not_compared"])))
    except (KeyError, TypeError, ValidationError):
        return TrainedOn(not_compared=("What the model was trained on cannot be read: was the result edited",))


def trained_on(model: Any, benchmark: Benchmark, *, progress: bool = True) -> TrainedOn | None:
    """What of a benchmark a model was trained on, told by the record beside it; None for a retriever without training.

    ``model`` is what ``evaluate`` takes. Pairs are compared as long as the cache or their files hold them as they were;
    of a model that went on from another one, those of both.
    """
    name = _name(model)
    if name is None:
        return None
    target, overlaps, missing = benchmark_target(benchmark), list[Overlap](), list[str]()
    while name is not None:
        record = read_record(name) if Path(name).is_dir() else None
        if record is None:
            missing.append(
                f"{name}: what it was trained on is not known, so nothing was compared with {benchmark.name}"
            )
            break
        pairs = record.data.read()
        if pairs is None:
            missing.append(
                f"{name}: its pairs ({', '.join(record.data.files)}) are not there as they were, so they were not "
                f"compared with {benchmark.name}"
            )
        else:
            overlaps.append(find_overlap(pairs, target, progress=progress))
        start = record.model
        if "weights_sha256" in start:
            missing.append(f"{name}: it went on from a model without a name, whose training data is not known")
        name = start.get("name")
    return TrainedOn(tuple(overlaps), tuple(missing))


def _name(model: Any) -> str | None:
    """The folder or name of a model that can have been trained."""
    if isinstance(model, str | Path):
        spec = str(model)
        return None if spec in LEXICAL or is_endpoint(spec) or spec.startswith(VECTORS) else spec
    card = getattr(model, "model_card_data", None)
    name = getattr(card, "model_id", None) or getattr(card, "base_model", None)
    return None if name is None else str(name)
