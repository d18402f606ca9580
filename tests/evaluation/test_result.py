import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.errors import InputError
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.result import EvaluationResult, check_output
from equilingua.files import content_hash


@pytest.fixture
def result(small_benchmark: Benchmark, vectors_for: Callable[..., object]) -> EvaluationResult:
    return evaluate(vectors_for(small_benchmark), small_benchmark, model_name="tiny", resamples=50)


def test_a_saved_result_loads_as_it_was(result: EvaluationResult, tmp_path: Path) -> None:
    loaded = EvaluationResult.load(result.save(tmp_path / "deep" / "result"))
    assert json.dumps(loaded.to_dict()) == json.dumps(result.to_dict())
    assert str(loaded) == str(result)
    assert len(loaded.scores) == len(result.scores) == 12
    for one, two in zip(result.scores, loaded.scores, strict=True):
        assert (one.setting, one.query_language, one.corpus_language) == (
            two.setting,
            two.query_language,
            two.corpus_language,
        )
        assert one.query_ids == two.query_ids
        assert list(one.values) == list(two.values)
        for name, values in one.values.items():
            np.testing.assert_array_equal(two.values[name], values)
        for ranks, again in zip(one.ranks, two.ranks, strict=True):
            assert ranks[ranks > 0].tolist() == again[again > 0].tolist()


def test_a_query_without_a_value_is_null_in_the_file_and_missing_again_when_read(
    small_benchmark: Benchmark, vectors_for: Callable[..., object], tmp_path: Path
) -> None:
    english = {
        query: {id_: grade for id_, grade in judged.items() if id_.startswith("en") or query in ("q1", "q2")}
        for query, judged in small_benchmark.qrels["en"].items()
    }
    benchmark = replace(small_benchmark, qrels={**small_benchmark.qrels, "en": english})
    result = evaluate(vectors_for(benchmark), benchmark, resamples=50)
    folder = result.save(tmp_path / "r")
    column = pq.read_table(folder / "per_query.parquet", columns=["setting", "query_language", "cross_language_R@10"])
    rows = [row for row in column.to_pylist() if (row["setting"], row["query_language"]) == ("multilingual", "en")]
    assert [row["cross_language_R@10"] is None for row in rows] == [True, False, False] + [True] * 9
    pairs = [
        next(pair for pair in of.scores if (pair.setting, pair.query_language) == ("multilingual", "en"))
        for of in (result, EvaluationResult.load(folder))
    ]
    for name, values in pairs[0].values.items():
        np.testing.assert_array_equal(pairs[1].values[name], values)
    known = [row["cross_language_R@10"] for row in rows if row["cross_language_R@10"] is not None]
    assert result.per_language["multilingual"]["en"]["cross_language_R@10"] == pytest.approx(np.mean(known))
    assert "NaN" not in (folder / "result.json").read_text()


def test_a_measure_that_no_query_has_a_value_of_is_left_out(
    small_benchmark: Benchmark, vectors_for: Callable[..., object], tmp_path: Path
) -> None:
    own = {
        language: {
            query: {id_: grade for id_, grade in judged.items() if id_.startswith(language)}
            for query, judged in rows.items()
        }
        for language, rows in small_benchmark.qrels.items()
    }
    benchmark = replace(small_benchmark, qrels=own)
    result = evaluate(vectors_for(benchmark), benchmark, resamples=50)
    assert list(result.measures) == ["monolingual", "multilingual"]
    assert "same_language_R@10" in result.measures["multilingual"]
    for name in ("cross_language_R@10", "language_preference"):
        assert name not in result.measures["multilingual"]
        assert name not in result.intervals["multilingual"]
    assert EvaluationResult.load(result.save(tmp_path / "r")).measures == result.measures


