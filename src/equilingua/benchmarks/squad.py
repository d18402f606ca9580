"""Benchmarks of question answering data in SQuAD's format: LAReQA's sentences, and whole paragraphs (AfriQA's too).

Of whole paragraphs, one that stands several times is one passage. Questions without an answer are no queries; their
paragraphs stay, as passages that answer nothing.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from equilingua.archives import hashes_of
from equilingua.benchmarks.benchmark import Benchmark, Corpus, LanguagePart, Queries, assemble
from equilingua.corpora.texts import titled
from equilingua.data_files import DataFile, Row, data_file, parsed
from equilingua.errors import InputError, Problems, foreign_errors
from equilingua.file_language import languages_in_name
from equilingua.files import existing_folder
from equilingua.languages import known_language, language_tag, of_languages
from equilingua.pairs.reading import holds_squad
from equilingua.pairs.squad import Paragraph, read_paragraphs, row_paragraphs
from equilingua.rows import read_rows

# Of a file, in bytes: a paragraph of it at least.
_BEGINNING = 1_000_000

# Numbers of so many digits are no count: two sets do not share them by chance.
_NAMES_A_QUESTION = 9

_AFRIQA = re.compile(r"gold_span_passages\.afriqa\.(\w+)\.en\.(\w+)\.json")


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


def publishes_sentences(file: DataFile) -> bool:
    """Whether a file has LAReQA's ``sentence_breaks``, as far as its beginning tells; also if it cannot be read."""
    try:
        with foreign_errors(str(file)), file.open() as opened:
            return b'"sentence_breaks"' in opened.read(_BEGINNING)
    except InputError:
        return True


def read_squad_languages(
    folder: str | Path, *, name: str | None = None, languages: Sequence[str] | None = None, parallel: bool | None = True
) -> Benchmark:
    """The benchmark of a folder of files in SQuAD format (.json), or of rows of it (.jsonl), one a language.

    A file's name tells its language (``en.json``, ``tydi-ar.json``, ``xquad.de.json``, ``tydiqa-dev-arabic.json``:
    ``languages_in_name``); other files are left out.

    Args:
        folder: of the files.
        name: of the benchmark.
        languages: to read; all if not given.
        parallel: whether questions of the same id are translations of one another. If None, they are where ids name a
            question; those that are counted (1, 2, ...) in several files say nothing, which a note tells.

    Raises:
        InputError: every problem of every file in one report: a language that has several files, and, where all are
            read, a file whose name tells no language, or several.
    """
    folder = existing_folder(folder)
    problems = Problems(str(folder))
    files: dict[str, list[DataFile]] = {}
    for file in squad_files(folder):
        told = languages_in_name(file.name.partition(".json")[0])
        if told.only is not None:
            files.setdefault(told.only, []).append(file)
        elif not languages:
            what = f"may tell {' or '.join(told)}" if told else "tells no language"
            problems.add(f"{file.name}: the name {what}: name it after its language, such as en.{file.name}")
    chosen = of_languages(
        dict(sorted(files.items())), languages, lambda tag: f"no file {tag}.*.json or {tag}.*.jsonl", problems
    )
    if not chosen and not languages and not problems.count:
        problems.add("holds no <language>.*.json or <language>.*.jsonl file")
    return _benchmark(_one_each(chosen, problems), name or folder.name, problems, parallel=parallel)


def squad_files(folder: Path) -> list[DataFile]:
    """The files of a folder that are in SQuAD's format, or have its columns, and those that cannot be read.

    Of a file whose name tells a language it is enough that it holds no other rows.
    """
    paths = (path for path in sorted(folder.iterdir()) if path.is_file() and not path.name.startswith("."))
    files = (file for file in map(DataFile, paths) if file.suffix in (".json", ".jsonl"))
    return [file for file in files if holds_squad(file, surely=not languages_in_name(file.name))]


