"""Question answering in SQuAD's format: its paragraphs as they stand, and as pairs of a question and a passage."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from operator import index
from typing import Any, Literal

from equilingua.data_files import DataFile, Row, parsed
from equilingua.errors import InputError, Problems
from equilingua.pairs.pair import ParallelPair
from equilingua.pairs.sentences import sentence_around
from equilingua.rows import document, identity, read_rows

PassageUnit = Literal["paragraph", "sentence"]


@dataclass(frozen=True, slots=True)
class Answer:
    """Where an answer stands: its text, which may be empty, and its first character, None where that is not known."""

    text: str
    start: int | None


@dataclass(frozen=True, slots=True)
class Question:
    """A question about a paragraph, as the file has it; as text, its place there.

    Its answer is the first one; None for a question without an answer (SQuAD 2.0), whose text is not looked at.
    """

    id: str
    text: str
    answer: Answer | None
    place: Row

    def __str__(self) -> str:
        return str(self.place)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph with those of its questions that can be read, in their order; as text, its place in the file.

    The context is as it stands, a byte order mark included, because offsets count every character. ``sentences`` are
    published ones as (begin, end) in characters; empty where there are none.
    """

    context: str
    sentences: Sequence[tuple[int, int]]
    questions: tuple[Question, ...]
    place: Row

    def __str__(self) -> str:
        return str(self.place)

    def sentence_of(self, answer: Answer) -> int | None:
        """Number of the sentence that an answer starts in, from 0; None if there is none."""
        if answer.start is None:
            return None
        return next((n for n, (begin, end) in enumerate(self.sentences) if begin <= answer.start < end), None)


def read_paragraphs(file: DataFile, problems: Problems, *, rows: bool = False) -> Iterator[Paragraph]:
    """The paragraphs of a document in SQuAD's format, or of a file of rows (``row_paragraphs``).

    Paragraphs and questions that cannot be read are noted in ``problems``, one line each, and left out.

    Raises:
        InputError: if it should be a document and is none (data > paragraphs > context, qas).
    """
    if rows:
        return row_paragraphs(read_rows(file, problems), problems)
    return _paragraphs(_document(file), _questions_of, problems)


def row_paragraphs(rows: Iterable[Row], problems: Problems) -> Iterator[Paragraph]:
    """A paragraph with one question of each row, in the columns that SQuAD has as a data set on the hub.

    These are ``question``, ``context``, an ``id`` or ``question_id``, and ``answers`` (``{"text": [...],
    "answer_start": [...]}``, or what a document has). Rows that cannot be read are noted in ``problems`` and left out.
    """
    return _paragraphs(rows, lambda row: [row], problems)


def is_rows_of_squad(values: Iterable[Any]) -> bool:
    """Whether rows have SQuAD's columns, ``answers`` among them, as ``row_paragraphs`` reads them."""
    values = list(values)
    for value in values:
        if not isinstance(value, dict) or not {"question", "context", "answers"} <= set(value):
            return False
        answers = value["answers"]
        if not (isinstance(answers, dict) and "text" in answers) and not isinstance(answers, list):
            return False
    return bool(values)


def squad_pairs(
    file: DataFile,
    *,
    language: str,
    problems: Problems,
    source: str | None = None,
    passage: PassageUnit = "paragraph",
    rows: bool = False,
) -> Iterator[ParallelPair]:
    """The answerable questions of a file in SQuAD's format, each with the passage that holds its first answer.

    The passage is the sentence around the answer where the paragraph publishes ``sentence_breaks`` (LAReQA,
    arXiv 2004.05484). Elsewhere it is the whole paragraph, or the sentence that ``sentence_around`` finds; an answer
    whose place is not known leaves the paragraph.

    Arguments are those of ``read_pairs`` and ``read_paragraphs``.
    """

    def pair(question: Question, paragraph: Paragraph) -> ParallelPair | None:
        if question.answer is None:
            return None
        text = _passage(paragraph, question.answer, passage, language)
        if not text:
            raise InputError("empty passage")
        id_ = f"{source}/{question.id}" if source else question.id
        return ParallelPair(id_, source or file.stem, {language: question.text.strip()}, {language: text})

    for paragraph in read_paragraphs(file, problems, rows=rows):
        yield from parsed(paragraph.questions, partial(pair, paragraph=paragraph), problems)


def _document(file: DataFile) -> Iterator[Row]:
    """The paragraphs of a document, of which it is known only that they may hold questions."""
    content = document(file)
    articles = content.get("data") if isinstance(content, dict) else None
    if not isinstance(articles, list):
        raise InputError(
            f"{file}: not in SQuAD format, which has a list under 'data'; write pairs as JSON lines (.jsonl) otherwise"
        )
    for a, article in enumerate(articles):
        for p, paragraph in enumerate(_list(article, "paragraphs", Row(file, f"data[{a}]"))):
            row = Row(file, f"data[{a}].paragraphs[{p}]", paragraph)
            _list(paragraph, "qas", row, default=[])
            yield row


