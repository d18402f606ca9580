"""X-X-mono, X-Y and Hybrid on real pairs, evaluated on real XQuAD-R: a static encoder from scratch, several seeds.

    python benchmarks/xquad_r_static/run.py --data DIR --output runs/xquad_r_static --write

DIR holds pairs/squad.train.jsonl.gz, pairs/squad.dev.jsonl.gz and xquad-r/. Arms that are finished in --output are
taken as they are, one that was cut off goes on. With --write the tables of the README beside this script are made anew.
"""

import argparse
import json
import statistics
from dataclasses import dataclass
from pathlib import Path

from equilingua.batching.plan import Kind
from equilingua.benchmarks.load import load_benchmark
from equilingua.evaluation.compare import compare
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.settings import CROSS_LINGUAL, MONOLINGUAL, MULTILINGUAL
from equilingua.pairs.store import ParallelPairs
from equilingua.tables import Table
from equilingua.training.encoders import StaticSpec
from equilingua.training.load import load_config
from equilingua.training.record import TrainingRecord
from equilingua.training.train import train

HERE = Path(__file__).parent
ARMS: dict[str, Kind] = {"X-X-mono": "x-x-mono", "X-Y": "x-y", "Hybrid": "hybrid"}
LANGUAGES = ("en", "es", "zh")
ENCODER = StaticSpec(dimension=256, vocabulary=64_000)
COLUMNS = (
    ("mAP Mo", MONOLINGUAL, "mAP", 3),
    ("mAP Cr", CROSS_LINGUAL, "mAP", 3),
    ("mAP Mul", MULTILINGUAL, "mAP", 3),
    ("rank distance", MULTILINGUAL, "rank_distance", 0),
)
BEGIN, END = "<!-- results -->", "<!-- end of results -->"


@dataclass(frozen=True, slots=True)
class ArmRun:
    """One training of one arm, evaluated."""

    arm: str
    seed: int
    record: TrainingRecord
    result: EvaluationResult


def run_arm(arm: str, seed: int, *, data: Path, output: Path) -> ArmRun:
    """Train and evaluate an arm with a seed, or take what is finished."""
    pairs = ParallelPairs.read(*(data / "pairs" / f"squad.{split}.jsonl.gz" for split in ("train", "dev")))
    folder = output / f"{ARMS[arm]}-{seed}"
    config = load_config(HERE / "config.toml", kind=ARMS[arm], seed=seed)
    run = train(ENCODER, pairs, output_dir=folder / "model", config=config, resume=True)
    benchmark = load_benchmark("xquad-r", data=data, languages=LANGUAGES)
    result = evaluate(run.model, benchmark, model_name=f"{arm}, seed {seed}")
    result.save(folder / "result", overwrite=True)
    return ArmRun(arm, seed, run.record, result)


def means_table(runs: list[ArmRun]) -> str:
    """The mean over seeds of each arm, with the lowest and the highest seed."""
    rows = []
    for arm in ARMS:
        cells = []
        for _, setting, measure, digits in COLUMNS:
            values = [run.result.measures[setting][measure] for run in runs if run.arm == arm]
            spread = f"{min(values):,.{digits}f} to {max(values):,.{digits}f}"
            cells.append(f"{statistics.mean(values):,.{digits}f} ({spread})")
        rows.append([arm, *cells])
    return Table("", ("arm", *(name for name, *_ in COLUMNS)), tuple(map(tuple, rows))).markdown()


def seeds_table(runs: list[ArmRun]) -> str:
    """Every training with its 95 % intervals over items, and the pairs a second it trained on."""
    rows = [
        [
            run.result.model,
            *(run.result.text(setting, measure) for _, setting, measure, _ in COLUMNS),
            f"{run.record.outcome.pairs_per_second:,.0f}" if run.record.outcome else "-",
        ]
        for run in runs
    ]
    return Table("", ("training", *(name for name, *_ in COLUMNS), "pairs/s"), tuple(map(tuple, rows))).markdown()


def differences_table(runs: list[ArmRun]) -> str:
    """Hybrid minus each other arm of the same seed, with paired 95 % intervals; a star where p (Holm) < .05."""
    by_place = {(run.arm, run.seed): run.result for run in runs}
    rows = []
    for arm in ("X-X-mono", "X-Y"):
        for seed in sorted({run.seed for run in runs}):
            comparison = compare(by_place[arm, seed], by_place["Hybrid", seed], measures=["mAP", "rank_distance"])
            found = {(d.setting, d.measure): d for d in comparison.differences}
            cells = []
            for _, setting, measure, digits in COLUMNS:
                d = found[setting, measure]
                star = "*" if d.significant else ""
                cells.append(f"{d.difference:+,.{digits}f} [{d.low:+,.{digits}f}, {d.high:+,.{digits}f}]{star}")
            rows.append([f"Hybrid - {arm}, seed {seed}", *cells])
    return Table("", ("difference", *(name for name, *_ in COLUMNS)), tuple(map(tuple, rows))).markdown()


def report(runs: list[ArmRun]) -> str:
    """The three tables and what they were made with."""
    record = runs[0].record
    versions = ", ".join(f"{name} {record.versions[name]}" for name in ("torch", "sentence-transformers"))
    return "\n\n".join(
        [
            "Mean over seeds (lowest to highest seed):",
            means_table(runs),
            "Each training, with 95 % bootstrap intervals over questions:",
            seeds_table(runs),
            "Hybrid against the others of the same seed, paired; * where p < .05 after Holm's correction:",
            differences_table(runs),
            f"{record.device['cores']} cores, {record.config['precision']}, {versions}.",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--output", type=Path, default=Path("runs/xquad_r_static"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--arms", nargs="+", choices=list(ARMS), default=list(ARMS))
    parser.add_argument("--write", action="store_true", help="write the tables into the README and results.json")
    options = parser.parse_args()
    if options.write and set(options.arms) != set(ARMS):
        parser.error("--write needs all arms")
    runs = [
        run_arm(arm, seed, data=options.data, output=options.output) for arm in options.arms for seed in options.seeds
    ]
    if set(options.arms) != set(ARMS):
        print(seeds_table(runs))
        return
    tables = report(runs)
    print(tables)
    if options.write:
        readme = HERE / "README.md"
        before, _, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
        readme.write_text(f"{before}{BEGIN}\n\n{tables}\n\n{END}{rest.partition(END)[2]}", encoding="utf-8")
        numbers = {run.result.model: dict(run.result.measures) for run in runs}
        (HERE / "results.json").write_text(json.dumps(numbers, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
