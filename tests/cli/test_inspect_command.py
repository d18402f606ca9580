import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from equilingua.cli.app import app

runner = CliRunner()


@pytest.fixture
def pairs_file(tmp_path: Path) -> Path:
    lines = [
        {"id": str(n), "queries": {"en": f"q{n}", "fi": f"k{n}"}, "passages": {"en": f"p{n}"}, "fit": n / 10}
        for n in range(10)
    ]
    path = tmp_path / "mine.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines))
    return path


def test_inspect_prints_counts_as_json(pairs_file: Path) -> None:
    done = runner.invoke(app, ["inspect", str(pairs_file), "--where", "fit>=0.5", "--json"])
    counts = json.loads(done.stdout)
    assert done.exit_code == 0
    assert counts["pairs"] == 5
    assert counts["sources"] == {"mine": 5}
    assert counts["language_pairs"] == {"en-en": 5, "fi-en": 5}
    assert counts["problems"] == 0


def test_titles_of_narrow_tables_stand_on_one_line(pairs_file: Path) -> None:
    done = runner.invoke(app, ["inspect", str(pairs_file)])
    lines = done.stdout.splitlines()
    assert {"10 pairs", "languages", "duplicates", "numeric columns (for --where)"} <= set(lines)
    assert "pairs by query language (rows) and passage language (columns)" in lines


def test_languages_are_compared_with_the_texts(tmp_path: Path) -> None:
    korean, swedish = (
        "이 보고서는 {}번째 도시의 교통과 주택 문제를 자세히 설명하고 있습니다.",
        "Rapport {} om skörden i landets södra delar.",
    )
    english, zulu = "Report {} describes the harvest in the south.", "Umbiko {} uchaza ukuthi isivuno sabe sinjani."
    lines = [
        {
            "id": str(n),
            "queries": {"en": english.format(n), "kr": korean.format(n), "de": english.format(n)},
            "passages": {"en": english.format(n), "fi": swedish.format(n), "zu": zulu.format(n)},
        }
        for n in range(20)
    ]
    path = tmp_path / "mine.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines))
    done = runner.invoke(app, ["inspect", str(path)])
    assert done.exit_code == 0
    told = [line for line in done.stdout.splitlines() if line.startswith("Not ")]
    assert told == [
        "Not all queries given as German (de) seem to be: of 20 looked at, 100% look like another language: "
        "English (en) 20.",
        "Not all queries given as kr (kr) seem to be: of 20 looked at, 100% look like another language: "
        "Korean (ko) 20. 'kr' is the code of South Korea too.",
        "Not all passages given as Finnish (fi) seem to be: of 20 looked at, 100% look like another language: "
        "Swedish (sv) 20.",
        "Not compared with their texts, because the detector does not know these languages: Zulu (zu).",
    ]
    counts = json.loads(runner.invoke(app, ["inspect", str(path), "--json"]).stdout)
    assert [doubt["language"] for doubt in counts["doubts"]["queries"]] == ["de", "kr"]
    assert counts["unchecked"] == ["zu"]


def test_inspect_goes_on_where_reading_refuses_and_exits_with_1(pairs_file: Path) -> None:
    pairs_file.write_text(pairs_file.read_text() + '\n{"id": "x", "queries": {"en": " "}, "passages": {"en": "p"}}\n')
    done = runner.invoke(app, ["inspect", str(pairs_file)])
    assert done.exit_code == 1
    assert "10 pairs" in done.stdout
    assert "mine.jsonl:11: 'queries': empty text in 'en'" in done.stdout.replace("\n", "")


def test_batches_prints_a_stream_as_json(pairs_file: Path) -> None:
    options = ["--kind", "x-y", "--batch-size", "4", "-n", "2", "--json"]
    done = runner.invoke(app, ["batches", str(pairs_file), *options])
    stream = json.loads(done.stdout)
    assert done.exit_code == 0
    assert stream["plan"]["kind"] == "x-y"
    assert stream["statistics"]["language_pairs"] == {"fi-en": 1.0}
    assert [batch["kind"] for batch in stream["batches"]] == ["cross-lingual"] * 2
    assert stream["batches"][0]["rows"][0]["query"].startswith("k")


def test_batches_prints_tables(pairs_file: Path) -> None:
    done = runner.invoke(app, ["batches", str(pairs_file), "--kind", "x-x-mono", "--batch-size", "5"])
    assert done.exit_code == 0
    assert "monolingual (en)" in done.stdout
    assert "language shortcut 0.000" in done.stdout


def test_texts_and_sources_that_look_like_markup_are_printed_as_they_are(tmp_path: Path) -> None:
    line = {"id": "1", "source": "a[/b]", "queries": {"en": "[/b] [red]?"}, "passages": {"en": "[link=x]"}}
    path = tmp_path / "p.jsonl"
    path.write_text(json.dumps(line))
    shown = runner.invoke(app, ["batches", str(path), "--kind", "x-x-mono", "--batch-size", "1"])
    assert shown.exit_code == 0, shown.output
    assert "[/b] [red]?" in shown.stdout
    counted = runner.invoke(app, ["inspect", str(path)])
    assert counted.exit_code == 0, counted.output
    assert "a[/b]" in counted.stdout


def test_batches_are_those_of_the_sampler_over_several_epochs(pairs_file: Path) -> None:
    from equilingua import HybridBatchSampler, ParallelPairs, TrainingExamples

    options = ["--kind", "x-y", "--batch-size", "4", "-n", "5", "--seed", "3", "--json"]
    shown = json.loads(runner.invoke(app, ["batches", str(pairs_file), *options]).stdout)["batches"]
    config = pairs_file.with_name("t.toml")
    config.write_text('pairs = ["mine.jsonl"]')
    of_file = runner.invoke(app, ["batches", *options, "--config", str(config), "--data", str(pairs_file.parent)])
    assert json.loads(of_file.stdout)["batches"] == shown
    assert "no pairs file given" in str(runner.invoke(app, ["batches", *options]).exception)
    rows = TrainingExamples(ParallelPairs.read(pairs_file))
    sampler = HybridBatchSampler(rows, 4, seed=3, kind="x-y")
    expected = []
    for epoch in range(3):
        sampler.set_epoch(epoch)
        expected += [[rows[number]["query"] for number in batch] for batch in sampler]
    assert [[row["query"] for row in batch["rows"]] for batch in shown] == expected[:5]


def test_batches_are_as_large_as_those_of_the_encoder_that_the_settings_build(pairs_file: Path, tmp_path: Path) -> None:
    config = tmp_path / "t.toml"
    for table, size in (("", 100), ('[encoder]\nfrom_scratch = "static"', 512)):
        config.write_text(table)
        refused = runner.invoke(app, ["batches", str(pairs_file), "--kind", "x-y", "--config", str(config)])
        assert f"a batch of {size} examples is larger than the data" in str(refused.exception)


def test_inspect_prints_json_that_any_reader_takes_and_tells_what_is_no_number(pairs_file: Path) -> None:
    line = '{"id": "x", "queries": {"en": "q"}, "passages": {"en": "p"}, "fit": '
    pairs_file.write_text(pairs_file.read_text() + "".join(f"\n{line}{fit}}}" for fit in ("1e400", "NaN", '"0.1"')))
    done = runner.invoke(app, ["inspect", str(pairs_file), "--json"])
    counts = json.loads(done.stdout, parse_constant=pytest.fail)
    assert done.exit_code == 1
    assert counts["problems"] == 3
    assert counts["numbers"] == [{"name": "fit", "pairs": 10, "missing": 1, "low": 0.0, "mean": 0.45, "high": 0.9}]
