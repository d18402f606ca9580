"""Our results in the format of mteb, so that its tables can show them, and what things are called there."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from equilingua.errors import InputError
from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.settings import MULTILINGUAL

MAIN_SCORE = "mAP"
SPLIT = "test"
_SAME_MEANING = {"mAP": "map", "nDCG": "ndcg", "R": "recall", "MRR": "mrr", "Success": "hit_rate"}

NO_OWNER = "local"
"""Put before the name of a model that has none in front of a slash, because mteb asks for owner/model."""


def to_mteb(result: EvaluationResult, folder: str | Path) -> list[Path]:
    """Write a result as mteb's ``TaskResult`` files, one a setting; gives their paths.

    The folder is laid out as mteb's own cache of results, so that ``mteb.ResultCache(folder).load_results()`` finds
    them under the model's name. Tasks and subsets are named as ``equilingua_tasks`` names them. Measures have mteb's
    names where they are the same (``nDCG@10`` is ``ndcg_at_10``), else ours; the main score is ``mAP`` without cut-off.
    mteb keeps six decimals. Files of the same model and benchmark are replaced.

    Raises:
        InputError: if mteb is not installed, or the result has no ``mAP``.
    """
    if any(MAIN_SCORE not in means for means in result.measures.values()):
        raise InputError(
            f"the result of {result.model!r} on {result.benchmark!r} has no {MAIN_SCORE}, which is the main score of "
            f"its mteb tasks. Evaluate with {MAIN_SCORE} among the measures"
        )
    mteb = mteb_module()
    name = result.model if "/" in result.model else f"{NO_OWNER}/{result.model}"
    model = mteb_module("mteb.models.model_meta").ModelMeta.create_empty({"name": name})
    cache = mteb.ResultCache(folder)
    paths = []
    for setting in result.measures:
        task = mteb.TaskResult(
            task_name=task_name(result.benchmark, setting),
            dataset_revision=revision(result.provenance.get("data", {})),
            mteb_version=mteb.__version__,
            evaluation_time=None,
            scores={SPLIT: list(_subset_scores(result, setting))},
        )
        cache.save_to_cache(task, model)
        paths.append(Path(cache.get_task_result_path(task.task_name, model)))
    return paths


def _subset_scores(result: EvaluationResult, setting: str) -> Iterator[dict[str, Any]]:
    """What mteb keeps of each subset: its languages and scores."""
    for pair in result.scores:
        if pair.setting == setting:
            means = result.means_of(pair)
            others = sorted(result.counts["passages"]) if setting == MULTILINGUAL else [pair.corpus_language]
            yield {
                **{measure_name(measure): value for measure, value in means.items()},
                "main_score": means[MAIN_SCORE],
                "hf_subset": pair.name,
                "languages": language_scripts(pair.query_language, *others),
            }


def task_name(benchmark: str, setting: str) -> str:
    """The name of a benchmark's task, which is also a file's name.

    >>> task_name("xquad-r", "multilingual")
    'xquad-r-multilingual'
    """
    return re.sub(r"[^\w.-]+", "_", f"{benchmark}-{setting}")


def language_scripts(*languages: str) -> list[str]:
    """Languages as ISO 639-3 and script, each once, in the order given; the likely script where the tag has none.

    >>> language_scripts("en", "zh", "pt-BR", "en")
    ['eng-Latn', 'zho-Hans', 'por-Latn']
    """
    import langcodes

    tags = [langcodes.Language.get(language).maximize() for language in languages]
    return list(dict.fromkeys(f"{tag.to_alpha3()}-{tag.script}" for tag in tags))


def revision(hashes: Mapping[str, str]) -> str:
    """One hash for all files of a benchmark, by which mteb tells whether stored scores are still of the same data.

    >>> revision({"en.json": "aa", "de.json": "bb"}) == revision({"de.json": "bb", "en.json": "aa"})
    True
    """
    listing = "\n".join(f"{name} {hashes[name]}" for name in sorted(hashes))
    return hashlib.sha256(listing.encode()).hexdigest()[:40]


def measure_name(measure: str) -> str:
    """The name of a measure in mteb where it has the same one, else ours.

    >>> [measure_name(name) for name in ("nDCG@10", "R@1", "mAP", "rank_distance")]
    ['ndcg_at_10', 'recall_at_1', 'mAP', 'rank_distance']
    """
    kind, _, cut = measure.partition("@")
    return f"{_SAME_MEANING[kind]}_at_{cut}" if kind in _SAME_MEANING and cut.isdigit() else measure


def mteb_module(name: str = "mteb") -> Any:
    """A module of mteb, imported now; raises ``InputError`` if mteb is not installed."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise InputError(
            f"mteb is needed for its tasks and results, but cannot be imported ({error}). Install it with "
            "pip install 'equilingua[mteb]'"
        ) from error
