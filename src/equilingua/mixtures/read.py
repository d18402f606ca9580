"""Entries of a recipe's list of pairs: files read, kept in part, and added to."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field

from equilingua.columns import USUAL
from equilingua.config import Config, Items, RawConfig
from equilingua.data_sets import data_set_hash, existing_data
from equilingua.errors import InputError, Problems, did_you_mean
from equilingua.mixtures.back_translation import back_translator, with_copies
from equilingua.mixtures.code_switching import code_switched, lexicons_between
from equilingua.mixtures.config import (
    COLUMN_FIELDS,
    AnyPairsEntry,
    BackTranslatedEntry,
    CodeSwitchedEntry,
    GlossedEntry,
    InstructionsEntry,
    PairsEntry,
)
from equilingua.mixtures.glossing import glossaries_from, glossed
from equilingua.mixtures.instructions import derive_instructions
from equilingua.pairs.pair import ParallelPair
from equilingua.pairs.reading import default_format, dolly_pair, read_pairs
from equilingua.pairs.store import ParallelPairs

# Part of every key: raised when the same entry comes to hold other pairs, so that no old store is taken for it.
VERSION = 2


class _Entries(Config):
    pairs: Items[AnyPairsEntry] = Field(min_length=1)


def parse_entries(values: Iterable[str | Mapping[str, Any]], *, place: str) -> tuple[PairsEntry, ...]:
    """The entries of a list as a TOML file holds it.

    Args:
        values: each a file's name, or a table with the options of ``PairsEntry`` or of what is made of it.
        place: where the list stands, such as ``study.toml: data``.

    Raises:
        InputError: with every problem of every entry, its place (entries count from 1), and the nearest known name.

    >>> parse_entries(["a.jsonl", {"file": "b.json", "language": "ar"}], place="study.toml: data")[1].language
    'ar'
    """
    raw = RawConfig(place)
    raw.add_arguments({"pairs": values}, place=place)
    return raw.check(_Entries).pairs


def entry_files(entries: Iterable[PairsEntry], data: str | Path) -> tuple[Path, ...]:
    """Every file that the entries read, each once, in their order; whether they are there is not looked at."""
    return tuple(dict.fromkeys(Path(data, file) for entry in entries for file in entry.files))


def read_entries(entries: Iterable[PairsEntry], *, data: str | Path, progress: bool = True) -> ParallelPairs:
    """The pairs of all entries, one entry after the other.

    What an entry makes is kept in the cache under the content of its files and its options, and made once. Names of
    files are relative to the folder ``data``.

    Raises:
        InputError: for missing files (all in one report), unreadable lines, or an entry that leaves nothing.
    """
    entries, problems = tuple(entries), Problems("pairs entries")
    for file in entry_files(entries, data):
        try:
            existing_data(file)
        except InputError as error:
            problems.add(str(error))
    problems.raise_if_any()
    return ParallelPairs.joined([_EntryReader(entry, Path(data), progress).read() for entry in entries])


def _options(entry: PairsEntry) -> dict[str, Any]:
    """What determines an entry's pairs; columns only where some are named, so that no other store is another one."""
    unnamed = {name for name in COLUMN_FIELDS if getattr(entry, name) is None}
    return entry.model_dump(exclude=unnamed)


