import csv
import json
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner, Result

from equilingua.auditing.audit import audit
from equilingua.benchmarks.benchmark import Benchmark, Corpus, Queries
from equilingua.benchmarks.load import load_benchmark
from equilingua.cli.report import report_command
from equilingua.errors import InputError
from equilingua.evaluation.evaluate import evaluate


def run(*arguments: object) -> Result:
    app = typer.Typer()
    app.command()(report_command)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """Results of a weak and a strong model of one name, on two languages, and of the weak one on one language."""
    rng = np.random.default_rng(0)
    ids = tuple(f"q{n}" for n in range(12))
    queries = {language: Queries(ids, ids) for language in ("de", "en")}
    corpora = {language: Corpus(tuple(f"{language}_{n}" for n in range(12)), ids) for language in ("de", "en")}
    relevant = {f"q{n}": {f"de_{n}": 1, f"en_{n}": 1} for n in range(12)}
    benchmark = Benchmark("small", queries, corpora, {"de": relevant, "en": relevant})
    meaning = rng.standard_normal((12, 8))
    saved = []
    for noise, languages in ((2.0, ["de", "en"]), (0.2, ["de", "en"]), (2.0, ["en"])):
        passages = {language: meaning + noise * rng.standard_normal((12, 8)) for language in languages}
        vectors = dict.fromkeys(languages, meaning), passages
        result = evaluate(vectors, benchmark.only(languages), model_name="m", resamples=50)
        saved.append(result.save(tmp_path_factory.mktemp("result") / "r"))
    return saved[0], saved[1], saved[2]


