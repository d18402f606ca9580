"""Entries of a recipe's list of pairs: files read, kept in part, and added to."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from equilingua.errors import InputError, Problems, did_you_mean
from equilingua.files import content_hash, existing_file
from equilingua.mixtures.back_translation import back_translator, with_copies
from equilingua.mixtures.code_switching import code_switched, lexicons_between
from equilingua.mixtures.config import (
    BackTranslatedEntry,
    CodeSwitchedEntry,
    GlossedEntry,
    InstructionsEntry,
    PairsEntry,
    parse_entries,
)
from equilingua.mixtures.glossing import glossaries_from, glossed
from equilingua.mixtures.instructions import derive_instructions
from equilingua.pairs.pair import ParallelPair
from equilingua.pairs.reading import default_format, dolly_pair, read_pairs
from equilingua.pairs.store import ParallelPairs

__all__ = ["PairsEntry", "entry_files", "parse_entries", "read_entries"]

# Part of every key: raised when the same entry comes to hold other pairs, so that no old store is taken for it.
VERSION = 2


def entry_files(entries: Iterable[PairsEntry], data: str | Path) -> tuple[Path, ...]:
    """Every file that the entries read, each once, in their order; whether they are there is not looked at.

    Args:
        entries: from ``parse_entries``.
        data: the folder that names of files are relative to.
    """
    return tuple(dict.fromkeys(Path(data, file) for entry in entries for file in entry.files))


def read_entries(entries: Iterable[PairsEntry], *, data: str | Path, progress: bool = True) -> ParallelPairs:
    """The pairs of all entries, one entry after the other.

    What an entry makes is kept in the cache under the content of its files and its options, and made once.

    Args:
        entries: from ``parse_entries``.
        data: the folder that names of files are relative to.
        progress: whether to show bars while stores are built.

    Raises:
        InputError: for missing files (all in one report), unreadable lines, or an entry that leaves nothing.
    """
    entries = tuple(entries)
    _check_files(entry_files(entries, data))
    return ParallelPairs.joined([_EntryReader(entry, Path(data), progress).read() for entry in entries])


def _check_files(files: Iterable[Path]) -> None:
    problems = Problems("pairs entries")
    for file in files:
        try:
            existing_file(file)
        except InputError as error:
            problems.add(str(error))
    problems.raise_if_any()


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
        return self._stored(name, lambda _: self._made(), options=entry.model_dump(), files=entry.files)

    @property
    def _is_made(self) -> bool:
        """Whether the entry makes something of the file's pairs."""
        return type(self.entry) is not PairsEntry

    def _file(self) -> ParallelPairs:
        """The whole file; where nothing is said of how to read it, in the store of ``ParallelPairs.read``."""
        entry = self.entry
        path = self._path(entry.file)
        options = {"format": entry.read_format, "language": entry.language, "passage": entry.passage}
        source = None if self._is_made else entry.source
        told_by_name = entry.format is None or entry.format == default_format(path)
        if entry.read_format == "pairs" and told_by_name and source is None:
            return ParallelPairs.read(path, progress=self.progress)

        def make(problems: Problems) -> Iterator[ParallelPair]:
            return read_pairs(
                path,
                problems=problems,
                language=entry.language or "en",
                file_format=entry.read_format,
                source=source,
                passage=entry.passage,
            )

        # The file's name is the source of pairs that name none.
        options |= {"source": source, "name": path.name}
        return self._stored(str(path), make, options=options, files=[entry.file])

    def _made(self) -> Iterator[ParallelPair]:
        kept = self._selected()
        pairs = self._sample(kept)
        match entry := self.entry:
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

    def _selected(self) -> ParallelPairs:
        entry = self.entry
        try:
            return self._file().select(
                languages=entry.kept_languages, where=entry.where, max_characters=entry.max_characters
            )
        except InputError as error:
            raise InputError(f"{self._path(entry.file)}: {error}") from error

    def _sample(self, pairs: ParallelPairs) -> Iterator[ParallelPair]:
        limit = self.entry.limit
        if limit is None or limit >= len(pairs):
            return iter(pairs)
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
        hashes = [content_hash(self._path(file)) for file in files]
        key = json.dumps([VERSION, options, hashes])
        return ParallelPairs.made(make, name=name, key=key, progress=self.progress)
