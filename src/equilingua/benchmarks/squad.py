"""Benchmarks of question answering data in SQuAD's format: LAReQA's sentences, and whole paragraphs (AfriQA's too).

Of whole paragraphs, one that stands several times is one passage. Questions without an answer are no queries; their
paragraphs stay, as passages that answer nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from equilingua.archives import hashes_of
from equilingua.benchmarks.benchmark import Benchmark, Corpus, LanguagePart, Queries, assemble
from equilingua.corpora.texts import titled
from equilingua.data_files import DataFile, Row, data_file, parsed
from equilingua.errors import InputError, Problems
from equilingua.files import existing_folder
from equilingua.languages import known_language, language_tag, of_languages
from equilingua.pairs.squad import Paragraph, read_paragraphs, row_paragraphs
from equilingua.rows import read_rows

_AFRIQA = re.compile(r"gold_span_passages\.afriqa\.(\w+)\.en\.(\w+)\.json")

# What files of a split are called; each is a registered language's code as well.
_WORDS = frozenset({"all", "dev", "new", "old", "run"})


def read_lareqa(folder: str | Path, *, name: str | None = None, languages: Sequence[str] | None = None) -> Benchmark:
    """The benchmark of a folder of ``<language>.json`` files (XQuAD-R, MLQA-R), each plain or .gz, .xz, .zst.

    Paragraphs are numbered from 1 and sentences from 0, in file order, per language. Every slice of ``sentence_breaks``
    is a passage as it stands: nothing is stripped, nothing de-duplicated, and offsets count every character of the
    context, a byte order mark included. A query's relevant passage in a language is the sentence in which its (first)
    answer starts there, so a query has relevant passages in exactly the languages whose files ask it.

    Raises:
        InputError: every problem of every file in one report: missing or malformed files, paragraphs without sentence
            breaks, answers outside every sentence, questions asked twice.

    Source: Roy et al. 2020 (arXiv 2004.05484), section 3, and the files as published.
    """
    folder = existing_folder(folder)
    problems = Problems(str(folder))
    found = of_languages(
        language_files(folder), languages, lambda tag: f"no file {tag}.json, plain or compressed", problems
    )
    if not found and not languages:
        problems.add("holds no <language>.json file, plain or compressed")
    files = _one_each(found, problems)
    parts: dict[str, _Sentences] = {}
    relevant: dict[str, dict[str, int]] = {}
    for language, file in sorted(files.items()):
        part = parts[language] = _Sentences()
        for number, paragraph in enumerate(_paragraphs(file, problems), start=1):
            for question, passage in part.fill(paragraph, f"{language}_{number}", problems):
                relevant.setdefault(question, {})[passage] = 1
    problems.raise_if_any()
    return Benchmark.sharing(
        name or folder.name,
        {language: Queries.of(part.questions) for language, part in parts.items()},
        {
            language: Corpus(tuple(part.passages), tuple(part.passages.values()), tuple(part.contexts))
            for language, part in parts.items()
        },
        relevant,
        hashes_of(files[language] for language in parts),
    )


def language_files(folder: Path) -> dict[str, list[DataFile]]:
    """The folder's files by language, sorted; files whose name is no language are no part of the benchmark."""
    files: dict[str, list[DataFile]] = {}
    for path in sorted(folder.iterdir()):
        file = DataFile(path)
        # Not "en.v2.json": a folder may hold other versions beside.
        if file.suffix == ".json" and (language := known_language(file.name.partition(".json")[0])):
            files.setdefault(language, []).append(file)
    return dict(sorted(files.items()))


def read_squad_languages(
    folder: str | Path, *, name: str | None = None, languages: Sequence[str] | None = None, parallel: bool = True
) -> Benchmark:
    """The benchmark of a folder of files ``<language>.*.json`` (SQuAD format) or ``<language>.*.jsonl`` (rows of it).

    If ``parallel``, questions of the same id are translations of one another. Raises ``InputError`` with every problem
    of every file in one report, and if a language has several files.
    """
    folder = existing_folder(folder)
    files: dict[str, list[DataFile]] = {}
    for path in sorted(folder.iterdir()):
        if language := _language_of(path):
            files.setdefault(language, []).append(DataFile(path))
    problems = Problems(str(folder))
    chosen = of_languages(files, languages, lambda tag: f"no file {tag}.*.json or {tag}.*.jsonl", problems)
    if not chosen and not languages:
        problems.add("holds no <language>.*.json or <language>.*.jsonl file")
    return _benchmark(_one_each(chosen, problems), name or folder.name, problems, parallel=parallel)


def read_squad_file(path: str | Path, *, name: str | None = None, language: str | None = None) -> Benchmark:
    """The benchmark of one file in SQuAD format, or of rows of it.

    Its language is told from its name (``ar.mine.json``) if not given; ``InputError`` if it is not known, or with every
    problem of the file.
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
class _Sentences:
    """One language of LAReQA's, filled paragraph by paragraph: texts by id."""

    questions: dict[str, str] = field(default_factory=dict)
    passages: dict[str, str] = field(default_factory=dict)
    contexts: list[str] = field(default_factory=list)

    def fill(self, paragraph: Paragraph, id_: str, problems: Problems) -> Iterator[tuple[str, str]]:
        """Add a paragraph; gives each question's id with that of the sentence that answers it."""
        if not paragraph.sentences:
            problems.add("no sentence_breaks (a plain SQuAD file has none: use the LAReQA release)", place=paragraph)
            return
        for number, (begin, end) in enumerate(paragraph.sentences):
            self.passages[f"{id_}_{number}"] = paragraph.context[begin:end]
            self.contexts.append(paragraph.context)
        for question in paragraph.questions:
            answer = question.answer
            sentence = None if answer is None else paragraph.sentence_of(answer)
            if question.id in self.questions:
                problems.add(f"question {question.id!r} stands twice", place=question)
            elif answer is None:
                problems.add(f"question {question.id!r} has no answer", place=question)
            elif sentence is None:
                where = f"starts at {answer.start}, outside every sentence"
                problems.add(f"the answer of question {question.id!r} {where}", place=question)
            else:
                self.questions[question.id] = question.text
                yield question.id, f"{id_}_{sentence}"


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
                    problems.add(f"question {question.id!r} stands twice", place=question)
                else:
                    self.questions[question.id] = question.text.strip()
                    self.qrels[question.id] = {passage: 1}


def _one_each(files: Mapping[str, Sequence[DataFile]], problems: Problems) -> dict[str, DataFile]:
    """The first file of every language; that there are several is noted, since nothing tells which one is meant."""
    for language, several in files.items():
        if len(several) > 1:
            names = ", ".join(file.name for file in several)
            problems.add(f"{language!r} has several files: {names}. Leave one a language in the folder")
    return {language: several[0] for language, several in files.items()}


def _paragraphs(file: DataFile, problems: Problems) -> Iterator[Paragraph]:
    """Those of a file; one that is no such file is a problem like others, so that every file is looked at."""
    try:
        yield from read_paragraphs(file, problems, rows=file.suffix == ".jsonl")
    except InputError as error:
        problems.add(str(error))


def _benchmark(files: Mapping[str, DataFile], name: str, problems: Problems, *, parallel: bool) -> Benchmark:
    parts = {}
    for language, file in files.items():
        part = _Part()
        part.fill(_paragraphs(file, problems), part, problems)
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