def _list(value: Any, name: str, place: Row, *, default: list[Any] | None = None) -> list[Any]:
    within = value.get(name, default) if isinstance(value, dict) else None
    if not isinstance(within, list):
        raise InputError(f"{place}: not in SQuAD format: an object with a list {name!r} was expected")
    return within


def _questions_of(paragraph: Row) -> list[Row]:
    questions = paragraph.value.get("qas", [])
    return [Row(paragraph.file, f"{paragraph.where}.qas[{n}]", question) for n, question in enumerate(questions)]


def _paragraphs(
    rows: Iterable[Row], questions_of: Callable[[Row], list[Row]], problems: Problems
) -> Iterator[Paragraph]:
    def paragraph(row: Row) -> Paragraph:
        if not isinstance(row.value, dict):
            raise InputError(f"a JSON object was expected, got {type(row.value).__name__}")
        context = row.value.get("context")
        if not isinstance(context, str) or not context.strip():
            raise InputError(f"'context' must be a non-empty text, got {context!r}")
        breaks = _sentence_breaks(row.value.get("sentence_breaks") or (), len(context))
        expected = "a SQuAD question has id, question and answers"
        questions = tuple(parsed(questions_of(row), _question, problems, expected=expected))
        return Paragraph(context, breaks, questions, row)

    return parsed(rows, paragraph, problems, expected="sentence_breaks must be a list of [begin, end] in characters")


def _sentence_breaks(breaks: Iterable[Sequence[int]], length: int) -> list[tuple[int, int]]:
    """The sentences of a paragraph of so many characters; raises ``InputError`` where they are none of it."""
    sentences = [(index(begin), index(end)) for begin, end in breaks]
    for begin, end in sentences:
        if not 0 <= begin <= end <= length:
            raise InputError(
                f"sentence_breaks has [{begin}, {end}], but 'context' has the characters 0 to {length}: were the "
                "breaks made for another text, or count bytes?"
            )
    return sentences


def _question(row: Row) -> Question:
    if "answers" not in row.value:
        raise InputError("has no 'answers', which are an empty list where a question has none")
    answer, id_ = _first_answer(row.value["answers"]), row.value.get("id", row.value.get("question_id"))
    if answer is None:
        return Question(str(id_), "", None, row)
    id_, text = identity(id_, "the question's id"), row.value.get("question")
    if not isinstance(text, str) or not text.strip():
        raise InputError(f"question {id_!r} must be a non-empty text, got {text!r}")
    return Question(id_, text, answer, row)


def _first_answer(answers: Any) -> Answer | None:
    """The first answer, None where there is none.

    SQuAD lists its answers, rows hold one object with a list of each field, others list texts alone. Some sets give
    questions without an answer an empty one before the text.
    """
    if not isinstance(answers, list | dict | None):
        raise InputError(f"answers must be a list, or an object of lists, got {answers!r:.40}")
    if not answers or (isinstance(answers, dict) and not answers["text"]):
        return None
    first = {name: values[0] for name, values in answers.items() if values} if isinstance(answers, dict) else answers[0]
    text, start = (first, None) if isinstance(first, str) else (first.get("text") or "", first.get("answer_start"))
    if not isinstance(text, str):
        raise InputError(f"an answer must be a text, in a list, got {answers!r:.40}")
    # TQuad writes its numbers as texts.
    start = None if start is None else int(start)
    return None if not text and start is not None and start < 0 else Answer(text, start)


def _passage(paragraph: Paragraph, answer: Answer, unit: PassageUnit, language: str) -> str:
    context = paragraph.context
    if paragraph.sentences and answer.start is not None:
        sentence = paragraph.sentence_of(answer)
        if sentence is None:
            raise InputError(f"the answer at character {answer.start} lies in no sentence")
        begin, end = paragraph.sentences[sentence]
        return context[begin:end].strip()
    span = _span(context, answer) if unit == "sentence" else None
    return sentence_around(context, *span, language=language) if span else context.strip()


def _span(context: str, answer: Answer) -> tuple[int, int] | None:
    """Where the answer stands: where its text is found nearest to its stated place, else that place."""
    text, start = answer.text.strip(), answer.start
    places = [match.start() for match in re.finditer(re.escape(text), context)] if text else []
    if places:
        # Stated places are off in some sets, and the answer's text stands elsewhere by chance as well.
        begin = min(places, key=lambda place: abs(place - (start or 0)))
        return begin, begin + len(text)
    if start is None:
        return None
    if not 0 <= start < len(context):
        raise InputError(f"the answer at character {start} lies outside the paragraph")
    return start, min(len(context), start + max(1, len(text)))
