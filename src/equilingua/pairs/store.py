"""ParallelPairs: many pairs on disk, opened without being read into memory."""

import errno
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from equilingua.columns import USUAL, Columns
from equilingua.compression import uncompressed_suffix
from equilingua.data_sets import data_set_hash
from equilingua.documents import read_document
from equilingua.errors import InputError, Problems, foreign_errors
from equilingua.file_language import languages_in_name
from equilingua.files import cache_folder, whole_folder
from equilingua.languages import language_tag
from equilingua.pairs.answers import Answers, VersionKeys, find_answers, kept_answers
from equilingua.pairs.pair import ParallelPair, integer_key
from equilingua.pairs.parts import Part, write_parts
from equilingua.pairs.profiles import ProfileIndex, build_index
from equilingua.pairs.reading import read_pairs
from equilingua.pairs.selection import Condition, Selection
from equilingua.progress import track

# Part of every store's key, and so of its fingerprint: raised when the same file comes to hold other pairs.
READING = 2

# Part of every store's place: raised when the same pairs are written otherwise, so that no old store is read as a new
# one; fingerprints, which tell what was trained on, stay.
LAYOUT = 4


@dataclass(frozen=True, slots=True)
class Source:
    """One input of a store: where it came from and the SHA-256 of its content."""

    name: str
    sha256: str