@dataclass(frozen=True, slots=True)
class _EntryReader:
    """Reads one entry: its file, what is kept of it, what is made of that."""

    entry: PairsEntry
    data: Path
    progress: bool

    def read(self) -> ParallelPairs:
        entry = self.entry
        if not self._is_made and not entry.keeps_part:
            return self._file()
        name = f"{self._path(entry.file)} ({entry.described()})"
        return self._stored(name, lambda _: self._made(), options=_options(entry), files=entry.files)

    @property
    def _is_made(self) -> bool:
        """Whether the entry makes something of the file's pairs."""
        return type(self.entry) is not PairsEntry

    def _file(self) -> ParallelPairs:
        """The whole file; where nothing is said of how to read it, in the store of ``ParallelPairs.read``."""
        entry = self.entry
        path = self._path(entry.file)
        options: dict[str, Any] = {"format": entry.read_format, "language": entry.language, "passage": entry.passage}
        # Of an entry that makes something, the source names what is made, not the file's own pairs.
        source = None if self._is_made else entry.source
        told_by_name = entry.format is None or entry.format == default_format(path)
        if entry.read_format == "pairs" and told_by_name and source is None:
            return ParallelPairs.read(path, language=entry.language, columns=entry.columns, progress=self.progress)

        def make(problems: Problems) -> Iterator[ParallelPair]:
            return read_pairs(
                path,
                problems=problems,
                language=entry.language,
                file_format=entry.read_format,
                source=source,
                passage=entry.passage,
                columns=entry.columns,
            )

        # The file's name is the source of pairs that name none.
        options |= {"source": source, "name": path.name}
        if entry.columns != USUAL:
            options |= {"columns": asdict(entry.columns)}
        return self._stored(str(path), make, options=options, files=[entry.file])

    def _made(self) -> Iterator[ParallelPair]:
        entry = self.entry
        try:
            kept = self._file().select(
                languages=entry.kept_languages, where=entry.where, max_characters=entry.max_characters
            )
        except InputError as error:
            raise InputError(f"{self._path(entry.file)}: {error}") from error
        pairs = self._sample(kept)
        match entry:
            case BackTranslatedEntry() | CodeSwitchedEntry() | GlossedEntry():
                return with_copies(pairs, self._copying(entry, kept.languages), mode=entry.mode)
            case InstructionsEntry():
                rows = derive_instructions(pairs, seed=entry.seed)
                return (dolly_pair(row, language="en", source=entry.source or "instructions") for row in rows)
        return pairs

    def _copying(
        self, entry: BackTranslatedEntry | CodeSwitchedEntry | GlossedEntry, languages: tuple[str, ...]
    ) -> Callable[[ParallelPair], ParallelPair | None]:
        """A function from a pair, which has some of the languages, to its copy."""
        seed, source = entry.seed, entry.source
        match entry:
            case BackTranslatedEntry():
                [translations] = self._read(entry.back_translated)
                return back_translator(translations, side=entry.side, source=source)
            case CodeSwitchedEntry():
                files, targets = self._read(*entry.code_switched), entry.languages
                lexicons = lexicons_between(files, languages=languages, targets=targets, progress=self.progress)
                side, share = entry.side, entry.share
                return partial(code_switched, lexicons=lexicons, side=side, share=share, seed=seed, source=source)
            case GlossedEntry(from_language=own):
                if own not in languages:
                    raise InputError(
                        f"{self._path(entry.file)}: no pair has {own!r}, which is to be glossed. "
                        f"{did_you_mean(own, languages)} Set 'from_language'"
                    )
                files = self._read(*entry.glossed)
                glossaries = glossaries_from(files, own, targets=entry.languages, progress=self.progress)
                most = entry.per_pair
                return partial(glossed, glossaries=glossaries, language=own, per_pair=most, seed=seed, source=source)

    def _read(self, *files: str) -> list[ParallelPairs]:
        return [ParallelPairs.read(self._path(file), progress=self.progress) for file in files]

    def _sample(self, pairs: ParallelPairs) -> Iterator[ParallelPair]:
        limit = self.entry.limit
        if limit is None or limit >= len(pairs):
            return iter(pairs)
        # In the order of the store: what is drawn differs by seed, how it is ordered does not.
        drawn = np.random.default_rng([self.entry.seed]).choice(len(pairs), limit, replace=False)
        return (pairs[position] for position in sorted(drawn.tolist()))

    def _path(self, file: str) -> Path:
        return self.data / file

    def _stored(
        self,
        name: str,
        make: Callable[[Problems], Iterator[ParallelPair]],
        *,
        options: dict[str, Any],
        files: Iterable[str],
    ) -> ParallelPairs:
        hashes = [data_set_hash(self._path(file)) for file in files]
        key = json.dumps([VERSION, options, hashes])
        return ParallelPairs.made(make, name=name, key=key, progress=self.progress)
