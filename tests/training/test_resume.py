"""A training killed at any moment and resumed ends in the weights of one that was never killed."""

import hashlib
import json
import os
import signal
import subprocess
import sys
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

# Imports once, then forks a process for each moment at which one is to die.
KILLED = """
import os, signal, traceback, torch
from equilingua.pairs.store import ParallelPairs
from equilingua.training.encoders import StaticSpec, TransformerSpec
from equilingua.training.losses import ParallelInfoNCELoss
from equilingua.training.train import train

def dying(function, call):
    calls = 0
    def wrapped(*args, **keys):
        nonlocal calls
        calls += 1
        if calls == call:
            if function is torch.save:
                open(args[1], "wb").write(b"cut off")
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*args, **keys)
    return wrapped

def train_and_die(moment):
    pairs, validation = (ParallelPairs.read(path, progress=False) for path in {files!r})
    if moment == "mid-epoch":
        # In the loss of the 14th training batch: in the second epoch, two steps after a checkpoint.
        batches = 14 + 3 * (len(validation) // {settings!r}["batch_size"])
        ParallelInfoNCELoss._loss = dying(ParallelInfoNCELoss._loss, batches)
    else:
        # Four files are pickled for a checkpoint: arguments, optimizer, schedule, random state; the 10th is cut off.
        torch.save = dying(torch.save, 10)
    train({spec!r}, pairs, output_dir={output!r} + "/" + moment, validation=validation, **{settings!r})

for moment in {moments!r}:
    if os.fork() == 0:
        try:
            train_and_die(moment)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
print([os.waitstatus_to_exitcode(os.wait()[1]) for _ in {moments!r}])
"""

LEFT = {
    "mid-epoch": ["checkpoint-12", "checkpoint-8"],
    "while saving": ["checkpoint-12", "checkpoint-4", "checkpoint-8"],
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
@pytest.mark.parametrize("spec", [STATIC, TRANSFORMER], ids=["static", "transformer"])
def test_killed_and_resumed_training_ends_in_the_same_weights(
    spec: EncoderSpec, make_pairs: Callable[..., ParallelPairs], tmp_path: Path
) -> None:
    # Tokens left out are drawn too.
    settings = SETTINGS | ({"token_dropout": 0.2} if spec is STATIC else {})
    files = [
        write_lines(make_pairs(count, seed=seed), tmp_path / f"{seed}.jsonl") for count, seed in ((160, 0), (40, 1))
    ]
    script = KILLED.format(
        files=[str(path) for path in files], spec=spec, output=str(tmp_path), settings=settings, moments=list(LEFT)
    )
    died = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, env={**os.environ, "HF_HUB_OFFLINE": "1"}
    )
    assert died.stdout.decode().split("\n")[-2] == str([-int(signal.SIGKILL)] * 2), died.stderr.decode()[-2000:]

    pairs, validation = (ParallelPairs.read(path, progress=False) for path in files)
    whole = train(spec, pairs, output_dir=tmp_path / "whole", validation=validation, **settings)
    for moment, left in LEFT.items():
        assert sorted(path.name for path in (tmp_path / moment / "checkpoints").iterdir()) == left
        resumed = train(spec, pairs, output_dir=tmp_path / moment, validation=validation, resume=True, **settings)
        assert weights(tmp_path / moment) == weights(tmp_path / "whole")
        assert resumed.record.outcome.history == whole.record.outcome.history
        assert resumed.record.outcome.best_step == whole.record.outcome.best_step