class ParallelPairs:
    """Parallel pairs in memory-mapped Arrow files, with the languages each pair has.

    Opening costs the memory of an index (4 bytes a pair), not of the texts. Build one with ``read`` or ``from_pairs``.

    Positions (``pairs[i]``) run over the selected pairs, ordered by profile (source, then languages), and inside a
    profile in the order of the input.
    """

    def __init__(self, folders: tuple[Path, ...], files: tuple[Source, ...], selections: tuple[Selection, ...] = ()):
        self._folders = folders
        self._selections = selections
        self.files = files

    @classmethod
    def read(
        cls,
        *paths: str | Path,
        language: str | None = None,
        columns: Columns = USUAL,
        problems: Problems | None = None,
        progress: bool = True,
    ) -> "ParallelPairs":
        """The pairs of all files. A file is read once; its store is kept in the cache under its content's hash.

        Args:
            paths: what ``read_pairs`` takes: pairs files (.jsonl), tables (.csv, .tsv, .parquet, ...), SQuAD-format
                files (.json), each plain or .gz, .xz, .zst; folders of them; or corpora with queries and judgements.
            language: of texts whose language a file does not say; by default that which its name tells (of SQuAD's
                format English, where it tells none).
            columns: of tables, which hold what, where their names do not tell.
            problems: given, bad lines are noted here and left out; by default they are an error.
            progress: whether to show a bar while a store is built.

        Raises:
            InputError: for a missing file, and with every bad line of a file in one report (nothing is stored then).
        """
        if not paths:
            raise InputError("no pairs file given")

        def stored(file: Source) -> Path:
            # Pairs that name no source have the file's name, whose suffix says how it is read, and which may tell the
            # language of texts that have none.
            name = Path(file.name).name
            spoken = language or " ".join(languages_in_name(name)) or "en"
            told = [columns.id, columns.query, columns.passage, columns.language, columns.grade]
            how = [file.sha256, spoken, name.split(".")[0], uncompressed_suffix(name)]
            key = json.dumps(how if columns == USUAL else [*how, told])
            return _stored(
                key,
                file,
                lambda noted: read_pairs(file.name, problems=noted, language=language, columns=columns),
                problems=problems,
                progress=progress,
            )

        sources = tuple(Source(str(path), data_set_hash(path)) for path in paths)
        return cls(tuple(map(stored, sources)), sources)

    @classmethod
    def from_pairs(cls, pairs: Iterable[ParallelPair], *, name: str = "pairs") -> "ParallelPairs":
        """The pairs of an iterable, stored in the cache under their content's hash."""
        records = list(pairs)
        digest = hashlib.sha256()
        for pair in records:
            # Every field, since a record that differs in any is another one; languages in one order.
            values = {field.name: getattr(pair, field.name) for field in fields(pair)}
            digest.update(json.dumps(values, sort_keys=True, default=dict).encode() + b"\n")
        source = Source(name, digest.hexdigest())
        return cls((_stored(f"records {source.sha256}", source, lambda _: records, progress=False),), (source,))

    @classmethod
    def made(
        cls, make: Callable[[Problems], Iterable[ParallelPair]], *, name: str, key: str, progress: bool = True
    ) -> "ParallelPairs":
        """The pairs that a function yields, kept in the cache under a key that determines them.

        Args:
            make: called where the cache has no such store; it notes what it cannot read in the problems it is given.
            name: of the store, in messages and in the record of a training.
            key: equal only where ``make`` yields the same: of its input's content, its options, and its version.
            progress: whether to show a bar while the store is built.

        Raises:
            InputError: with every problem that was noted (nothing is stored then), or if there is no pair.
        """
        source = Source(name, hashlib.sha256(key.encode()).hexdigest())
        return cls((_stored(f"made {source.sha256}", source, make, progress=progress),), (source,))

    @classmethod
    def joined(cls, stores: Sequence["ParallelPairs"]) -> "ParallelPairs":
        """All pairs of stores of which nothing was selected, with nothing copied."""
        if not stores or any(store._selections for store in stores):
            raise ValueError("only whole stores can be joined, at least one")
        folders = chain.from_iterable(store._folders for store in stores)
        return cls(tuple(folders), tuple(chain.from_iterable(store.files for store in stores)))

    @classmethod
    def kept(
        cls, stores: Sequence[str], files: Sequence[Source], selections: Sequence[Selection]
    ) -> "ParallelPairs | None":
        """The pairs of stores by name, as ``stores`` and ``selections`` tell them; None if the cache lacks one of them.

        Stores that other versions wrote in another way are not read.
        """
        folders = tuple(cache_folder() / "pairs" / name for name in stores)
        if not folders or len(folders) != len(files):
            return None
        there = all(
            name.endswith(f"-{LAYOUT}") and folder.is_dir() for name, folder in zip(stores, folders, strict=True)
        )
        return cls(folders, tuple(files), tuple(selections)) if there else None

    @property
    def stores(self) -> tuple[str, ...]:
        """The names of the stores in the cache, one a file."""
        return tuple(folder.name for folder in self._folders)

    @property
    def selections(self) -> tuple[Selection, ...]:
        """What was selected, in its order."""
        return self._selections

    def select(
        self,
        *,
        languages: Iterable[str] | None = None,
        sources: Iterable[str] | None = None,
        where: Iterable[str] = (),
        max_characters: int | None = None,
    ) -> "ParallelPairs":
        """These pairs with less in them; nothing is copied.

        Args:
            languages: keep texts in these languages only, and pairs that still have a query and a passage.
            sources: keep pairs of these sources only.
            where: bounds on numeric columns such as ``"fi_match>=0.75"``; pairs without the column are kept.
            max_characters: leave out longer texts; a pair stays in its other languages.

        Raises:
            InputError: for a language, source or column that no pair has, or if nothing is left.
        """
        if max_characters is not None and max_characters < 1:
            raise InputError(f"max_characters must be at least 1, got {max_characters}")
        selection = Selection(
            None if languages is None else tuple(sorted({language_tag(name) for name in languages})),
            None if sources is None else tuple(sorted(set(sources))),
            tuple(Condition.parse(text) for text in where),
            max_characters,
        )
        selection.check(languages=self.languages, sources=self.sources, numbers=self.number_columns)
        # Nothing is left out, so the pairs keep their fingerprint: a training on them is the same one.
        if selection == Selection():
            return self
        selected = ParallelPairs(self._folders, self.files, (*self._selections, selection))
        if not len(selected):
            raise InputError(f"none of the {len(self):,} pairs is left by {selection.describe()}: ask for less")
        return selected

    def selected(self, selections: Iterable[Selection]) -> "ParallelPairs":
        """These pairs with selections that were made of the same pairs before."""
        return ParallelPairs(self._folders, self.files, (*self._selections, *selections))

    @cached_property
    def _parts(self) -> tuple[Part, ...]:
        return tuple(Part(path) for folder in self._folders for path in sorted(folder.glob("part-*.arrow")))

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        return np.cumsum([0, *(len(part) for part in self._parts)], dtype=np.int64)

    @cached_property
    def index(self) -> ProfileIndex:
        """The selected pairs by profile."""
        coded = []
        for part in self._parts:
            selected = part.coded
            # One after the other: what a later one bounds may be what an earlier one left.
            for selection in self._selections:
                selected = selection.apply(part, selected)
            coded.append(selected)
        return build_index(coded)

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Every language with a query or a passage, sorted."""
        tags = chain.from_iterable((*p.query_languages, *p.passage_languages) for p in self.index.profiles)
        return tuple(sorted(set(tags)))

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """Every source, sorted."""
        return tuple(sorted({profile.source for profile in self.index.profiles}))

    @property
    def number_columns(self) -> tuple[str, ...]:
        """Names of the numeric columns that some pair has, sorted."""
        return tuple(sorted(set().union(*(part.number_columns for part in self._parts))))

    def numbers(self, column: str) -> NDArray[np.float64]:
        """A numeric column of the selected pairs, in their order, (pairs,); NaN where a pair does not have it."""
        columns = ((part.numbers(column), len(part)) for part in self._parts)
        stored = [np.full(rows, np.nan) if numbers is None else numbers for numbers, rows in columns]
        return np.concatenate(stored)[self.index.rows]

    @cached_property
    def answers(self) -> Answers:
        """What answers what among all pairs of the store, those and the texts that were not selected among them."""

        def find() -> Answers:
            sides = ([part.version_keys(side) for part in self._parts] for side in ("query", "passage"))
            return find_answers(*map(VersionKeys.joined, sides))

        return kept_answers(self._folders, find)

    @property
    def fingerprint(self) -> str:
        """Equal for equal content, read in the same way, and equal selections (64 hexadecimal digits)."""
        # The first part of a store's name is a key of its content and of how that was read.
        stores = [
            (folder.name.partition("-")[0], file.sha256) for folder, file in zip(self._folders, self.files, strict=True)
        ]
        selections = [asdict(selection) for selection in self._selections]
        return hashlib.sha256(json.dumps([stores, selections]).encode()).hexdigest()

    def rows(self, positions: Sequence[int]) -> NDArray[np.int64]:
        """The row of each position's pair, counted through all that is stored, as ``answers`` counts them."""
        return self.index.rows[np.asarray(positions, dtype=np.int64)].astype(np.int64)

    def locate(self, positions: Sequence[int]) -> list[tuple[Part, int]]:
        """For each position the part that holds its pair, and the pair's row there."""
        rows = self.rows(positions)
        numbers = np.searchsorted(self._starts, rows, side="right") - 1
        places = rows - self._starts[numbers]
        return [(self._parts[part], place) for part, place in zip(numbers.tolist(), places.tolist(), strict=True)]

    def __len__(self) -> int:
        return len(self.index.rows)

    def __getitem__(self, position: int) -> ParallelPair:
        if not -len(self) <= position < len(self):
            raise IndexError(f"position {position} of {len(self):,} pairs")
        position %= len(self)
        [(part, row)] = self.locate([position])
        code = int(np.searchsorted(self.index.offsets, position, side="right")) - 1
        profile, pair = self.index.profiles[code], part.pair(row)
        queries = {tag: pair.queries[tag] for tag in profile.query_languages}
        return replace(pair, queries=queries, passages={tag: pair.passages[tag] for tag in profile.passage_languages})

    def __iter__(self) -> Iterator[ParallelPair]:
        return (self[position] for position in range(len(self)))

    def __repr__(self) -> str:
        languages, sources = ", ".join(self.languages), ", ".join(self.sources)
        return f"ParallelPairs({len(self):,} pairs, languages {languages}, sources {sources})"

    def __reduce__(self) -> tuple[object, ...]:
        return ParallelPairs, (self._folders, self.files, self._selections)