def read_squad_file(path: str | Path, *, name: str | None = None, language: str | None = None) -> Benchmark:
    """The benchmark of one file in SQuAD format, or of rows of it.

    Its language is told from its name (``ar.mine.json``) if not given; ``InputError`` if it is not known, or with every
    problem of the file.
    """
    file = data_file(path)
    told = languages_in_name(file.name.partition(".json")[0])
    tag = language_tag(language) if language else told.only
    if tag is None:
        several = f", and the name may tell {' or '.join(told)}" if told else ""
        raise InputError(
            f"{file}: SQuAD format does not say the language{several}: give one, or name the file en.{file.name}"
        )
    return _benchmark({tag: file}, name or file.stem, Problems(str(file)), parallel=True)


def read_afriqa(folder: str | Path, *, name: str = "afriqa", languages: Sequence[str] | None = None) -> Benchmark:
    """AfriQA's questions in African languages, with the English passages of all its files as one corpus.

    What is wrong with rows of languages that were not asked for refuses nothing; a note counts them.

    Its files ``gold_span_passages.afriqa.<language>.en.<split>.json`` hold one row a line; rows without a gold passage
    are left out. English may stand among the languages: it is the passages'.

    Raises:
        InputError: every problem of every file in one report.
    """
    kept = {language_tag(language) for language in languages or ()} - {"en"}
    folder = existing_folder(folder)
    problems = Problems(str(folder))
    corpus, parts, unasked = _Part(), dict[str, _Part](), Problems(str(folder))
    matches = [(match, DataFile(path)) for path in sorted(folder.iterdir()) if (match := _AFRIQA.match(path.name))]
    for match, file in matches:
        language = language_tag(match[1])
        # Passages of languages that were not asked for stay: the corpus is the same for every language.
        asked = not kept or language in kept
        part = parts.setdefault(language, _Part()) if asked else _Part()
        noted = problems if asked else unasked
        rows = parsed(read_rows(file, noted), partial(_afriqa_row, start=f"{language}/{match[2]}"), noted)
        part.fill(row_paragraphs(rows, noted), corpus, noted)
    if not parts:
        problems.add("holds no gold_span_passages.afriqa.<language>.en.<split>.json file of the languages asked for")
    problems.raise_if_any()
    queries = {language: Queries.of(part.questions) for language, part in parts.items()}
    relevant = {query: grades for part in parts.values() for query, grades in part.qrels.items()}
    whole = Benchmark.sharing(name, queries, {"en": corpus.corpus()}, relevant, hashes_of(file for _, file in matches))
    if not unasked.count:
        return whole
    note = f"{unasked.count:,} rows of languages that were not asked for are left out of the corpus: {unasked.shown[0]}"
    return replace(whole, notes=(*whole.notes, note))


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


def _benchmark(files: Mapping[str, DataFile], name: str, problems: Problems, *, parallel: bool | None) -> Benchmark:
    parts = {}
    for language, file in files.items():
        part = _Part()
        part.fill(_paragraphs(file, problems), part, problems)
        if not part.questions:
            problems.add(f"{file}: holds no question with an answer")
        parts[language] = LanguagePart(Queries.of(part.questions), part.corpus(), part.qrels)
    problems.raise_if_any()
    counts = Counter(id_ for part in parts.values() for id_ in part.queries.ids)
    shared = [id_ for id_, count in counts.items() if count > 1]
    counted = (
        parallel is None and bool(shared) and all(id_.isdigit() and len(id_) < _NAMES_A_QUESTION for id_ in shared)
    )
    together = not counted if parallel is None else parallel
    whole = assemble(name, parts, parallel=together, hashes=hashes_of(files.values()))
    if not counted:
        return whole
    note = (
        f"{len(shared):,} question ids stand in several files ({shared[0]}, ...), but they are counted, so they are "
        "not taken for translations of one another: give translations common ids that are no plain numbers"
    )
    return replace(whole, notes=(*whole.notes, note))


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
