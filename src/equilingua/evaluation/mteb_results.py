"""Our results in the format of mteb, so that its tables can show them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from equilingua.errors import InputError
from equilingua.evaluation.mteb_names import language_scripts, measure_name, revision, subset_name, task_name
from equilingua.evaluation.mteb_tasks import MAIN_SCORE, SPLIT, mteb_module
from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.settings import CROSS_LINGUAL, MULTILINGUAL

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
    model = _model(result.model)
    cache = mteb_module().ResultCache(folder)
    paths = []
    for setting in result.measures:
        task = _task_result(result, setting)
        cache.save_to_cache(task, model)
        paths.append(Path(cache.get_task_result_path(task.task_name, model)))
    return paths


def _model(name: str) -> Any:
    named = name if "/" in name else f"{NO_OWNER}/{name}"
    return mteb_module("mteb.models.model_meta").ModelMeta.create_empty({"name": named})


def _task_result(result: EvaluationResult, setting: str) -> Any:
    mteb = mteb_module()
    return mteb.TaskResult(
        task_name=task_name(result.benchmark, setting),
        dataset_revision=revision(result.provenance.get("data", {})),
        mteb_version=mteb.__version__,
        evaluation_time=None,
        scores={SPLIT: list(_subset_scores(result, setting))},
    )


def _subset_scores(result: EvaluationResult, setting: str) -> Iterator[dict[str, Any]]:
    """What mteb keeps of each subset: its languages and scores."""
    for pair in result.scores:
        if pair.setting == setting:
            subset = subset_name(pair.query_language, pair.corpus_language)
            means = result.per_pair[subset] if setting == CROSS_LINGUAL else result.per_language[setting][subset]
            others = sorted(result.counts["passages"]) if setting == MULTILINGUAL else [pair.corpus_language]
            yield {
                **{measure_name(measure): value for measure, value in means.items()},
                "main_score": means[MAIN_SCORE],
                "hf_subset": subset,
                "languages": language_scripts(pair.query_language, *others),
            }