def _stored(
    key: str,
    source: Source,
    make: Callable[[Problems], Iterable[ParallelPair]],
    *,
    problems: Problems | None = None,
    progress: bool,
) -> Path:
    """The folder of a store, made if it is not there yet; what was noted goes to ``problems``, or is an error."""
    folder = cache_folder() / "pairs" / f"{integer_key(f'{READING} {key}'):016x}-{LAYOUT}"
    noted = Problems(source.name)
    if folder.is_dir():
        with foreign_errors(f"{folder}: is no store of pairs", advice="Remove it, and it is made anew"):
            described = read_document(folder / "store.json")
            noted.extend(described["problems"], count=described["problem_count"])
    else:
        pairs = track(make(noted), f"storing {source.name}", show=progress)
        _build(pairs, folder, source=source, noted=noted, strict=problems is None)
    if problems is None:
        noted.raise_if_any()
    else:
        problems.extend(noted.shown, count=noted.count)
    return folder


def _build(pairs: Iterable[ParallelPair], folder: Path, *, source: Source, noted: Problems, strict: bool) -> None:
    """Write a store whole, with a note of the lines left out, or leave nothing behind."""
    try:
        with whole_folder(folder) as work:
            rows = write_parts(pairs, work)
            if strict or not rows:
                noted.raise_if_any()
            if not rows:
                raise InputError(f"{source.name}: holds no pair")
            described = {"rows": rows, "problem_count": noted.count, "problems": noted.shown}
            (work / "store.json").write_text(json.dumps(described, indent=2))
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise InputError(
                f"{folder.parent}: no room to store the pairs of {source.name} ({error.strerror}); nothing was kept. "
                "Free some space, or set EQUILINGUA_CACHE to a folder on another disk."
            ) from error
        raise