def test_language_bias_is_saved_and_read_with_its_types_checked(result: EvaluationResult, tmp_path: Path) -> None:
    folder = result.save(tmp_path / "r")
    assert EvaluationResult.load(folder).language_bias == result.language_bias
    document = json.loads((folder / "result.json").read_text())
    assert set(document["language_bias"]["exposure"]) == {"de", "en", "th"}
    assert set(document["language_bias"]["exposure"]["en"]) == {"share", "pool_share", "difference", "interval"}
    document["language_bias"]["exposure"]["en"]["share"] = "much"
    del document["language_bias"]["peer"]
    (folder / "result.json").write_text(json.dumps(document))
    message = r"(?s)2 problems.*language_bias\.exposure\.en\.share: .*number.*language_bias\.peer: .*Evaluate again"
    with pytest.raises(InputError, match=message):
        EvaluationResult.load(folder)


def test_every_part_is_read_with_its_types_checked(result: EvaluationResult, tmp_path: Path) -> None:
    folder = result.save(tmp_path / "r")
    read = EvaluationResult.load(folder)
    for part in ("languages", "measures", "per_language", "per_pair", "intervals", "pair_intervals", "counts"):
        assert getattr(read, part) == getattr(result, part)
    document = json.loads((folder / "result.json").read_text())
    document["measures"]["monolingual"]["mAP"] = "high"
    document["pair_intervals"]["cross-lingual"]["de-en"]["mAP"] = [0.5]
    (folder / "result.json").write_text(json.dumps(document))
    message = r"(?s)2 problems.*measures\.monolingual\.mAP: .*pair_intervals\.cross-lingual\.de-en\.mAP\.1: .*edited"
    with pytest.raises(InputError, match=message):
        EvaluationResult.load(folder)


def test_the_document_has_the_parts_that_the_format_names(result: EvaluationResult, tmp_path: Path) -> None:
    document = json.loads((result.save(tmp_path / "r") / "result.json").read_text())
    assert document["schema"] == 4
    assert (document["model"], document["benchmark"], document["languages"]) == ("tiny", "small", ["de", "en", "th"])
    assert list(document["measures"]) == ["monolingual", "cross-lingual", "multilingual"]
    assert {"mAP", "R@1", "R@10", "MRR@20", "nDCG@10", "R@100"} <= set(document["measures"]["monolingual"])
    assert "rank_distance" in document["measures"]["multilingual"]
    assert "rank_distance" not in document["measures"]["cross-lingual"]
    assert set(document["per_language"]["multilingual"]) == {"de", "en", "th"}
    assert set(document["per_pair"]) == {"de-en", "de-th", "en-de", "en-th", "th-de", "th-en"}
    assert set(document["pair_intervals"]["cross-lingual"]) == set(document["per_pair"])
    low, high = document["intervals"]["multilingual"]["mAP"]
    assert low <= document["measures"]["multilingual"]["mAP"] <= high
    assert "rank_distance" not in document["intervals"]["multilingual"]  # twelve items are too few for its mean
    assert {"versions", "seeds", "data", "precision", "hardware", "command"} <= set(document["provenance"])
    assert document["provenance"]["data"] == {"small.json": "0" * 64}


def test_the_parquet_file_has_one_row_a_query_setting_and_corpus(result: EvaluationResult, tmp_path: Path) -> None:
    table = pq.read_table(result.save(tmp_path / "r") / "per_query.parquet")
    assert table.num_rows == 30 + 52 + 30
    assert table.column_names[:5] == ["query_id", "setting", "query_language", "corpus_language", "ranks"]
    rows = [row for row in table.to_pylist() if row["query_id"] == "q1" and row["query_language"] == "en"]
    pool = next(row for row in rows if row["setting"] == "multilingual")
    german = next(row for row in rows if row["corpus_language"] == "de")
    assert pool["corpus_language"] == "*"
    assert len(pool["ranks"]) == 4
    assert pool["rank_distance"] == max(pool["ranks"]) - min(pool["ranks"])
    assert (len(german["ranks"]), german["rank_distance"]) == (1, None)
    assert german["mAP"] == pytest.approx(1 / german["ranks"][0])


