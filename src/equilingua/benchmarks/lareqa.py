"""Reader of LAReQA folders (XQuAD-R, MLQA-R): SQuAD files with sentence breaks, one a language.

Paragraphs are numbered from 1 and sentences from 0, in file order, per language. Every slice of ``sentence_breaks`` is
a passage as it stands: nothing is stripped, nothing de-duplicated, and offsets count every character of the context, a
byte order mark included. A query's relevant passage in a language is the sentence in which its (first) answer starts
there, so a query has relevant passages in exactly the languages whose files ask it.

Source: Roy et al. 2020 (arXiv 2004.05484), section 3, and the files as published.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from equilingua.benchmarks.benchmark import Benchmark, Corpus, Queries
from equilingua.errors import InputError, Problems, did_you_mean
from equilingua.files import COMPRESSIONS, content_hash, open_binary, unreadable
from equilingua.languages import language_tag
from equilingua.pairs.pair import encodes

_SUFFIXES = ("json", *(f"json{compression}" for compression in COMPRESSIONS))


def read_lareqa(folder: str | Path, *, name: str | None = None, languages: Sequence[str] | None = None) -> Benchmark:
    """The benchmark of a folder of ``<language>.json`` files, each plain or .gz, .xz, .zst.

    Args:
        folder: where the files lie.
        name: of the benchmark; the folder's if not given.
        languages: to read; all that are there if not given.

    Raises:
        InputError: every problem of every file in one report: missing or malformed files, paragraphs without sentence
            breaks, answers outside every sentence, questions asked twice.
    """
    folder = Path(folder)
    problems = Problems(str(folder))
    files = language_files(folder)
    asked = sorted({language_tag(language) for language in languages}) if languages else sorted(files)
    for language in asked:
        if language not in files:
            problems.add(f"no file {language}.json, plain or compressed. {did_you_mean(language, files)}")
    if not asked:
        problems.add("holds no <language>.json file, plain or compressed")
    read = {language: _read_file(files[language], language, problems) for language in asked if language in files}
    problems.raise_if_any()

    relevant: dict[str, dict[str, int]] = defaultdict(dict)
    for part in read.values():
        for query, passage in part.relevant.items():
            relevant[query][passage] = 1
    return Benchmark(
        name=name or folder.name,
        queries={language: part.queries() for language, part in read.items()},
        corpora={language: part.corpus() for language, part in read.items()},
        qrels={language: {query: relevant[query] for query in part.questions} for language, part in read.items()},
        hashes={files[language].name: content_hash(files[language]) for language in read},
    )


@dataclass(slots=True)
class _Language:
    """What one file holds, filled paragraph by paragraph."""

    questions: dict[str, str] = field(default_factory=dict)
    relevant: dict[str, str] = field(default_factory=dict)
    passages: dict[str, str] = field(default_factory=dict)
    contexts: list[str] = field(default_factory=list)

    def queries(self) -> Queries:
        return Queries(tuple(self.questions), tuple(self.questions.values()))

    def corpus(self) -> Corpus:
        return Corpus(tuple(self.passages), tuple(self.passages.values()), tuple(self.contexts))


def language_files(folder: Path) -> dict[str, Path]:
    """The folder's files by language; files whose name is no language are no part of the benchmark.

    Raises:
        InputError: if there is no such folder.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder")
    files = {}
    for path in sorted(folder.iterdir(), reverse=True):
        stem, _, suffix = path.name.partition(".")
        if suffix in _SUFFIXES:
            try:
                files[language_tag(stem)] = path
            except InputError:
                continue
    return files


def _read_file(path: Path, language: str, problems: Problems) -> _Language:
    part = _Language()
    broken: tuple[type[Exception], ...] = (json.JSONDecodeError, *unreadable())
    try:
        with open_binary(path) as file:
            paragraphs = _paragraphs(json.loads(file.read()))
            for number, paragraph in enumerate(paragraphs, start=1):
                _read_paragraph(part, paragraph, f"{language}_{number}", problems, f"{path}: paragraph {number}")
    except broken as error:
        problems.add(f"{path}: no readable JSON: {error}")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        problems.add(f"{path}: not in SQuAD format (data > paragraphs > context, qas): {type(error).__name__} {error}")
    return part


def _paragraphs(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for article in document["data"]:
        yield from article["paragraphs"]


def _read_paragraph(part: _Language, paragraph: dict[str, Any], id_: str, problems: Problems, where: str) -> None:
    context, breaks = paragraph["context"], paragraph.get("sentence_breaks")
    if not breaks:
        problems.add(f"{where}: no sentence_breaks (a plain SQuAD file has none: use the LAReQA release)")
        return
    if not all(map(encodes, (context, *(question["question"] for question in paragraph["qas"])))):
        problems.add(f"{where}: holds half of a surrogate pair, which is no character")
        return
    for number, (start, end) in enumerate(breaks):
        part.passages[f"{id_}_{number}"] = context[start:end]
        part.contexts.append(context)
    for question in paragraph["qas"]:
        query, answers = question["id"], question["answers"]
        sentence = _sentence_of(answers[0]["answer_start"], breaks) if answers else None
        if query in part.questions:
            problems.add(f"{where}: question {query!r} stands twice")
        elif not answers:
            problems.add(f"{where}: question {query!r} has no answer")
        elif sentence is None:
            start = answers[0]["answer_start"]
            problems.add(f"{where}: the answer of question {query!r} starts at {start}, outside every sentence")
        else:
            part.questions[query] = question["question"]
            part.relevant[query] = f"{id_}_{sentence}"


def _sentence_of(answer_start: int, breaks: list[list[int]]) -> int | None:
    """Index of the sentence that an answer starts in."""
    return next((number for number, (start, end) in enumerate(breaks) if start <= answer_start < end), None)
