"""TREC runs that another system made: which files they are, and their lines as rankings of a benchmark's queries."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.data_files import DataFile, Row, data_file, parsed
from equilingua.errors import InputError, Problems
from equilingua.evaluation.pool_order import pool_positions
from equilingua.evaluation.settings import CROSS_LINGUAL, MULTILINGUAL, POOL, SETTINGS, Setting, language_pairs
from equilingua.evaluation.settings import pair_name as named_pair
from equilingua.retrieval.pool import bounds_of
from equilingua.rows import text_lines

RUN = "run:"
_COLUMNS = "query Q0 passage rank score tag"

Place = tuple[str, str, int]
"""Query language, corpus language (``*`` for the pool), and row of the query among those of its language."""


@dataclass(frozen=True, slots=True)
class RunFiles:
    """Runs in place of a model.

    Attributes:
        files: of each setting that has files of its own.
        nothing_found: whether a query without lines is one for which nothing was found; else it is a problem.
    """

    files: Mapping[Setting, tuple[DataFile, ...]]
    nothing_found: bool = False

    @classmethod
    def of(cls, named: Sequence[str | Path], *, nothing_found: bool = False) -> "RunFiles":
        """Files as a command names them: ``PATH``, ``SETTING=PATH``, or the folder that ``evaluate --trec`` wrote.

        A file named after a setting (``monolingual.run``) is of that setting, any other of the mixed pool.

        Raises:
            InputError: if there is no such file or setting.
        """
        files: dict[Setting, list[DataFile]] = {}
        for name in map(str, named):
            told, equals, path = name.partition("=")
            setting: Setting | None = next((one for one in SETTINGS if equals and one == told), None)
            place = Path(path if setting else name).expanduser()
            inside = [place / f"{one}.run" for one in SETTINGS if (place / f"{one}.run").is_file()]
            if place.is_dir() and not inside:
                raise InputError(f"{place}: holds no run: neither {' nor '.join(f'{one}.run' for one in SETTINGS)}")
            for path_of_run in inside or [place]:
                file = data_file(path_of_run)
                of = setting or _setting_of(file)
                files.setdefault(of, []).append(file)
        return cls({setting: tuple(of) for setting, of in files.items()}, nothing_found)

    @property
    def all_files(self) -> list[DataFile]:
        """Every file, setting by setting."""
        return [file for files in self.files.values() for file in files]

    @property
    def name(self) -> str:
        """What results call it: the names of its files, or of their folder where it is `evaluate --trec`'s."""
        return ", ".join(dict.fromkeys(file.name for file in self.all_files))


@dataclass(slots=True)
class Ranked:
    """One query's list against one corpus or the pool: positions of passages, their scores, and ranks as they say."""

    positions: list[int] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    said: list[int] = field(default_factory=list)
    file: str = ""


class _Line(NamedTuple):
    topic: str
    passage: str
    said: int
    score: float
    place: Row

    def __str__(self) -> str:
        return str(self.place)


def read_run(
    files: Sequence[DataFile], benchmark: Benchmark, setting: Setting, *, nothing_found: bool
) -> dict[Place, Ranked]:
    """Every query's list in a setting.

    Scores rank, as for trec_eval; a rank is only looked at to see that a high score is better.

    Raises:
        InputError: with every line that has other columns, an unknown query or passage or one that stands twice, with
            judged queries that have no line (unless ``nothing_found``), or where scores grow with the rank.
    """
    problems = Problems(", ".join(map(str, files)))
    lines = [line for file in files for line in parsed(text_lines(file, problems), _line, problems)]
    known = pool_positions(benchmark, {line.passage for line in lines})
    topics, bounds = _Topics(benchmark, setting), bounds_of([c.ids for _, c in sorted(benchmark.corpora.items())])
    lists: dict[Place, Ranked] = {}
    seen: set[tuple[Place, int]] = set()

    def take(line: _Line) -> None:
        place = topics.place(line.topic)
        position = known.get(line.passage)
        if position is None:
            raise InputError(f"passage {line.passage!r} is in no corpus of {benchmark.name!r}")
        held = benchmark.passage_languages[int(np.searchsorted(bounds, position, side="right")) - 1]
        if place[1] not in (POOL, held):
            raise InputError(f"passage {line.passage!r} is in {held!r}, but {line.topic!r} is ranked in {place[1]!r}")
        if (place, position) in seen:
            raise InputError(f"query {line.topic!r} has passage {line.passage!r} twice")
        seen.add((place, position))
        ranked = lists.setdefault(place, Ranked(file=str(line.place.file)))
        if ranked.file != str(line.place.file):
            raise InputError(f"query {line.topic!r} stands in {ranked.file} too")
        ranked.positions.append(position)
        ranked.scores.append(line.score)
        ranked.said.append(line.said)

    for _ in parsed(lines, take, problems):
        pass
    if not lines and not problems.count:
        problems.add(f"{problems_name(files)}: no line; a run has lines of {_COLUMNS}")
    if not nothing_found and not problems.count:
        _check_complete(lists, benchmark, topics, problems)
    if not problems.count and _upside_down(lists):
        problems.add(
            f"{problems_name(files)}: scores grow with the rank, but a higher score has to be better, as for "
            "trec_eval. Write distances with a minus"
        )
    problems.raise_if_any()
    return lists