def test_printing_shows_settings_cut_offs_rank_distance_and_counts(result: EvaluationResult) -> None:
    text = str(result)
    assert {"Success@10", "language_preference", "language_oracle_gap"} <= set(result.measures["multilingual"])
    assert text.startswith("tiny on small: 3 languages (de, en, th), 8 to 12 queries a language, pool of 70 passages")
    header, *rows = text.splitlines()[2:6]
    assert " ".join(header.split()) == ("setting mAP [95 %] R@1 R@10 MRR@20 nDCG@10 R@100 rank_distance Max@R_norm")
    assert [row.split()[0] for row in rows] == ["monolingual", "cross-lingual", "multilingual"]
    assert f"{result.measures['cross-lingual']['mAP']:.3f} [" in rows[1]
    assert f"{result.measures['multilingual']['rank_distance']:.0f} " in rows[2]
    assert "No interval: too few items to tell (rank_distance, multilingual)." in text


def test_measures_asked_for_by_name_are_all_printed(
    small_benchmark: Benchmark, vectors_for: Callable[..., object]
) -> None:
    names = ["mAP", "Success@10", "Max@R", "language_oracle_gap"]
    result = evaluate(vectors_for(small_benchmark), small_benchmark, measures=names, resamples=0)
    header, *_, pool = str(result).splitlines()[2:]
    assert header.split() == ["setting", *names]  # no "[95 %]" where nothing was resampled
    assert pool.split()[3] == f"{result.measures['multilingual']['Max@R']:.0f}"
    assert pool.split()[4] == f"{result.measures['multilingual']['language_oracle_gap']:.3f}"


def test_a_result_is_overwritten_only_when_asked(result: EvaluationResult, tmp_path: Path) -> None:
    folder = result.save(tmp_path / "r")
    (folder / "trec").mkdir()
    (folder / "trec" / "monolingual.run").write_text("of the older result")
    with pytest.raises(InputError, match=r"already holds the result of 'tiny' on 'small'.*--overwrite"):
        result.save(folder)
    result.save(folder, overwrite=True)
    assert sorted(path.name for path in folder.iterdir()) == ["per_query.parquet", "result.json"]


def test_runs_of_another_hand_are_never_removed(result: EvaluationResult, tmp_path: Path) -> None:
    runs = tmp_path / "trec"
    runs.mkdir()
    (runs / "multilingual.run").write_text("mine")
    with pytest.raises(InputError, match=r"is no result folder \(it holds trec\)"):
        result.save(tmp_path, overwrite=True)
    assert (runs / "multilingual.run").read_text() == "mine"
    folder = result.save(tmp_path / "r")
    (folder / "trec").mkdir()
    (folder / "trec" / "fused.run").write_text("mine")
    (folder / "trec" / "multilingual.run").write_text("of the older result")
    result.save(folder, overwrite=True)
    assert [path.name for path in (folder / "trec").iterdir()] == ["fused.run"]


