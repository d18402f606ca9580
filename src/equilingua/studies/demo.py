"""The paper's experiment in miniature, on the built-in world facts: three arms that differ in their batches alone."""

from pathlib import Path

from equilingua.batching.plan import Kind
from equilingua.benchmarks.load import load_benchmark
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.result import EvaluationResult
from equilingua.facts import facts_pairs
from equilingua.pairs.store import ParallelPairs
from equilingua.training.encoders import StaticSpec
from equilingua.training.train import train

# Chosen on the validation split of the facts.
ENCODER = StaticSpec(dimension=128, vocabulary=16_000)
STEPS = 600
BATCH_SIZE = 256

# By the kind of their batches, as the paper names them.
ARMS: dict[Kind, str] = {"x-x-mono": "X-X-mono", "x-y": "X-Y", "hybrid": "Hybrid (alpha 0.5)"}


def demo_pairs() -> ParallelPairs:
    """The facts to train on, in 11 languages; none of those tested is among them."""
    return ParallelPairs.from_pairs(facts_pairs("train"), name="world facts, train")


def run_arm(kind: Kind, output: Path, *, seed: int = 0, progress: bool = True) -> EvaluationResult:
    """Train and evaluate one arm; the model lies in ``output/<kind>/model``, its result in ``output/<kind>/result``.

    A training that was cut off goes on where it was; a finished one is taken as it is. The seed is that of initial
    weights and batches.
    """
    run = train(
        ENCODER,
        demo_pairs(),
        output_dir=output / kind / "model",
        resume=True,
        kind=kind,
        steps=STEPS,
        batch_size=BATCH_SIZE,
        seed=seed,
        progress=progress,
    )
    result = evaluate(run.model, load_benchmark("facts"), model_name=ARMS[kind])
    result.save(output / kind / "result", overwrite=True)
    return result
