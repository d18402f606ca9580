"""Reader of LAReQA folders (XQuAD-R, MLQA-R): SQuAD files with sentence breaks, one a language.

Paragraphs are numbered from 1 and sentences from 0, in file order, per language. Every slice of ``sentence_breaks`` is
a passage as it stands: nothing is stripped, nothing de-duplicated, and offsets count every character of the context, a
byte order mark included. A query's relevant passage in a language is the sentence in which its (first) answer starts
there, so a query has relevant passages in exactly the languages whose files ask it.

Source: Roy et al. 2020 (arXiv 2004.05484), section 3, and the files as published.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from equilingua.benchmarks.benchmark import Benchmark, Corpus, Queries
from equilingua.errors import InputError, Problems
from equilingua.files import existing_folder
from equilingua.languages import known_language, of_languages
from equilingua.pairs.squad import Paragraph, read_paragraphs
from equilingua.rows import DataFile, hashes_of


def read_lareqa(folder: str | Path, *, name: str | None = None, languages: Sequence[str] | None = None) -> Benchmark:
    """The benchmark of a folder of ``<language>.json`` files, each plain or .gz, .xz, .zst.

    Raises:
        InputError: every problem of every file in one report: missing or malformed files, paragraphs without sentence
            breaks, answers outside every sentence, questions asked twice.
    """
    folder = existing_folder(folder)
    problems = Problems(str(folder))
    files = of_languages(
        language_files(folder), languages, lambda tag: f"no file {tag}.json, plain or compressed", problems
    )
    if not files and not languages:
        problems.add("holds no <language>.json file, plain or compressed")
    parts = {language: _read_file(file, language, problems) for language, file in sorted(files.items())}
    problems.raise_if_any()

    relevant: dict[str, dict[str, int]] = {}
    for part in parts.values():
        for query, passage in part.relevant.items():
            relevant.setdefault(query, {})[passage] = 1
    return Benchmark.sharing(
        name or folder.name,
        {language: Queries.of(part.questions) for language, part in parts.items()},
        {language: part.corpus() for language, part in parts.items()},
        relevant,
        hashes_of(files[language] for language in parts),
    )


def language_files(folder: Path) -> dict[str, DataFile]:
    """The folder's files by language, sorted; files whose name is no language are no part of the benchmark."""
    files = {}
    for path in sorted(folder.iterdir(), reverse=True):
        file = DataFile(path)
        # Not "en.v2.json": a folder may hold other versions beside.
        if file.suffix == ".json" and (language := known_language(file.name.partition(".json")[0])):
            files[language] = file
    return dict(sorted(files.items()))


@dataclass(slots=True)
class _Language:
    """What one file holds, filled paragraph by paragraph: texts by id, and the passage that answers a question."""

    questions: dict[str, str] = field(default_factory=dict)
    relevant: dict[str, str] = field(default_factory=dict)
    passages: dict[str, str] = field(default_factory=dict)
    contexts: list[str] = field(default_factory=list)

    def corpus(self) -> Corpus:
        return Corpus(tuple(self.passages), tuple(self.passages.values()), tuple(self.contexts))


def _read_file(file: DataFile, language: str, problems: Problems) -> _Language:
    part = _Language()
    try:
        for number, paragraph in enumerate(read_paragraphs(file, problems), start=1):
            _read_paragraph(part, paragraph, f"{language}_{number}", problems)
    except InputError as error:
        problems.add(str(error))
    return part


def _read_paragraph(part: _Language, paragraph: Paragraph, id_: str, problems: Problems) -> None:
    if not paragraph.sentences:
        problems.add(f"{paragraph}: no sentence_breaks (a plain SQuAD file has none: use the LAReQA release)")
        return
    for number, (begin, end) in enumerate(paragraph.sentences):
        part.passages[f"{id_}_{number}"] = paragraph.context[begin:end]
        part.contexts.append(paragraph.context)
    for question in paragraph.questions:
        answer = question.answer
        sentence = None if answer is None else paragraph.sentence_of(answer)
        if question.id in part.questions:
            problems.add(f"{question}: question {question.id!r} stands twice")
        elif answer is None:
            problems.add(f"{question}: question {question.id!r} has no answer")
        elif sentence is None:
            problems.add(
                f"{question}: the answer of question {question.id!r} starts at {answer.start}, outside every sentence"
            )
        else:
            part.questions[question.id] = question.text
            part.relevant[question.id] = f"{id_}_{sentence}"