def test_a_folder_that_holds_other_things_is_never_written_to(result: EvaluationResult, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match=r"is no result folder \(it holds thesis.tex\)"):
        result.save(tmp_path, overwrite=True)
    with pytest.raises(InputError, match="is a file; give a folder"):
        result.save(tmp_path / "thesis.tex", overwrite=True)
    with pytest.raises(InputError, match=r"r/result.json: cannot be written, since .*thesis.tex is a file"):
        check_output(tmp_path / "thesis.tex" / "r", overwrite=False)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_folders_that_hold_no_usable_result_are_told(result: EvaluationResult, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no result.json: is it a folder that `equilingua evaluate` wrote\?"):
        EvaluationResult.load(tmp_path)
    folder = result.save(tmp_path / "r")
    document = json.loads((folder / "result.json").read_text())

    def rewrite(changed: object) -> None:
        (folder / "result.json").write_text(changed if isinstance(changed, str) else json.dumps(changed))

    rewrite({**document, "schema": 7})
    with pytest.raises(InputError, match=r"schema 7, but this version reads schema 4"):
        EvaluationResult.load(folder)
    rewrite({key: value for key, value in document.items() if key not in ("counts", "measures")})
    with pytest.raises(InputError, match=r"(?s)2 problems.*no 'measures'.*no 'counts'"):
        EvaluationResult.load(folder)
    rewrite("{")
    with pytest.raises(InputError, match=r"result\.json:1: broken JSON"):
        EvaluationResult.load(folder)
    rewrite(document)
    per_query = folder / "per_query.parquet"
    per_query.write_bytes(per_query.read_bytes() + b"x")
    with pytest.raises(InputError, match=r"per_query.parquet: was written with another result"):
        EvaluationResult.load(folder)
    per_query.unlink()
    with pytest.raises(InputError, match=r"per_query.parquet: is missing"):
        EvaluationResult.load(folder)


def test_a_write_that_fails_leaves_the_older_result_as_it_was(
    result: EvaluationResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = result.save(tmp_path / "r")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def full_disk(*_: object, **__: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("pyarrow.parquet.write_table", full_disk)
    with pytest.raises(OSError, match="no space left"):
        result.save(folder, overwrite=True)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def damaged(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A document of every other shape that it may have been edited to."""
    for part in document:
        yield {name: value for name, value in document.items() if name != part}
        for other in (None, [], {}, 10**400, float("nan"), "0.5", [[]], {"en": {"en": {}}}):
            is_allowed = part == "language_bias" and other is None
            if other != document[part] and not isinstance(other, type(document[part])) and not is_allowed:
                yield {**document, part: other}
    measures = document["measures"]
    yield {**document, "measures": {**measures, "monolingual": {**measures["monolingual"], "mAP": 0.123}}}
    yield {**document, "measures": {**measures, "monolingual": {**measures["monolingual"], "mAP": "0.5"}}}
    yield {**document, "unknown": 1}
    bias = document["language_bias"]
    yield {**document, "language_bias": {("friedmann" if name == "friedman" else name): bias[name] for name in bias}}


def test_no_document_of_another_shape_is_read_as_a_result(result: EvaluationResult, tmp_path: Path) -> None:
    folder = result.save(tmp_path / "r")
    document = json.loads((folder / "result.json").read_text())
    for other in damaged(document):
        (folder / "result.json").write_text(json.dumps(other))
        changed = [name for name in {**document, **other} if document.get(name) != other.get(name)]
        with pytest.raises(InputError, match=r"result\.json|per_query\.parquet"):
            print(f"changed: {changed}", EvaluationResult.load(folder))


def test_no_table_of_another_shape_is_read_as_scores(result: EvaluationResult, tmp_path: Path) -> None:
    folder = result.save(tmp_path / "r")
    path, table = folder / "per_query.parquet", pq.read_table(folder / "per_query.parquet")
    document = json.loads((folder / "result.json").read_text())
    names = table.column_names
    texts = pa.array(["x"] * len(table))
    others = [
        *(table.drop_columns([name]) for name in names),
        *(table.set_column(names.index(name), name, texts) for name in names),
        *(table.set_column(at, name, pa.nulls(len(table), table.schema.types[at])) for at, name in enumerate(names)),
        table.set_column(names.index("mAP"), "mAP", pa.array([float("inf")] * len(table))),
        table.set_column(names.index("ranks"), "ranks", pa.array([[-1]] * len(table))),
        table.append_column("mAP", table["mAP"]),
        table.slice(0, 0),
        table.slice(1),
        pa.concat_tables([table, table]),
        pa.table({}),
    ]  # fmt: skip
    for other in others:
        pq.write_table(other, path)
        (folder / "result.json").write_text(json.dumps({**document, "per_query_sha256": content_hash(path)}))
        with pytest.raises(InputError, match=r"result\.json|per_query\.parquet"):
            EvaluationResult.load(folder)
    path.write_bytes(b"no Parquet")
    (folder / "result.json").write_text(json.dumps({**document, "per_query_sha256": content_hash(path)}))
    with pytest.raises(InputError, match=r"per_query\.parquet: cannot be read"):
        EvaluationResult.load(folder)