def test_results_are_written_side_by_side_with_their_comparison(
    folders: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    done = run(*folders[:2], "--output", tmp_path / "report.md")
    assert done.exit_code == 0, done.output
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    weak, strong = (f"m ({folder.parent.name}/r)" for folder in folders[:2])
    assert f"## small: differences from {weak}" in text
    assert f"| {strong} | multilingual | rank_distance |" in text
    assert f"- {weak}: m ({folders[0]})" in text


def test_the_comparison_can_be_left_out(folders: tuple[Path, Path, Path], tmp_path: Path) -> None:
    assert run(*folders[:2], "--no-comparison", "--output", tmp_path / "report.md").exit_code == 0
    assert "differences from" not in (tmp_path / "report.md").read_text(encoding="utf-8")


def test_results_that_cannot_be_compared_are_shown_without(folders: tuple[Path, Path, Path], tmp_path: Path) -> None:
    done = run(folders[0], folders[2], "--output", tmp_path / "report.md")
    assert isinstance(done.exception, InputError)
    assert str(done.exception).endswith("Or pass --no-comparison")
    assert not (tmp_path / "report.md").exists()
    assert run(folders[0], folders[2], "--no-comparison", "--output", tmp_path / "report.md").exit_code == 0


def test_csv_and_latex_are_chosen_by_suffix(folders: tuple[Path, Path, Path], tmp_path: Path) -> None:
    assert run(folders[0], "--output", tmp_path / "numbers.csv").exit_code == 0
    with (tmp_path / "numbers.csv").open(encoding="utf-8", newline="") as file:
        assert {row["setting"] for row in csv.DictReader(file)} == {"monolingual", "cross-lingual", "multilingual"}
    assert run(folders[0], "--output", tmp_path / "table.tex", "--measure", "R@10").exit_code == 0
    assert "R@10 by query language" in (tmp_path / "table.tex").read_text(encoding="utf-8")


def test_html_is_one_file(folders: tuple[Path, Path, Path], tmp_path: Path) -> None:
    pytest.importorskip("altair", reason="draws charts: needs the extra 'report'")
    done = run(folders[0], "--output", tmp_path / "report.html", "--hardest", "3")
    assert done.exit_code == 0, done.output
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    assert "the 3 queries with the worst mAP" in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def audits(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """An audit with judgements and one without, of a lexical model on 40 texts in two languages."""
    folder = tmp_path_factory.mktemp("audit")
    rows = [{"id": f"{tag}{n}", "text": f"{tag} word{n}", "language": tag} for tag in ("de", "en") for n in range(20)]
    for name in ("docs.jsonl", "queries.jsonl"):
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (folder / "qrels.tsv").write_text("".join(f"{row['id']}\t{row['id']}\t1\n" for row in rows), encoding="utf-8")
    docs, queries = folder / "docs.jsonl", folder / "queries.jsonl"
    judged = audit("bm25", docs, queries, folder / "qrels.tsv", baseline="tfidf", resamples=20)
    unjudged = audit("bm25", docs, queries, resamples=20)
    return judged.save(folder / "judged"), unjudged.save(folder / "unjudged")


@pytest.mark.parametrize("suffix", [".html", ".md", ".tex", ".csv"])
@pytest.mark.parametrize("judged", [True, False])
def test_an_audit_is_shown_with_its_findings(
    audits: tuple[Path, Path], tmp_path: Path, suffix: str, judged: bool
) -> None:
    if suffix == ".html":
        pytest.importorskip("altair", reason="draws charts: needs the extra 'report'")
    done = run(audits[0] if judged else audits[1], "--output", tmp_path / f"audit{suffix}")
    assert done.exit_code == 0, done.output
    text = (tmp_path / f"audit{suffix}").read_text(encoding="utf-8")
    assert ("nDCG@10" in text) == judged
    assert ("German 20, English 20." in text) == (suffix != ".csv")


def test_an_audit_beside_a_result_is_shown_as_a_result(
    audits: tuple[Path, Path], folders: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    done = run(audits[0], folders[0], "--no-comparison", "--output", tmp_path / "report.md")
    assert done.exit_code == 0, done.output
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "## docs.jsonl, small, 2 languages" in text
    assert "Next steps" not in text


def test_texts_of_an_audit_are_those_of_its_folder(tmp_path: Path) -> None:
    pytest.importorskip("altair", reason="draws charts: needs the extra 'report'")
    rows = [{"id": f"{tag}{n}", "text": f"{tag} word{n}", "language": tag} for tag in ("de", "en") for n in range(9)]
    own = tmp_path / "own"
    own.mkdir()
    for name in ("corpus.jsonl", "queries.jsonl"):
        (own / name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (own / "qrels.tsv").write_text("".join(f"{row['id']}\t{row['id']}\t1\n" for row in rows), encoding="utf-8")
    found = audit("bm25", own / "corpus.jsonl", own / "queries.jsonl", own / "qrels.tsv", baseline=None, resamples=20)
    folder = found.save(tmp_path / "audit")
    done = run(folder, "--texts", own, "--output", tmp_path / "a.html")
    assert done.exit_code == 0, done.exception
    assert "en word3" in (tmp_path / "a.html").read_text(encoding="utf-8")
    (own / "corpus.jsonl").write_text((own / "corpus.jsonl").read_text().replace("word3", "word4"))
    assert "not what the audit was made on" in str(
        run(folder, "--texts", own, "--output", tmp_path / "b.html").exception
    )


def test_texts_of_an_audit_without_judgements_are_refused(audits: tuple[Path, Path], tmp_path: Path) -> None:
    done = run(audits[1], "--texts", "xquad-r", "--output", tmp_path / "report.html")
    assert "made without judgements, so it has no queries to show texts of" in str(done.exception)


def test_a_file_that_is_there_is_kept(folders: tuple[Path, Path, Path], tmp_path: Path) -> None:
    kept = tmp_path / "report.md"
    kept.write_text("mine", encoding="utf-8")
    done = run(folders[0], "--output", kept)
    assert isinstance(done.exception, InputError)
    assert str(done.exception) == f"{kept}: is there already. Name another file, or pass --overwrite"
    assert kept.read_text(encoding="utf-8") == "mine"
    assert run(folders[0], "--output", kept, "--overwrite").exit_code == 0


def test_wrong_use_is_told_before_anything_is_read(tmp_path: Path) -> None:
    done = run(tmp_path / "none", "--output", tmp_path / "report.pdf")
    assert isinstance(done.exception, InputError)
    assert "a report is written as one of .html, .md, .tex, .csv: name the file so" in str(done.exception)


def test_help_shows_a_command_that_can_be_run() -> None:
    done = run("--help")
    assert done.exit_code == 0
    words = " ".join(done.stdout.split())
    assert "equilingua report results/x-x-mono results/hybrid --texts xquad-r --data data" in words


def test_texts_are_refused_where_they_would_not_be_shown(folders: tuple[Path, Path, Path], tmp_path: Path) -> None:
    done = run(folders[0], "--texts", "xquad-r", "--output", tmp_path / "report.md")
    assert "texts are shown in an HTML report only" in str(done.exception)


def test_texts_are_shown_where_they_lie_and_left_out_where_that_is_asked_for(tmp_path: Path) -> None:
    pytest.importorskip("altair", reason="draws charts: needs the extra 'report'")
    said = {"de": "Im Rathaus wird heute gewählt, sagt Herr {}.", "en": "The old town hall belongs to Mr {} now."}
    own = tmp_path / "own"
    own.mkdir()
    rows = [{"id": f"{tag}{n}", "text": text.format(f"N{n}")} for tag, text in said.items() for n in range(9)]
    for name in ("corpus.jsonl", "queries.jsonl"):  # no languages: they are detected
        (own / name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (own / "qrels.tsv").write_text("".join(f"{row['id']}\t{row['id']}\t1\n" for row in rows), encoding="utf-8")
    files = own / "corpus.jsonl", own / "queries.jsonl", own / "qrels.tsv"
    audited = audit("bm25", *files, baseline=None, resamples=20).save(tmp_path / "audit")
    labelled = [{**row, "language": row["id"][:2]} for row in rows]
    for name in ("corpus.jsonl", "queries.jsonl"):
        (tmp_path / "named").mkdir(exist_ok=True)
        (tmp_path / "named" / name).write_text("".join(json.dumps(row) + "\n" for row in labelled), encoding="utf-8")
    (tmp_path / "named" / "qrels.tsv").write_bytes((own / "qrels.tsv").read_bytes())
    result = evaluate("bm25", load_benchmark(tmp_path / "named"), resamples=0).save(tmp_path / "result")
    for number, folder in enumerate((audited, result)):
        for options, shown in (((), True), (("--no-texts",), False)):
            page = tmp_path / f"{number}-{len(options)}.html"
            done = run(folder, *options, "--output", page)
            assert done.exit_code == 0, done.exception
            assert ("belongs to Mr N3 now" in page.read_text(encoding="utf-8")) == shown
    done = run(audited, "--texts", own, "--output", tmp_path / "named.html")
    assert done.exit_code == 0, done.exception
    own.rename(tmp_path / "elsewhere")
    assert run(audited, "--output", tmp_path / "gone.html").exit_code == 0
    text = (tmp_path / "gone.html").read_text(encoding="utf-8")
    assert "Texts are left out:" in text
    assert "corpus.jsonl: no such file" in text


def test_significance_is_computed_once_for_compare_and_all_reports(
    folders: tuple[Path, Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from equilingua.cli.compare import compare_command
    from equilingua.evaluation import kept_comparison

    monkeypatch.setenv("EQUILINGUA_CACHE", str(tmp_path / "cache"))
    calls = []
    real = kept_comparison.compare
    monkeypatch.setattr(kept_comparison, "compare", lambda *a, **options: calls.append(a) or real(*a, **options))
    command = typer.Typer()
    command.command()(compare_command)
    printed = CliRunner().invoke(command, [str(folders[0]), str(folders[1])])
    assert printed.exit_code == 0, printed.exception
    for suffix in (".md", ".tex"):
        assert run(folders[0], folders[1], "--output", tmp_path / f"report{suffix}").exit_code == 0
    assert len(calls) == 1
    kept = next((tmp_path / "cache" / "comparisons").iterdir())
    kept.write_text("{}")  # damaged: made anew
    assert run(folders[0], folders[1], "--output", tmp_path / "again.md").exit_code == 0
    assert len(calls) == 2
    assert (tmp_path / "again.md").read_text() == (tmp_path / "report.md").read_text()
    assert run(folders[0], folders[2], "--output", tmp_path / "other.md").exit_code in (0, 1)
    assert len(calls) == 3
