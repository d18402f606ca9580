"""A training killed at any moment and resumed ends in the weights of one that was never killed."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from equilingua.pairs.store import ParallelPairs
from equilingua.training.encoders import EncoderSpec, StaticSpec, TransformerSpec
from equilingua.training.train import train

STATIC = StaticSpec(dimension=16, vocabulary=400)
# Hidden dropout stays on, so the state of the random numbers must come back too.
TRANSFORMER = TransformerSpec(layers=1, width=16, heads=2, vocabulary=200, max_length=16)

# 160 pairs by 16 are 10 steps an epoch: 25 steps end in the middle of the third.
SETTINGS: dict[str, Any] = {
    "steps": 25,
    "batch_size": 16,
    "checkpoint_steps": 4,
    "patience": 100,
    "progress": False,
    "precision": "fp32",
}

# What the process runs that is to die: its first line kills it at some moment.
KILLED = """
import os, signal, torch
from equilingua.pairs.store import ParallelPairs
from equilingua.training.encoders import StaticSpec, TransformerSpec
from equilingua.training.losses import ParallelInfoNCELoss
from equilingua.training.train import train

pairs = ParallelPairs.read({pairs!r}, progress=False)
validation = ParallelPairs.read({validation!r}, progress=False)
calls = 0

def dying(function, call):
    def wrapped(*args, **keys):
        global calls
        calls += 1
        if calls == call:
            if function is torch.save:
                open(args[1], "wb").write(b"cut off")
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*args, **keys)
    return wrapped

{moment}
train({spec!r}, pairs, output_dir={output!r}, validation=validation, **{settings!r})
"""

MOMENTS = {
    # In training the 14th batch: in the second epoch, two steps after a checkpoint.
    "mid-epoch": "ParallelInfoNCELoss._loss = dying(ParallelInfoNCELoss._loss, 14 + 3 * VALIDATION)",
    # Four files are pickled for a checkpoint: arguments, optimizer, schedule, random state; the 10th is cut off.
    "while saving": "torch.save = dying(torch.save, 10)",
}


def write_lines(pairs: ParallelPairs, path: Path) -> Path:
    lines = (
        json.dumps(
            {"id": pair.id, "source": pair.source, "queries": dict(pair.queries), "passages": dict(pair.passages)}
        )
        for pair in pairs
    )
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def weights(folder: Path) -> str:
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("spec", [STATIC, TRANSFORMER], ids=["static", "transformer"])
def test_killed_and_resumed_training_ends_in_the_same_weights(
    spec: EncoderSpec, moment: str, make_pairs: Callable[..., ParallelPairs], tmp_path: Path
) -> None:
    files = [
        write_lines(make_pairs(count, seed=seed), tmp_path / f"{seed}.jsonl") for count, seed in ((160, 0), (40, 1))
    ]
    pairs, validation = (ParallelPairs.read(path, progress=False) for path in files)
    per_validation = len(ParallelPairs.read(files[1], progress=False)) // SETTINGS["batch_size"]
    script = KILLED.format(
        pairs=str(files[0]),
        validation=str(files[1]),
        moment=MOMENTS[moment].replace("VALIDATION", str(per_validation)),
        spec=spec,
        output=str(tmp_path / "killed"),
        settings=SETTINGS,
    )
    died = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        check=False,
        capture_output=True,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()[-2000:]
    left = sorted(path.name for path in (tmp_path / "killed" / "checkpoints").iterdir())
    assert left == (
        ["checkpoint-12", "checkpoint-8"]
        if moment == "mid-epoch"
        else ["checkpoint-12", "checkpoint-4", "checkpoint-8"]
    )

    resumed = train(spec, pairs, output_dir=tmp_path / "killed", validation=validation, resume=True, **SETTINGS)
    whole = train(spec, pairs, output_dir=tmp_path / "whole", validation=validation, **SETTINGS)
    assert weights(tmp_path / "killed") == weights(tmp_path / "whole")
    assert resumed.record.outcome.history == whole.record.outcome.history
    assert resumed.record.outcome.best_step == whole.record.outcome.best_step
