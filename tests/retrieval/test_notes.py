"""What users are told of how texts were encoded: pooling, prompts, texts that were cut."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from equilingua.auditing.audit import audit
from equilingua.benchmarks.benchmark import Benchmark
from equilingua.cli.app import app
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.result import EvaluationResult
from equilingua.retrieval.encoding import EncodeOptions
from equilingua.retrieval.notes import cut_texts, encoding_notes
from equilingua.training.models import load_model

WORDS = ["red", "blue", "query:", "passage:"]


def words(count: int) -> str:
    return " ".join(["red"] * count)


@pytest.mark.parametrize(("prompt", "expected"), [("", {"de": 1}), ("passage: ", {"de": 1, "en": 1})])
def test_texts_are_cut_from_the_first_token_too_many_prompt_and_marks_included(
    prompt: str, expected: dict[str, int], tiny_transformer: Callable[..., Any], texts_seen: list[str]
) -> None:
    model = tiny_transformer(WORDS)
    most = model.max_seq_length - 2
    texts = {"en": [words(3), words(most)], "de": [words(most + 1), "blue"], "fi": ["blue"]}
    options = EncodeOptions(passage_prompt=prompt, precision="fp32")
    cut = cut_texts(model, {"query": {"en": ["red"]}, "document": texts}, options)
    assert cut is not None
    assert (cut.tokens, cut.counts) == (model.max_seq_length, {"passages": expected})
    # Against what the model really reads: a text that comes out shorter than it went in.
    for tag, own in texts.items():
        model.encode_document(own, prompt=prompt)
        read = set(texts_seen)
        assert sum((prompt + text) not in read for text in own) == expected.get(tag, 0)
        texts_seen.clear()


def test_a_static_encoder_reads_texts_whole(static_model: Callable[..., Any]) -> None:
    assert cut_texts(static_model(WORDS), {"query": {"en": [words(5000)]}}) is None
    assert cut_texts(object(), {"query": {"en": [words(5000)]}}) is None


def test_results_and_audits_count_cut_texts_per_language(
    tiny_transformer: Callable[..., Any], small_benchmark: Benchmark, tmp_path: Path
) -> None:
    model = tiny_transformer(["question", "passage", "de", "en", "th", *map(str, range(20))])
    model.max_seq_length = 4  # its two marks and two words: three words are cut
    result = evaluate(model, small_benchmark, resamples=0)
    queries = {tag: len(rows.ids) for tag, rows in small_benchmark.queries.items()}
    passages = {tag: len(rows.ids) for tag, rows in small_benchmark.corpora.items()}
    assert result.counts["cut"] == {"tokens": 4, "queries": queries, "passages": passages}
    assert "Note: texts longer than the 4 tokens that the model reads were cut: queries: de 10 of 10" in str(result)
    result.save(tmp_path / "result")
    assert EvaluationResult.load(tmp_path / "result").counts["cut"] == result.counts["cut"]

    for name, texts in (("corpus", small_benchmark.corpora), ("queries", small_benchmark.queries)):
        lines = [
            json.dumps({"id": f"{tag}-{id_}", "text": text, "language": tag})
            for tag, rows in texts.items()
            for id_, text in zip(rows.ids, rows.texts, strict=True)
        ]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    found = audit(model, tmp_path / "corpus.jsonl", tmp_path / "queries.jsonl")
    assert found.provenance["cut"]["passages"] == passages
    model.max_seq_length = 32
    assert "cut" not in evaluate(model, small_benchmark, resamples=0).counts


def test_a_family_made_with_prompts_is_told_by_its_folder_or_its_card(
    tiny_transformer: Callable[..., Any], tmp_path: Path
) -> None:
    model = tiny_transformer(WORDS)
    told = "E5 models are made with prompts and this one comes without"
    for name, card in (("multilingual-e5-small", ""), ("mine", "---\nbase_model: intfloat/e5-base\n---\n")):
        model.save_pretrained(str(tmp_path / name))
        (tmp_path / name / "README.md").write_text(card, encoding="utf-8")
        (note,) = encoding_notes(load_model(tmp_path / name), EncodeOptions())
        assert note.startswith(told)
        given = EncodeOptions(query_prompt="query: ", passage_prompt="passage: ")
        assert encoding_notes(load_model(tmp_path / name), given) == ()
    model.prompts = {"query": "query: ", "passage": "passage: "}
    model.save_pretrained(str(tmp_path / "e5"))
    (note,) = encoding_notes(load_model(tmp_path / "e5"), EncodeOptions())
    assert note.startswith("passages are encoded behind 'passage: ', as the model's prompts say; its stock encode_doc")


def test_notes_are_told_before_work_and_kept_with_the_result(
    tiny_transformer: Callable[..., Any], tmp_path: Path
) -> None:
    model = tiny_transformer(WORDS)
    plain = tmp_path / "e5-small"
    model[0].auto_model.save_pretrained(plain)
    model.tokenizer.save_pretrained(plain)
    texts = tmp_path / "texts.jsonl"
    texts.write_text('{"id": "a", "text": "red"}\n{"id": "b", "text": "blue"}\n', encoding="utf-8")
    own = ["--corpus", texts, "--queries", texts, "--output", tmp_path / "run.trec"]
    done = CliRunner().invoke(app, list(map(str, ["search", plain, *own])))
    assert done.exit_code == 0, done.exception
    notes = json.loads((tmp_path / "run.trec.json").read_text())["provenance"]["notes"]
    assert notes[0].startswith("a plain transformers model, without")
    assert notes[1:] == [
        "E5 models are made with prompts and this one comes without: "
        "give --query-prompt 'query: ' --passage-prompt 'passage: '"
    ]
    for note in notes:
        assert f"Note: {note}." in done.stderr
        assert f"Note: {note}." in done.stdout