def _setting_of(file: DataFile) -> Setting:
    """By its name; of the mixed pool if that says nothing."""
    return next((one for one in SETTINGS if file.stem == one), MULTILINGUAL)


def problems_name(files: Sequence[DataFile]) -> str:
    """The files, as problems of all of them name them."""
    return ", ".join(map(str, files))


def _line(row: Row) -> _Line:
    columns = row.value.split()
    if len(columns) != 6:
        raise InputError(f"6 columns ({_COLUMNS}) were expected, got {len(columns)}")
    topic, _, passage, said, score, _ = columns
    try:
        value = float(score)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"the score must be a finite number, got {score!r}")
    if not said.lstrip("+-").isdigit() or len(said) > 18:
        raise InputError(f"the rank must be a whole number, got {said!r}")
    return _Line(topic, passage, int(said), value, row)


class _Topics:
    """Which query of a benchmark the queries of a run are: by ``LANGUAGE/ID``, by their ids, or as their file has them.

    In the cross-lingual setting ``QUERY LANGUAGE-PASSAGE LANGUAGE/ID``, as ``evaluate --trec`` writes it.
    """

    def __init__(self, benchmark: Benchmark, setting: Setting) -> None:
        self.pairs = language_pairs(setting, sorted(benchmark.queries), benchmark.passage_languages)
        self.rows = {tag: {id_: row for row, id_ in enumerate(part.ids)} for tag, part in benchmark.queries.items()}
        self._prefixes = {named_pair(*pair): pair for pair in self.pairs}
        self._setting, self._benchmark = setting, benchmark
        self._known: dict[str, Place] = {}

    def place(self, topic: str) -> Place:
        """Raises ``InputError`` if there is no such query, or several."""
        if topic not in self._known:
            found = list(dict.fromkeys(self._found(topic)))
            if len(found) > 1:
                languages = ", ".join(language for language, *_ in found)
                raise InputError(f"query {topic!r} stands in {languages}: write LANGUAGE/{topic}, as in en/{topic}")
            if not found:
                form = " (in this setting as en-de/ID)" if self._setting == CROSS_LINGUAL else ""
                raise InputError(f"query {topic!r} is not among the queries of {self._benchmark.name!r}{form}")
            self._known[topic] = found[0]
        return self._known[topic]

    def _found(self, topic: str) -> Iterator[Place]:
        prefix, slash, rest = topic.partition("/")
        if slash and prefix in self._prefixes:
            query_language, corpus = self._prefixes[prefix]
            row = self._row(query_language, rest)
            if row is not None:
                yield query_language, corpus, row
                return  # nothing else can be meant by a language and an id of its own
        if self._setting != CROSS_LINGUAL:
            for query_language, corpus in self.pairs:
                row = self._row(query_language, topic)
                if row is not None:
                    yield query_language, corpus, row

    def _row(self, language: str, id_: str) -> int | None:
        """By the id as the query's own file has it, else by that of the benchmark."""
        own = self._benchmark.own_ids.get(id_)
        if own is not None:
            return self.rows[language].get(own[1]) if own[0] == language else None
        return self.rows[language].get(id_)


def _check_complete(lists: Mapping[Place, Ranked], benchmark: Benchmark, topics: _Topics, problems: Problems) -> None:
    judged = any(benchmark.qrels.values())
    missing = []
    for query_language, corpus in topics.pairs:
        held = None if corpus == POOL else set(benchmark.corpora[corpus].ids)
        qrels = benchmark.qrels.get(query_language, {})
        for id_, row in topics.rows[query_language].items():
            relevant = (passage for passage, grade in qrels.get(id_, {}).items() if grade > 0)
            needed = any(held is None or passage in held for passage in relevant) if judged else True
            if needed and (query_language, corpus, row) not in lists:
                missing.append(f"{named_pair(query_language, corpus)}/{id_}")
    if missing:
        problems.add(
            f"{len(missing):,} queries have no line, the first is {missing[0]!r}. Rank them too; where nothing was "
            "found for them, pass --nothing-found (nothing_found=True)"
        )


def _upside_down(lists: Mapping[Place, Ranked]) -> bool:
    """Whether most lists with ranks that tell passages apart have lower scores on top."""
    told = wrong = 0
    for ranked in lists.values():
        said, scores = np.array(ranked.said), np.array(ranked.scores)
        first, last = scores[said.argmin()], scores[said.argmax()]
        if said.min() < said.max() and first != last:
            told += 1
            wrong += bool(first < last)
    return told > 0 and 2 * wrong > told
