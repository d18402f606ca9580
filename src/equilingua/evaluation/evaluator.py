"""Evaluation inside a sentence-transformers training script."""

from collections.abc import Sequence
from typing import Any

from sentence_transformers.base.evaluation import BaseEvaluator

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.errors import InputError
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.overlap import TrainedOn
from equilingua.evaluation.settings import MULTILINGUAL, SETTINGS, language_pairs
from equilingua.metrics.naming import DEFAULT_MEASURES, LOWER_IS_BETTER, parse_metric


class EquilinguaEvaluator(BaseEvaluator):
    """All settings of a benchmark as one evaluator, for ``SentenceTransformerTrainer(evaluator=...)``.

    Calling it gives macro means with keys such as ``xquad-r_multilingual_mAP``. To keep the best checkpoint, set
    ``load_best_model_at_end=True`` and ``metric_for_best_model=evaluator.primary_metric`` in the training arguments
    (and ``greater_is_better=evaluator.greater_is_better``, which matters for rank distance).

    Args:
        benchmark: as ``load_benchmark`` gives it.
        settings: those to evaluate.
        measures: their names; the default ones if not given.
        primary: setting and measure to choose checkpoints by; if not given, mAP of the multilingual setting, or of the
            first that there is where all passages are in one language.
        name: in front of every key; the benchmark's if not given.
        batch_size: texts a forward pass.
        precision: of the encoder: auto, fp32 or bf16.
        query_prompt: put before every query, instead of the model's own; an empty text for none.
        passage_prompt: put before every passage, likewise.
        truncate_dim: vectors are cut to their first so many dimensions.
        similarity: ``cosine`` or ``dot``, instead of the model's own.

    Raises:
        InputError: if a measure is unknown, or the primary one is not among those evaluated.
    """

    def __init__(
        self,
        benchmark: Benchmark,
        *,
        settings: Sequence[str] = SETTINGS,
        measures: Sequence[str] = DEFAULT_MEASURES,
        primary: tuple[str, str] | None = None,
        name: str | None = None,
        batch_size: int = 64,
        precision: str = "auto",
        query_prompt: str | None = None,
        passage_prompt: str | None = None,
        truncate_dim: int | None = None,
        similarity: str | None = None,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        held = (sorted(benchmark.queries), benchmark.passage_languages)
        told = [setting for setting in settings if language_pairs(setting, *held)]
        usual = MULTILINGUAL if len(benchmark.corpora) > 1 or not told else told[0]
        setting, measure = primary or (usual, "mAP")
        if setting not in told or measure not in measures:
            raise InputError(
                f"primary {setting} {measure} is not evaluated: settings are {', '.join(told) or 'none'}, measures "
                f"{', '.join(measures)}. Pass primary=(setting, measure) of those"
            )
        for wanted in measures:
            parse_metric(wanted)
        self.benchmark = benchmark
        self.name = name or benchmark.name
        self.options: dict[str, Any] = {
            "settings": tuple(settings),
            "measures": tuple(measures),
            "batch_size": batch_size,
            "precision": precision,
            "query_prompt": query_prompt,
            "passage_prompt": passage_prompt,
            "truncate_dim": truncate_dim,
            "similarity": similarity,
        }
        self.primary_metric = f"{self.name}_{setting}_{measure}"
        self.greater_is_better = measure not in LOWER_IS_BETTER

    def __call__(
        self, model: Any, output_path: str | None = None, epoch: float = -1, steps: int = -1
    ) -> dict[str, float]:
        """Macro means of the model, by ``<name>_<setting>_<measure>``; ``output_path`` is not written to."""
        del output_path
        # Without intervals: nobody reads them during training, and they take half of the time of a static model.
        result = evaluate(model, self.benchmark, resamples=0, training=TrainedOn(), **self.options)
        metrics = {
            f"{self.name}_{setting}_{measure}": value
            for setting, means in result.measures.items()
            for measure, value in means.items()
        }
        # First, because sentence-transformers' SequentialEvaluator takes the first value for the evaluator's score.
        primary = str(self.primary_metric)
        metrics = {primary: metrics[primary], **metrics}
        # The trainer gives fractions of epochs, whatever the annotation says.
        self.store_metrics_in_model_card_data(model, metrics, epoch, steps)  # type: ignore[arg-type]
        return metrics

    def get_config_dict(self) -> dict[str, Any]:
        """What the model card says of the evaluation."""
        return {"benchmark": self.benchmark.name, "languages": list(self.benchmark.languages), **self.options}
