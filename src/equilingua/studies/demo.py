"""The paper's experiment in miniature, on the built-in world facts: three arms that differ in their batches alone."""

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class DemoArm:
    """One way to compose batches.

    Attributes:
        label: as the paper names it.
        kind: kind of the batches; also the name of its folder in the demo's output.
    """

    label: str
    kind: Kind


ARMS = (
    DemoArm("X-X-mono", "x-x-mono"),
    DemoArm("X-Y", "x-y"),
    DemoArm("Hybrid (alpha 0.5)", "hybrid"),
)


def demo_pairs() -> ParallelPairs:
    """The facts to train on, in 11 languages; none of those tested is among them."""
    return ParallelPairs.from_pairs(facts_pairs("train"), name="world facts, train")


def run_arm(arm: DemoArm, output: Path, *, seed: int = 0, progress: bool = True) -> EvaluationResult:
    """Train and evaluate one arm; the model lies in ``output/<arm>/model``, its result in ``output/<arm>/result``.

    A training that was cut off goes on where it was; a finished one is taken as it is.

    Args:
        arm: how its batches are composed.
        output: the demo's folder.
        seed: of initial weights and batches.
        progress: whether the progress of the training is shown.
    """
    run = train(
        ENCODER,
        demo_pairs(),
        output_dir=output / arm.kind / "model",
        resume=True,
        kind=arm.kind,
        steps=STEPS,
        batch_size=BATCH_SIZE,
        seed=seed,
        progress=progress,
    )
    result = evaluate(run.model, load_benchmark("facts"), model_name=arm.label)
    result.save(output / arm.kind / "result", overwrite=True)
    return result
