"""Reader of question answering data as paragraph retrieval: SQuAD-format JSON, rows of it, and AfriQA.

A paragraph that stands several times is one passage. Questions without an answer are no queries; their paragraphs stay,
as passages that answer nothing.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from equilingua.benchmarks.assembling import LanguagePart, assemble
from equilingua.benchmarks.benchmark import Benchmark, Corpus, Queries
from equilingua.benchmarks.rows import identity, numbered_lines, titled
from equilingua.benchmarks.text_files import TextFile, damaged, hashes_of
from equilingua.errors import InputError, Problems, did_you_mean
from equilingua.languages import language_tag
from equilingua.pairs.pair import whole_characters

_AFRIQA = re.compile(r"gold_span_passages\.afriqa\.(\w+)\.en\.(\w+)\.json")
_SUFFIXES = (".json", ".jsonl")

# What files of a split are called; each is a registered language's code as well.
_WORDS = frozenset({"all", "dev", "new", "old", "run"})


def read_squad_languages(
    folder: str | Path, *, name: str | None = None, languages: Sequence[str] | None = None, parallel: bool = True
) -> Benchmark:
    """The benchmark of a folder of files ``<language>.*.json`` (SQuAD format) or ``<language>.*.jsonl`` (rows of it).

    Args:
        folder: where the files lie.
        name: of the benchmark; the folder's if not given.
        languages: to read; all that are there if not given.
        parallel: whether questions of the same id are translations of one another.

    Raises:
        InputError: every problem of every file in one report; if a language has several files.
    """
    folder = Path(folder).expanduser()
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir()):
        language = _language_of(path)
        if language is not None:
            found.setdefault(language, []).append(path)
    asked = [language_tag(language) for language in languages] if languages else list(found)
    problems = Problems(str(folder))
    for language in asked:
        if language not in found:
            problems.add(f"no file {language}.*.json or {language}.*.jsonl. {did_you_mean(language, found)}")
        elif len(found[language]) > 1:
            names = ", ".join(path.name for path in found[language])
            problems.add(f"{language!r} has several files: {names}. Leave one a language in the folder")
    if not asked:
        problems.add("holds no <language>.*.json or <language>.*.jsonl file")
    paths = {language: found[language][0] for language in asked if language in found}
    return _assembled(paths, name or folder.name, problems, parallel=parallel)


def read_squad_file(path: str | Path, *, name: str | None = None, language: str | None = None) -> Benchmark:
    """The benchmark of one file in SQuAD format, or of rows of it.

    Args:
        path: the file.
        name: of the benchmark; the file's up to its first dot if not given.
        language: of its texts; told from the file's name (``ar.mine.json``) if not given.

    Raises:
        InputError: every problem of the file in one report; if its language is not known.
    """
    path = Path(path).expanduser()
    spoken = language_tag(language) if language else _language_of(path)
    if spoken is None:
        raise InputError(f"{path}: SQuAD format does not say the language: give one, or name the file en.{path.name}")
    return _assembled({spoken: path}, name or path.name.split(".")[0], Problems(str(path)), parallel=True)


def read_afriqa(folder: str | Path, *, name: str = "afriqa", languages: Sequence[str] | None = None) -> Benchmark:
    """AfriQA's questions in African languages, with the English passages of all its files as one corpus.

    Rows without a gold passage are left out.

    Args:
        folder: of ``gold_span_passages.afriqa.<language>.en.<split>.json`` files, which hold one row a line.
        name: of the benchmark.
        languages: of the questions; all that are there if not given. English may be named: it is the passages'.

    Raises:
        InputError: every problem of every file in one report.
    """
    kept = {language_tag(language) for language in languages or ()} - {"en"}
    problems = Problems(str(folder))
    parts: dict[str, _Part] = {}
    corpus = _Part()
    files = []
    for path in sorted(Path(folder).expanduser().iterdir()):
        match = _AFRIQA.match(path.name)
        if match:
            file, language = TextFile(path), language_tag(match[1])
            files.append(file)
            # Passages of languages that were not asked for stay: the corpus is the same for every language.
            part = parts.setdefault(language, _Part()) if not kept or language in kept else _Part()
            _fill(corpus, part, _afriqa_rows(file, (language, match[2]), problems), problems)
    if not parts:
        problems.add("holds no gold_span_passages.afriqa.<language>.en.<split>.json file of the languages asked for")
    problems.raise_if_any()
    return Benchmark(
        name,
        {language: part.queries() for language, part in parts.items()},
        {"en": corpus.corpus()},
        {language: part.qrels for language, part in parts.items()},
        hashes_of(files),
    )


@dataclass(slots=True)
class _Part:
    """One language, filled paragraph by paragraph."""

    passages: dict[str, str] = field(default_factory=dict)
    questions: dict[str, str] = field(default_factory=dict)
    qrels: dict[str, dict[str, int]] = field(default_factory=dict)

    def passage(self, text: Any) -> str:
        """The id of a paragraph, numbered from 1 when first met."""
        if not isinstance(text, str) or not text.strip():
            raise InputError(f"'context' must be a non-empty text, got {text!r}")
        whole_characters(text, "'context'")
        return self.passages.setdefault(text, str(len(self.passages) + 1))

    def question(self, id_: str, text: Any, passage: str) -> None:
        if not isinstance(text, str) or not text.strip():
            raise InputError(f"question {id_!r} must be a non-empty text, got {text!r}")
        if id_ in self.questions:
            raise InputError(f"question {id_!r} stands twice")
        self.questions[id_] = whole_characters(text.strip(), f"question {id_!r}")
        self.qrels[id_] = {passage: 1}

    def queries(self) -> Queries:
        return Queries(tuple(self.questions), tuple(self.questions.values()))

    def corpus(self) -> Corpus:
        return Corpus(tuple(self.passages.values()), tuple(self.passages))


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """A paragraph, the answerable questions (id, text) about it, and where it stands."""

    context: Any
    questions: Sequence[tuple[Any, Any]]
    place: str


def _fill(corpus: _Part, part: _Part, paragraphs: Iterator[_Paragraph], problems: Problems) -> None:
    for paragraph in paragraphs:
        try:
            passage = corpus.passage(paragraph.context)
        except InputError as error:
            problems.add(f"{paragraph.place}: {error}")
            continue
        for id_, text in paragraph.questions:
            try:
                part.question(identity(id_, "the question's id"), text, passage)
            except InputError as error:
                problems.add(f"{paragraph.place}: {error}")


def _assembled(paths: Mapping[str, Path], name: str, problems: Problems, *, parallel: bool) -> Benchmark:
    parts = {}
    for language, path in paths.items():
        file, part = TextFile(path), _Part()
        rows = _squad_rows if file.suffix == ".jsonl" else _squad_paragraphs
        _fill(part, part, rows(file, problems), problems)
        if not part.questions:
            problems.add(f"{file}: holds no question with an answer")
        parts[language] = LanguagePart(part.queries(), part.corpus(), part.qrels)
    problems.raise_if_any()
    return assemble(name, parts, parallel=parallel, hashes=hashes_of([TextFile(path) for path in paths.values()]))


def _squad_paragraphs(file: TextFile, problems: Problems) -> Iterator[_Paragraph]:
    try:
        with file.open() as opened:
            document = json.load(opened)
    except json.JSONDecodeError as error:
        problems.add(f"{file}:{error.lineno}: broken JSON: {error.msg}")
        return
    except damaged() as error:
        problems.add(f"{file}: cannot be read: {error}")
        return
    place = "data"
    try:
        for a, article in enumerate(document["data"]):
            for p, paragraph in enumerate(article["paragraphs"]):
                place = f"data[{a}].paragraphs[{p}]"
                asked = [(q["id"], q["question"]) for q in paragraph.get("qas", ()) if _answered(q.get("answers"))]
                yield _Paragraph(paragraph["context"], asked, f"{file}:{place}")
    except (KeyError, TypeError, AttributeError) as error:
        problems.add(
            f"{file}:{place}: not in SQuAD format (data > paragraphs > context, qas): {type(error).__name__} {error}"
        )


def _squad_rows(file: TextFile, problems: Problems) -> Iterator[_Paragraph]:
    for place, row in _json_rows(file, problems):
        question = (row.get("id", row.get("question_id")), row.get("question"))
        yield _Paragraph(row.get("context"), [question] if _answered(row.get("answers")) else [], place)


def _afriqa_rows(file: TextFile, place_of: tuple[str, str], problems: Problems) -> Iterator[_Paragraph]:
    language, split = place_of
    for place, row in _json_rows(file, problems):
        context = row.get("context")
        if context is not None:
            passage = titled(row.get("title"), context) if isinstance(context, str) else context
            yield _Paragraph(passage, [(f"{language}/{split}/{row.get('id')}", row.get("question_lang"))], place)


def _json_rows(file: TextFile, problems: Problems) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, line in numbered_lines(file, problems):
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            problems.add(f"{file}:{number}: broken JSON at character {error.pos}: {error.msg}")
            continue
        if isinstance(row, dict):
            yield f"{file}:{number}", row
        else:
            problems.add(f"{file}:{number}: a JSON object was expected, got {type(row).__name__}")


def _answered(answers: Any) -> bool:
    """SQuAD lists its answers; rows on the hub hold one object with a list of texts."""
    return bool(answers.get("text") if isinstance(answers, dict) else answers)


def _language_of(path: Path) -> str | None:
    """The language that a file's name begins with; None for other files."""
    name = path.name.split(".")[0]
    if not path.is_file() or TextFile(path).suffix not in _SUFFIXES or name in _WORDS:
        return None
    try:
        return language_tag(name)
    except InputError:
        return None
