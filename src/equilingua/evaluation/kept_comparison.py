"""Comparisons of saved results, computed once: what one command computed, the next takes."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import equilingua.evaluation
import equilingua.statistics
from equilingua.errors import InputError
from equilingua.evaluation.compare import compare, named_results
from equilingua.evaluation.comparison import Comparison
from equilingua.evaluation.result import EvaluationResult
from equilingua.files import cache_folder, content_hash, whole_file
from equilingua.statistics.significance import Margins


def compared_once(
    results: Sequence[tuple[str, EvaluationResult]],
    *,
    measures: Sequence[str] | None,
    margin: Margins | None = None,
    pairwise: bool = False,
    resamples: int = 10_000,
    seed: int = 0,
) -> Comparison:
    """What ``compare`` gives of results under these names, the baseline first.

    It is kept in the package's cache by all that it depends on (the results, the options, the code that computes it),
    so that a report shows the figures that `equilingua compare` printed, and computes none again.

    Raises:
        InputError: as ``compare`` does.
    """
    options: dict[str, Any] = {"measures": measures, "margin": margin, "pairwise": pairwise}
    options |= {"resamples": resamples, "seed": seed}
    digests = [result_digest(result) for _, result in results]
    key = hashlib.sha256(
        json.dumps([digests, options, code_hashes(equilingua.statistics, equilingua.evaluation)], default=dict).encode()
    ).hexdigest()
    path = cache_folder() / "comparisons" / f"{key}.json"
    names = {str(place): name for place, (name, _) in enumerate(results)}
    if (kept := _kept(path)) is not None:
        return _named(kept, names)
    told = named_results([replace(result, model=name) for name, result in results])  # what is refused names them so
    comparison = compare(*told, **options)
    # Kept by their places: names are given when it is shown, and commands name results of one model differently.
    comparison = _named(comparison, {result.model: str(place) for place, result in enumerate(told)})
    with suppress(OSError), whole_file(path) as work:  # not written, it only costs the time of computing again
        work.write_text(json.dumps(asdict(comparison)), encoding="utf-8")
    return _named(comparison, names)


def _named(comparison: Comparison, names: Mapping[str, str]) -> Comparison:
    differences = tuple(
        replace(one, model=names[one.model], against=names[one.against]) for one in comparison.differences
    )
    return replace(comparison, baseline=names[comparison.baseline], differences=differences)


def _kept(path: Path) -> Comparison | None:
    """The comparison in a file; None where there is none, or it is damaged: then it is made anew."""
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(Comparison).validate_python(json.loads(path.read_bytes()))
    except (OSError, ValueError, ValidationError, InputError):
        return None


def result_digest(result: EvaluationResult) -> str:
    """Of the figures that are compared, and of what says whether they may be."""
    digest = hashlib.sha256()
    for pair in result.scores:
        digest.update(repr((pair.setting, pair.query_language, pair.corpus_language, pair.query_ids)).encode())
        for name, values in pair.values.items():
            digest.update(name.encode() + values.tobytes())
    digest.update(repr((result.benchmark, result.languages, result.provenance.get("data"))).encode())
    return digest.hexdigest()


def code_hashes(*packages: ModuleType) -> list[str]:
    """Of the modules that compute what is kept: figures of an older version are not taken for this one's."""
    places = [Path(package.__path__[0]) for package in packages]
    return [content_hash(path) for place in places for path in sorted(place.glob("*.py"))]
