"""Question answering data as paragraph retrieval: SQuAD-format JSON, rows of it, and AfriQA.

A paragraph that stands several times is one passage. Questions without an answer are no queries; their paragraphs stay,
as passages that answer nothing.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from equilingua.benchmarks.benchmark import Benchmark, Corpus, LanguagePart, Queries, assemble
from equilingua.benchmarks.texts import titled
from equilingua.errors import InputError, Problems
from equilingua.files import existing_folder
from equilingua.languages import known_language, language_tag, of_languages
from equilingua.pairs.squad import Paragraph, read_paragraphs, row_paragraphs
from equilingua.rows import DataFile, Row, data_file, hashes_of, parsed, read_rows

_AFRIQA = re.compile(r"gold_span_passages\.afriqa\.(\w+)\.en\.(\w+)\.json")

# What files of a split are called; each is a registered language's code as well.
_WORDS = frozenset({"all", "dev", "new", "old", "run"})


def read_squad_languages(
    folder: str | Path, *, name: str | None = None, languages: Sequence[str] | None = None, parallel: bool = True
) -> Benchmark:
    """The benchmark of a folder of files ``<language>.*.json`` (SQuAD format) or ``<language>.*.jsonl`` (rows of it).

    If ``parallel``, questions of the same id are translations of one another.

    Raises:
        InputError: every problem of every file in one report; if a language has several files.
    """
    folder = existing_folder(folder)
    files: dict[str, list[DataFile]] = {}
    for path in sorted(folder.iterdir()):
        if language := _language_of(path):
            files.setdefault(language, []).append(DataFile(path))
    problems = Problems(str(folder))
    chosen = of_languages(files, languages, lambda tag: f"no file {tag}.*.json or {tag}.*.jsonl", problems)
    for language, several in chosen.items():
        if len(several) > 1:
            names = ", ".join(file.name for file in several)
            problems.add(f"{language!r} has several files: {names}. Leave one a language in the folder")
    if not chosen and not languages:
        problems.add("holds no <language>.*.json or <language>.*.jsonl file")
    first = {language: several[0] for language, several in chosen.items()}
    return _benchmark(first, name or folder.name, problems, parallel=parallel)


def read_squad_file(path: str | Path, *, name: str | None = None, language: str | None = None) -> Benchmark:
    """The benchmark of one file in SQuAD format, or of rows of it.

    Its language is told from its name (``ar.mine.json``) if not given.

    Raises:
        InputError: every problem of the file in one report; if its language is not known.
    """
    file = data_file(path)
    tag = language_tag(language) if language else _language_of(file.path)
    if tag is None:
        raise InputError(f"{file}: SQuAD format does not say the language: give one, or name the file en.{file.name}")
    return _benchmark({tag: file}, name or file.stem, Problems(str(file)), parallel=True)


def read_afriqa(folder: str | Path, *, name: str = "afriqa", languages: Sequence[str] | None = None) -> Benchmark:
    """AfriQA's questions in African languages, with the English passages of all its files as one corpus.

    Its files ``gold_span_passages.afriqa.<language>.en.<split>.json`` hold one row a line; rows without a gold passage
    are left out. English may stand among the languages: it is the passages'.

    Raises:
        InputError: every problem of every file in one report.
    """
    kept = {language_tag(language) for language in languages or ()} - {"en"}
    folder = existing_folder(folder)
    problems = Problems(str(folder))
    corpus, parts = _Part(), dict[str, _Part]()
    matches = [(match, DataFile(path)) for path in sorted(folder.iterdir()) if (match := _AFRIQA.match(path.name))]
    for match, file in matches:
        language = language_tag(match[1])
        # Passages of languages that were not asked for stay: the corpus is the same for every language.
        part = parts.setdefault(language, _Part()) if not kept or language in kept else _Part()
        rows = parsed(read_rows(file, problems), partial(_afriqa_row, start=f"{language}/{match[2]}"), problems)
        part.fill(row_paragraphs(rows, problems), corpus, problems)
    if not parts:
        problems.add("holds no gold_span_passages.afriqa.<language>.en.<split>.json file of the languages asked for")
    problems.raise_if_any()
    queries = {language: Queries.of(part.questions) for language, part in parts.items()}
    relevant = {query: grades for part in parts.values() for query, grades in part.qrels.items()}
    return Benchmark.sharing(name, queries, {"en": corpus.corpus()}, relevant, hashes_of(file for _, file in matches))


@dataclass(slots=True)
class _Part:
    """One language, filled paragraph by paragraph: ids of passages by text, texts of questions by id."""

    passages: dict[str, str] = field(default_factory=dict)
    questions: dict[str, str] = field(default_factory=dict)
    qrels: dict[str, dict[str, int]] = field(default_factory=dict)

    def corpus(self) -> Corpus:
        return Corpus(tuple(self.passages.values()), tuple(self.passages))

    def fill(self, paragraphs: Iterable[Paragraph], corpus: "_Part", problems: Problems) -> None:
        """Add the questions, and the passages to a corpus, numbered from 1 as they are first met."""
        for paragraph in paragraphs:
            passage = corpus.passages.setdefault(paragraph.context, str(len(corpus.passages) + 1))
            for question in paragraph.questions:
                if question.answer is None:
                    continue
                if question.id in self.questions:
                    problems.add(f"{question}: question {question.id!r} stands twice")
                else:
                    self.questions[question.id] = question.text.strip()
                    self.qrels[question.id] = {passage: 1}


def _benchmark(files: Mapping[str, DataFile], name: str, problems: Problems, *, parallel: bool) -> Benchmark:
    parts = {}
    for language, file in files.items():
        part = _Part()
        try:
            part.fill(read_paragraphs(file, problems, rows=file.suffix == ".jsonl"), part, problems)
        except InputError as error:
            problems.add(str(error))
        if not part.questions:
            problems.add(f"{file}: holds no question with an answer")
        parts[language] = LanguagePart(Queries.of(part.questions), part.corpus(), part.qrels)
    problems.raise_if_any()
    return assemble(name, parts, parallel=parallel, hashes=hashes_of(files.values()))


def _afriqa_row(row: Row, start: str) -> Row | None:
    """A row in SQuAD's columns; None for one without a gold passage."""
    value = row.value
    if not isinstance(value, dict):
        raise InputError(f"a JSON object was expected, got {type(value).__name__}")
    context = value.get("context")
    if context is None:
        return None
    passage = titled(value.get("title"), context) if isinstance(context, str) else context
    # Its answers are spans of translations, so that nothing but their being there is taken of them.
    question = {"id": f"{start}/{value.get('id')}", "question": value.get("question_lang"), "context": passage}
    return row._replace(value=question | {"answers": [{}]})


def _language_of(path: Path) -> str | None:
    """The language that a file's name begins with; None for other files."""
    file = DataFile(path)
    named = path.is_file() and file.suffix in (".json", ".jsonl") and file.stem not in _WORDS
    return known_language(file.stem) if named else None
