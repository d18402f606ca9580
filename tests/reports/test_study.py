import csv
import dataclasses
import io
import json
import re
from pathlib import Path

import pytest

from equilingua.errors import InputError
from equilingua.evaluation.overlap import TrainedOn
from equilingua.evaluation.result import EvaluationResult
from equilingua.overlap.compare import Example, Found, Overlap
from equilingua.reports.study import StudyReport
from equilingua.reports.study_arms import arms_tables
from equilingua.reports.study_figures import curve_languages, heat_figures
from equilingua.reports.study_sections import record, reproduce, study_sections
from equilingua.reports.study_tables import outcome_text
from equilingua.studies import contamination
from equilingua.studies.arms import ArmSetup
from equilingua.studies.config import StudyConfig
from equilingua.studies.outcome import StudyOutcome
from equilingua.studies.record import Invocation, read_study
from equilingua.studies.results import MacroMean
from equilingua.tables import Table

POOL_MAP = MacroMean("small", "multilingual", "mAP")


@pytest.fixture(scope="module")
def markdown(study_outcome_found: StudyOutcome, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page as Markdown, with its files beside it."""
    pytest.importorskip("altair", reason="draws charts: needs the extra 'report'")
    return StudyReport(study_outcome_found).write(tmp_path_factory.mktemp("page") / "planted.md")


def numbers(outcome: StudyOutcome) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(StudyReport(outcome).csv())))


def table(outcome: StudyOutcome, name: str) -> Table:
    [found] = [one for one in StudyReport(outcome).blocks() if one.name == name]
    return found


def column(found: Table, name: str) -> dict[str, str]:
    place = found.header.index(name)
    return {row[0]: row[place] for row in found.rows}


def without(outcome: StudyOutcome, *names: str, seeds: tuple[int, ...] | None = None) -> StudyOutcome:
    """The outcome of a study whose settings lack some."""
    settings = outcome.study.model_dump(mode="json", exclude_unset=True, exclude=set(names))
    study = StudyConfig.model_validate(settings | ({"seeds": seeds} if seeds else {}))
    return dataclasses.replace(outcome, study=study)


def test_the_main_table_shows_what_was_found(study_outcome_found: StudyOutcome) -> None:
    found = table(study_outcome_found, "means small")
    assert found.header == ("arm", "mAP Mo", "mAP Cr", "mAP Mul", "R@10 Mo", "R@10 Cr", "R@10 Mul", "rank distance")
    [mean] = [one for one in study_outcome_found.means if one.arm == "hybrid" and one.macro_mean == POOL_MAP]
    expected = f"{mean.estimate.value:.3f} [{mean.estimate.low:.3f}, {mean.estimate.high:.3f}]"
    assert column(found, "mAP Mul")["hybrid"] == expected
    seeds = column(table(study_outcome_found, "seeds small"), "mAP Mul")["hybrid"]
    assert seeds == f"{min(mean.per_seed):.3f} to {max(mean.per_seed):.3f}"
    assert "over seeds and items" in found.note


def test_one_seed_has_no_table_of_seeds_and_says_so(study_outcome_found: StudyOutcome) -> None:
    one_seed = without(study_outcome_found, seeds=(0,))
    assert "seeds small" not in {one.name for one in StudyReport(one_seed).blocks()}
    assert "of one seed, with 95 % intervals, over items alone" in table(one_seed, "means small").note


def test_only_differences_beyond_chance_are_marked(study_outcome_found: StudyOutcome) -> None:
    found = table(study_outcome_found, "differences small")
    marks = column(found, "mAP Mul")
    assert marks["x-x-mono"].startswith("-")
    assert marks["x-x-mono"].endswith("]*")
    assert not marks["hybrid-again"].endswith("*")
    for row in found.rows:
        for text, p in zip(row[1::2], row[2::2], strict=True):
            assert text.endswith("*") == (p == "<.001" or float(p) < 0.05)


def test_published_figures_are_told_apart_from_results(study_outcome_found: StudyOutcome) -> None:
    found = table(study_outcome_found, "published")
    assert found.rows == (("Another model", "0.798", "287"), ("One more", "0.800", "-"))
    assert "Source: A paper. Not results of this study" in found.note
    assert "published" not in {one.name for one in StudyReport(without(study_outcome_found, "published")).blocks()}


def test_arms_that_no_interval_tells_apart_share_a_letter(study_outcome_found: StudyOutcome) -> None:
    found = table(study_outcome_found, "trade-off")
    letters = column(found, "alike")
    assert letters["hybrid"] == letters["hybrid-again"]
    assert not set(letters["x-x-mono"]) & set(letters["hybrid"])
    gains = [0.0 if text == "baseline" else float(text.split(" ")[0]) for text in column(found, "mAP Mul").values()]
    assert gains == sorted(gains, reverse=True)
    assert "No order is claimed among them" in found.note
    assert "trade-off" not in {one.name for one in StudyReport(without(study_outcome_found, "trade_off")).blocks()}


def test_costs_are_those_of_the_records(study_outcome_found: StudyOutcome) -> None:
    found = table(study_outcome_found, "costs")
    assert found.header == ("arm", "steps", "rows", "pairs", "seconds")
    assert found.rows[1] == ("hybrid", "20", "640", "320", "5")


def test_the_terminal_shows_verdicts_and_tables(study_outcome_found: StudyOutcome) -> None:
    text = outcome_text(study_outcome_found)
    lines = text.splitlines()
    assert [lines[2], lines[4], lines[6]] == [
        "supported:    It is better",
        "contradicted: It is worse",
        "not shown:    It differs",
    ]
    assert lines[3].strip().startswith("hybrid is better than x-x-mono: higher by ")
    assert lines[5].strip().startswith("x-x-mono is worse than hybrid: lower by ")
    assert lines[7].strip().startswith("hybrid is not shown to differ from hybrid-again: ")
    assert "mAP in the multilingual setting of Small, p" in lines[3]
    assert "corrected by Holm's method over the study's 3 claims" in text
    assert str(table(study_outcome_found, "means small")) in text


def test_csv_holds_the_numbers_of_the_outcome(study_outcome_found: StudyOutcome, study_folder: Path) -> None:
    rows = numbers(study_outcome_found)
    place = {"arm": "x-x-mono", "evaluation": "small", "setting": "multilingual", "measure": "mAP"}
    of_place = [row for row in rows if place.items() <= row.items() and not row["query_languages"]]
    [mean] = [one for one in study_outcome_found.means if (one.arm, one.macro_mean) == ("x-x-mono", POOL_MAP)]
    [difference] = [
        one for one in study_outcome_found.differences if (one.arm, one.macro_mean) == ("x-x-mono", POOL_MAP)
    ]
    assert [row["kind"] for row in of_place] == ["mean", "seed", "seed", "seed", "difference"]
    assert float(of_place[0]["value"]) == mean.estimate.value
    assert float(of_place[0]["low"]) == mean.estimate.low
    for row in of_place[1:4]:
        result = EvaluationResult.load(study_folder.parent / "evaluations" / f"2-{row['seed']}")
        assert float(row["value"]) == pytest.approx(result.measures["multilingual"]["mAP"])
    assert sorted(row["seed"] for row in of_place[1:4]) == ["0", "1", "2"]
    assert of_place[4]["against"] == "hybrid"
    assert float(of_place[4]["p_corrected"]) == difference.p_corrected
    [pair] = [
        row for row in rows if row["kind"] == "pair" and (row["query_languages"], row["corpus_language"]) == ("en", "*")
    ][:1]
    assert float(pair["value"]) == next(iter(study_outcome_found.heat.values()))["multilingual", "en", "*"]
    assert {row["query_languages"] for row in rows if row["kind"] == "mean"} == {"", "ar", "en", "zh", "ar en"}


def test_latex_holds_every_table_under_a_label_of_its_own(study_outcome_found: StudyOutcome, tmp_path: Path) -> None:
    text = StudyReport(study_outcome_found).write(tmp_path / "planted.tex").read_text(encoding="utf-8")
    labels = re.findall(r"\\label\{(.*)\}", text)
    results = [f"tab:{name}" for name in ("means-small", "seeds-small", "differences-small")]
    assert labels == ["tab:claims", *results, "tab:trade-off", "tab:published", "tab:costs"]
    assert re.search(r"^It is worse & contradicted & x-x-mono is worse than .* p .*\\\\$", text, flags=re.MULTILINE)
    late = dataclasses.replace(study_outcome_found, changed_claims=("A claim was taken out.",))
    assert StudyReport(late).blocks()[0].note.endswith("A claim was taken out.")
    nothing_claimed = dataclasses.replace(study_outcome_found, claims=())
    assert "claims" not in {block.name for block in StudyReport(nothing_claimed).blocks()}
    assert text.count(r"\begin{tabular}") == text.count(r"\bottomrule") == len(labels)


def test_the_page_has_its_parts_in_order(markdown: Path) -> None:
    text = markdown.read_text(encoding="utf-8")
    assert re.findall("^## (.*)$", text, flags=re.MULTILINE) == [
        "Question",
        "Claims",
        "Arms",
        "Results: Small",
        "Published figures",
        "Curves",
        "Languages",
        "Language by language",
        "Training",
        "Trade-off",
        "Costs",
        "What was not controlled",
        "Benchmarks and what was trained on",
        "To reproduce this page",
        "Provenance",
    ]
    assert "## Question\n\nAre the differences found that were planted?\n" in text
    assert "- **\u2713 supported**: *It is better*\\\n  hybrid is better" in text
    assert "- **\u2717 contradicted**: *It is worse*\\\n  x-x-mono is worse" in text
    assert "- **? not shown**: *It differs*\\\n  hybrid is not shown" in text
    assert "The diagonal is monolingual, the rest cross-lingual." in text
    assert text.count("The diagonal is monolingual") == len(re.findall("planted-heat-", text))
    assert "- Nothing was trained." in text
    assert "equilingua study planted.toml --data DATA --output STUDIES\n" in text
    assert "<" not in text
    assert re.search(r"^\s*[*+] ", text, flags=re.MULTILINE) is None


def test_charts_lie_beside_a_markdown_page_and_are_all_linked(markdown: Path) -> None:
    links = re.findall(r"!\[([^\]]+)\]\(([^)]+)\)", markdown.read_text(encoding="utf-8"))
    files = [file for _, file in links]
    assert sorted(files) == sorted(path.name for path in markdown.parent.glob("*.svg"))
    assert {"planted-curve.svg", "planted-learning.svg", "planted-trade-off.svg"} <= set(files)
    assert "planted-heat-small-hybrid.svg" in files
    assert all(len(description) > 20 for description, _ in links)


def test_labels_that_differ_in_signs_have_charts_of_their_own(study_outcome_found: StudyOutcome) -> None:
    pytest.importorskip("altair", reason="draws charts: needs the extra 'report'")
    means = next(iter(study_outcome_found.heat.values()))
    heat = {(label, "small"): means for label in ("Mix", "mix+", "mix 单语")}
    alike = dataclasses.replace(study_outcome_found, heat=heat)
    names = [drawn.name for drawn in heat_figures(alike)]
    assert names == ["heat-small-mix", "heat-small-mix-2", "heat-small-mix-3"]


def test_a_chart_in_a_file_has_its_colours_with_it(markdown: Path) -> None:
    text = markdown.with_name("planted-curve.svg").read_text(encoding="utf-8")
    assert "prefers-color-scheme:dark" in text
    defined, used = set(re.findall(r"(--[\w-]+):#", text)), set(re.findall(r"var\((--[\w-]+), #\w+\)", text))
    assert "--accent" in used
    assert used == defined
    assert "var(" not in re.sub(r"var\(--[\w-]+, #\w+\)", "", text)


def test_the_numbers_lie_beside_a_markdown_page(study_outcome_found: StudyOutcome, markdown: Path) -> None:
    content = json.loads(markdown.with_suffix(".json").read_text(encoding="utf-8"))
    assert content == json.loads(json.dumps(study_outcome_found.as_json()))


def test_files_that_are_there_are_kept_unless_told(study_outcome_found: StudyOutcome, tmp_path: Path) -> None:
    pytest.importorskip("altair", reason="draws charts: needs the extra 'report'")
    report, own = StudyReport(study_outcome_found), tmp_path / "planted.json"
    own.write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=r"planted\.json: is there already"):
        report.write(tmp_path / "planted.md", overwrite=False)
    assert own.read_text(encoding="utf-8") == "mine"
    assert list(tmp_path.iterdir()) == [own]
    report.write(tmp_path / "planted.md")
    assert own.read_text(encoding="utf-8") != "mine"


def test_parts_without_content_are_left_out(study_outcome_found: StudyOutcome) -> None:
    pytest.importorskip("altair", reason="draws charts: needs the extra 'report'")
    bare = dataclasses.replace(
        without(study_outcome_found, "curve", "trade_off", "published"),
        curve=(),
        heat={},
        learning=(),
        costs=(),
        not_controlled=(),
        claims=(),
    )
    assert [section.id for section in study_sections(bare)] == ["question", "arms", "results-1", "trained-on"]


def test_what_was_trained_on_is_told_and_what_was_not_compared_is_never_called_clean(
    study_folder: Path, study_outcome_found: StudyOutcome, tmp_path: Path
) -> None:
    [told] = study_outcome_found.trained_on
    assert told == "Small. All arms: what it was trained on was not compared with Small."
    record = read_study(study_folder)
    found = Found(40, same=30, near=2, languages=("en",))
    seen = Overlap("small", 320, found, Found(40), Found(10), (Example("query", "en", "q1", "Who?", "who"),))
    clean = dataclasses.replace(seen, queries=Found(40), examples=())
    arms = {name: TrainedOn((clean,)) for name in record.study.arms}
    arms |= {"hybrid": TrainedOn((seen,)), "x-y": TrainedOn((clean,), ("what X was trained on is not known",))}
    again = dataclasses.replace(record, contamination={"small": arms})
    again.write(tmp_path)
    lines = list(contamination.told(record.study, read_study(tmp_path).contamination))
    assert len(lines) == 3
    [seen_by] = [line for line in lines if "TRAINED ON WHAT IT IS JUDGED BY" in line]
    assert seen_by.startswith("Small. hybrid: ")
    assert "32 of 40 (80.0%; 30 word for word, 2 nearly; en)" in seen_by
    assert "For example the query q1 (en) 'Who?', found as 'who'" in seen_by
    assert [line for line in lines if "what X was trained on is not known" in line] == [
        line for line in lines if record.study.label("x-y") in line
    ]


def test_arms_are_told_by_what_sets_them_apart(study_outcome_found: StudyOutcome) -> None:
    start = {"from_scratch": "static", "dimension": 256}
    settings = {"kind": "hybrid", "alpha": 0.5, "steps": 400, "weight_decay": 0.01, "workers": 3}
    pairs = ("a.jsonl", "b.jsonl")
    glossed = ("a.jsonl (glossed c.jsonl)", "b.jsonl", "d.jsonl")
    arms = (
        ArmSetup("hybrid", "", start, settings, pairs),
        ArmSetup("mono", "", start, settings | {"kind": "x-x-mono"}, pairs),
        ArmSetup("glossed", "", start, settings, glossed),
        ArmSetup("merged", "weights interpolated: 0.5 x hybrid + 0.5 x mono"),
    )
    shared, own = arms_tables(dataclasses.replace(study_outcome_found, arms=arms))
    assert shared.rows == (
        ("starts from", "static encoder from scratch, dimension 256"),
        ("kind", "hybrid"),
        ("alpha", "0.5"),
        ("steps", "400"),
        ("pairs", "a.jsonl"),
        ("pairs", "b.jsonl"),
    )
    assert own.rows == (
        ("hybrid", "as above"),
        ("mono", "kind x-x-mono"),
        ("glossed", "in place of the same file's above a.jsonl (glossed c.jsonl) and d.jsonl"),
        ("merged", "not trained: weights interpolated: 0.5 x hybrid + 0.5 x mono"),
    )


def test_the_command_is_the_one_that_was_given(study_outcome_found: StudyOutcome) -> None:
    invocation = Invocation("studies/x.toml", ("training.steps=50", 'languages=["en"]'))
    command, _ = reproduce(dataclasses.replace(study_outcome_found, invocation=invocation))
    assert command == (
        'equilingua study studies/x.toml --set "training.steps=50" --set \'languages=["en"]\' '
        "--data DATA --output STUDIES"
    )
    command, _ = reproduce(dataclasses.replace(study_outcome_found, invocation=Invocation("/home/one/x.toml")))
    assert command == "equilingua study x.toml --data DATA --output STUDIES"


def test_languages_along_the_curve_have_their_spread(study_outcome_found: StudyOutcome) -> None:
    found = curve_languages(study_outcome_found)
    assert found is not None
    assert len(found.rows) == 3 * 4
    for setting, at, arm, lowest, low, highest, high, spread in found.rows:
        means = {
            point.group: point.arm_mean.estimate.value
            for point in study_outcome_found.curve
            if (point.arm_mean.macro_mean.setting, point.arm_mean.arm, f"{point.at:g}") == (setting, arm, at)
            and point.group in ("ar", "en", "zh")
        }
        assert (lowest, highest) == (min(means, key=means.__getitem__), max(means, key=means.__getitem__))
        assert (low, high) == (f"{means[lowest]:.3f}", f"{means[highest]:.3f}")
        assert spread == f"{means[highest] - means[lowest]:.3f}"


def test_provenance_names_the_pairs_without_the_place_of_their_folder(study_outcome_found: StudyOutcome) -> None:
    assert record(study_outcome_found)["pairs trained on (SHA-256, shortened)"] == {"none.jsonl": "0" * 12}
