"""Six retrievers on six benchmarks of real data: who finds what, in which languages, and beyond chance?

    python benchmarks/findings/run.py --data DIR --models runs/xquad_r_static --output runs/findings --write

DIR holds xquad-r/, pairs/, afriqa/, native/ and beir/. --models is the output folder of
``benchmarks/xquad_r_static/run.py``: the static encoders of its first seed are taken. Results that lie in --output are
taken as they are. With --write the tables of the README beside this script are made anew.
"""

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.benchmarks.load import load_benchmark
from equilingua.errors import InputError
from equilingua.evaluation.compare import compare
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.settings import CROSS_LINGUAL, MONOLINGUAL, MULTILINGUAL
from equilingua.pairs.store import ParallelPairs
from equilingua.tables import Table
from equilingua.training.encoders import TransformerSpec, build_encoder
from equilingua.training.tokens import balanced_texts

HERE = Path(__file__).parent
BENCHMARKS = ("xquad-r", "python-faq", "afriqa", "tydi", "scifact", "arguana")
ARMS = {"static X-X-mono": "x-x-mono-0", "static X-Y": "x-y-0", "static Hybrid": "hybrid-0"}
RANDOM = "random transformer"
COLUMNS = (
    ("nDCG@10 Mo", MONOLINGUAL, "nDCG@10"),
    ("nDCG@10 Cr", CROSS_LINGUAL, "nDCG@10"),
    ("nDCG@10 Mul", MULTILINGUAL, "nDCG@10"),
    ("same-language R@10", MULTILINGUAL, "same_language_R@10"),
    ("cross-language R@10", MULTILINGUAL, "cross_language_R@10"),
    ("rank distance", MULTILINGUAL, "rank_distance"),
)
MEASURES = ("nDCG@10", "mAP", "R@10", "rank_distance", "same_language_R@10", "cross_language_R@10")
BEGIN, END = "<!-- results -->", "<!-- end of results -->"


@dataclass(frozen=True, slots=True)
class Places:
    """Where things lie.

    Attributes:
        data: the real data.
        models: the trained encoders.
        output: results, kept between runs.
    """

    data: Path
    models: Path
    output: Path


def retriever_specs(places: Places) -> dict[str, str]:
    """Each retriever by its label, as ``evaluate`` takes it; the random transformer is built if it is not there."""
    random = places.output / "random-transformer"
    if not (random / "modules.json").is_file():
        pairs = ParallelPairs.read(places.data / "pairs" / "squad.dev.jsonl.gz")
        build_encoder(TransformerSpec(), balanced_texts(pairs), seed=0).save_pretrained(str(random))
    trained = {label: str(places.models / folder / "model") for label, folder in ARMS.items()}
    return {"BM25": "bm25", "TF-IDF": "tfidf", **trained, RANDOM: str(random)}


def result_of(label: str, spec: str, benchmark: Benchmark, *, output: Path) -> EvaluationResult:
    """The result that lies in the output folder, or a new one."""
    folder = output / benchmark.name / label.replace(" ", "-").lower()
    try:
        return EvaluationResult.load(folder)
    except InputError:
        result = evaluate(spec, benchmark, measures=MEASURES, model_name=label)
        result.save(folder, overwrite=True)
        return result


def results_table(results: Mapping[str, EvaluationResult]) -> str:
    """One row a retriever, with 95 % intervals; columns that say nothing are left out."""
    first = next(iter(results.values()))
    columns = [column for column in COLUMNS if _says_something(column, results) and _mixed(first, column[1])]
    rows = tuple(
        (label, *(result.text(setting, measure) for _, setting, measure in columns))
        for label, result in results.items()
    )
    return Table("", ("retriever", *(name for name, *_ in columns)), rows).markdown()


def _says_something(column: tuple[str, str, str], results: Mapping[str, EvaluationResult]) -> bool:
    """Whether any retriever has the measure, other than 0: rank distance is, where one passage is relevant."""
    _, setting, measure = column
    return any(result.measures.get(setting, {}).get(measure) for result in results.values())


def _mixed(result: EvaluationResult, setting: str) -> bool:
    """Whether a setting is one of its own: a pool of one language is that language's corpus."""
    return setting != MULTILINGUAL or len(result.counts["passages"]) > 1


def languages_table(results: Mapping[str, EvaluationResult]) -> str:
    """nDCG@10 of every query language, in the mixed pool where there is one."""
    first = next(iter(results.values()))
    setting = next(setting for setting in (MULTILINGUAL, *first.measures) if _mixed(first, setting))
    languages = sorted(first.per_language[setting])
    rows = tuple(
        (label, *(f"{result.per_language[setting][tag]['nDCG@10']:.3f}" for tag in languages))
        for label, result in results.items()
    )
    return Table(f"nDCG@10 by query language, {setting}:", ("retriever", *languages), rows).markdown()


def section(name: str, results: Mapping[str, EvaluationResult]) -> str:
    """What is said of one benchmark."""
    first, *others = results.values()
    comparison = compare(first, *others, measures=["nDCG@10"], pairwise=True)
    headline = first.headline.partition(" on ")[2]
    parts = [f"### {name}", f"{headline}.", results_table(results)]
    parts += [languages_table(results)] if len(first.counts["queries"]) > 1 else []
    told = [
        line for line in comparison.summary().splitlines() if _mixed(first, line.partition(": ")[0].split(", ")[-1])
    ]
    parts += ["Beyond chance (every two retrievers, paired over items, Holm):", "\n".join(f"- {line}" for line in told)]
    return "\n\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--models", type=Path, default=Path("runs/xquad_r_static"))
    parser.add_argument("--output", type=Path, default=Path("runs/findings"))
    parser.add_argument("--benchmarks", nargs="+", choices=BENCHMARKS, default=list(BENCHMARKS))
    parser.add_argument("--write", action="store_true", help="write the tables into the README and results.json")
    options = parser.parse_args()
    if options.write and set(options.benchmarks) != set(BENCHMARKS):
        parser.error("--write needs all benchmarks")
    places = Places(options.data, options.models, options.output)
    specs = retriever_specs(places)
    found = {}
    for name in options.benchmarks:
        benchmark = load_benchmark(name, data=places.data)
        found[name] = {label: result_of(label, spec, benchmark, output=places.output) for label, spec in specs.items()}
    tables = "\n\n".join(section(name, results) for name, results in found.items())
    print(tables)
    if options.write:
        readme = HERE / "README.md"
        before, _, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
        readme.write_text(f"{before}{BEGIN}\n\n{tables}\n\n{END}{rest.partition(END)[2]}", encoding="utf-8")
        numbers = {
            name: {label: dict(result.measures) for label, result in results.items()} for name, results in found.items()
        }
        (HERE / "results.json").write_text(json.dumps(numbers, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
