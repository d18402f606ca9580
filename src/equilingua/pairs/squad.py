"""SQuAD-format JSON, with published sentence breaks where it has them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from equilingua.errors import InputError, Problems
from equilingua.files import open_text, unreadable
from equilingua.pairs.records import ParallelPair


def read_squad(path: str | Path, *, language: str, problems: Problems) -> Iterator[ParallelPair]:
    """The answerable questions of a SQuAD-format file, each with the passage that holds its first answer.

    The passage is the sentence around the answer where the paragraph publishes ``sentence_breaks`` (LAReQA,
    arXiv 2004.05484), the whole paragraph otherwise. Questions without an answer (SQuAD 2.0) are left out.

    Args:
        path: the file; .gz, .xz and .zst are decompressed.
        language: the language of its texts, which the format does not say.
        problems: where what cannot be read is noted, one line a question.
    """
    path = Path(path)
    source = path.name.split(".")[0]
    for place, paragraph in _paragraphs(path):
        for number, question in enumerate(paragraph.get("qas", [])):
            where = f"{path}:{place}.qas[{number}]"
            try:
                pair = _pair(question, paragraph, language=language, source=source)
            except (KeyError, TypeError, AttributeError) as error:
                problems.add(f"{where}: {type(error).__name__} {error}: a SQuAD question has id, question and answers")
            except InputError as error:
                problems.add(f"{where}: {error}")
            else:
                if pair:
                    yield pair


def _paragraphs(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    with open_text(path) as file:
        try:
            content = json.load(file)
        except json.JSONDecodeError as error:
            raise InputError(f"{path}:{error.lineno}: broken JSON: {error.msg}") from error
        except unreadable() as error:
            raise InputError(f"{path}: cannot be read: {error}") from error
    articles = content.get("data") if isinstance(content, dict) else None
    if not isinstance(articles, list):
        raise InputError(
            f"{path}: SQuAD-format JSON has a list under 'data'; write pairs as JSON lines (.jsonl) otherwise"
        )
    for a, article in enumerate(articles):
        for p, paragraph in enumerate(_list(article, "paragraphs", f"{path}:data[{a}]")):
            place = f"data[{a}].paragraphs[{p}]"
            _list(paragraph, "qas", f"{path}:{place}")
            yield place, paragraph


def _list(value: Any, name: str, where: str) -> list[Any]:
    found = value.get(name, []) if isinstance(value, dict) else None
    if not isinstance(found, list):
        raise InputError(f"{where}: an object with a list {name!r} was expected, as SQuAD has it")
    return found


def _pair(question: dict[str, Any], paragraph: dict[str, Any], *, language: str, source: str) -> ParallelPair | None:
    if not question.get("answers"):
        return None
    text = question["question"].strip()
    passage = _passage(paragraph, question["answers"][0]["answer_start"])
    if not text or not passage:
        raise InputError(f"empty {'passage' if text else 'question'}")
    return ParallelPair(str(question["id"]), source, {language: text}, {language: passage})


def _passage(paragraph: dict[str, Any], start: int) -> str:
    context: str = paragraph["context"]
    breaks = paragraph.get("sentence_breaks")
    if breaks is None:
        return context.strip()
    for begin, end in breaks:
        if begin <= start < end:
            return context[begin:end].strip()
    raise InputError(f"the answer at character {start} lies in no sentence")
