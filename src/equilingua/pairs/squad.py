"""SQuAD-format question answering as pairs: the passage is the sentence around the answer, or the paragraph."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from equilingua.errors import InputError, Problems
from equilingua.files import open_text, unreadable
from equilingua.pairs.json_lines import json_rows
from equilingua.pairs.pair import ParallelPair, whole_characters
from equilingua.pairs.sentences import sentence_around

PassageUnit = Literal["paragraph", "sentence"]


def read_squad(
    path: str | Path,
    *,
    language: str,
    problems: Problems,
    source: str | None = None,
    passage: PassageUnit = "paragraph",
) -> Iterator[ParallelPair]:
    """The answerable questions of a SQuAD-format file, each with the passage that holds its first answer.

    The passage is the sentence around the answer where the paragraph publishes ``sentence_breaks`` (LAReQA,
    arXiv 2004.05484). Elsewhere it is the whole paragraph, or the sentence that ``sentence_around`` finds; an answer
    whose place is not known leaves the paragraph. Questions without an answer (SQuAD 2.0) are left out.

    Args:
        path: the file; .gz, .xz and .zst are decompressed.
        language: the language of its texts, which the format does not say.
        problems: where what cannot be read is noted, one line a question.
        source: of the pairs, and put before their ids (``source/id``), since other sets may count from 1 too; by
            default the file's name, and the ids stay as they are.
        passage: what is taken of a paragraph without published breaks.
    """
    path = Path(path)
    reading = _Reading.of(path, language, source, passage)
    for place, paragraph in _paragraphs(path):
        for number, question in enumerate(paragraph.get("qas", [])):
            where = f"{path}:{place}.qas[{number}]"
            yield from reading.pairs(question, paragraph, where=where, problems=problems)


def read_squad_rows(
    path: str | Path,
    *,
    language: str,
    problems: Problems,
    source: str | None = None,
    passage: PassageUnit = "paragraph",
) -> Iterator[ParallelPair]:
    """The answerable questions of JSON lines in the columns that SQuAD has as a data set on the hub.

    A row has ``question``, ``context``, ``answers`` (``{"text": [...], "answer_start": [...]}``) and an ``id`` or
    ``question_id``. Arguments and passages are those of ``read_squad``.
    """
    path = Path(path)
    reading = _Reading.of(path, language, source, passage)
    for where, row in json_rows(path, problems):
        yield from reading.pairs(row, row, where=where, problems=problems)


@dataclass(frozen=True, slots=True)
class _Reading:
    """How the questions of a file become pairs."""

    language: str
    source: str
    prefix: str
    passage: PassageUnit

    @classmethod
    def of(cls, path: Path, language: str, source: str | None, passage: PassageUnit) -> "_Reading":
        return cls(language, source or path.name.split(".")[0], f"{source}/" if source else "", passage)

    def pairs(
        self, question: Mapping[str, Any], paragraph: Mapping[str, Any], *, where: str, problems: Problems
    ) -> Iterator[ParallelPair]:
        """The pair of an answerable question, if it can be read."""
        try:
            answer = _first_answer(question.get("answers"))
            if answer:
                yield self._pair(question, paragraph, *answer)
        except InputError as error:
            problems.add(f"{where}: {error}")
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            problems.add(f"{where}: {type(error).__name__} {error}: a SQuAD question has id, question and answers")

    def _pair(
        self, question: Mapping[str, Any], paragraph: Mapping[str, Any], answer: str, start: int | None
    ) -> ParallelPair:
        identity = question["id"] if "id" in question else question["question_id"]
        text = question["question"].strip()
        passage = self._passage(paragraph, answer, start)
        if not text or not passage:
            raise InputError(f"empty {'passage' if text else 'question'}")
        for what, part in (("the id", str(identity)), ("the question", text), ("the passage", passage)):
            whole_characters(part, what)
        return ParallelPair(f"{self.prefix}{identity}", self.source, {self.language: text}, {self.language: passage})

    def _passage(self, paragraph: Mapping[str, Any], answer: str, start: int | None) -> str:
        context: str = paragraph["context"]
        breaks = paragraph.get("sentence_breaks")
        if breaks is not None and start is not None:
            for begin, end in breaks:
                if begin <= start < end:
                    return context[begin:end].strip()
            raise InputError(f"the answer at character {start} lies in no sentence")
        span = _span(context, answer, start) if self.passage == "sentence" else None
        return sentence_around(context, *span, language=self.language) if span else context.strip()


def _first_answer(answers: Any) -> tuple[str, int | None] | None:
    """Text and place of the first answer, None where there is none.

    SQuAD lists its answers, rows hold one object with a list of each field. Some sets give questions without an answer
    an empty one before the text.
    """
    if not answers or (isinstance(answers, dict) and not answers["text"]):
        return None
    first = {name: values[0] for name, values in answers.items() if values} if isinstance(answers, dict) else answers[0]
    text, start = first.get("text") or "", first.get("answer_start")
    # TQuad writes its numbers as texts.
    start = None if start is None else int(start)
    return None if not text and start is not None and start < 0 else (text, start)


def _span(context: str, answer: str, start: int | None) -> tuple[int, int] | None:
    """Where the answer stands: where its text is found nearest to its stated place, else that place."""
    answer = answer.strip()
    found = [match.start() for match in re.finditer(re.escape(answer), context)] if answer else []
    if found:
        begin = min(found, key=lambda place: abs(place - (start or 0)))
        return begin, begin + len(answer)
    if start is None:
        return None
    if not 0 <= start < len(context):
        raise InputError(f"the answer at character {start} lies outside the paragraph")
    return start, min(len(context), start + max(1, len(answer)))


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
