"""Entries of a recipe's list of pairs: files read, kept in part, and added to."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from equilingua.errors import InputError, Problems, did_you_mean
from equilingua.files import content_hash, existing_file
from equilingua.mixtures.back_translation import back_translated_copies, originals_and_copies
from equilingua.mixtures.code_switching import Lexicons, code_switched_copies, lexicons_between
from equilingua.mixtures.config import PairsEntry, entry_problems, parse_entries
from equilingua.mixtures.glossing import glossaries_from, glossed_copies
from equilingua.mixtures.instructions import derive_instructions
from equilingua.pairs.pair import ParallelPair
from equilingua.pairs.reading import default_format, dolly_pair, read_pairs
from equilingua.pairs.store import ParallelPairs

__all__ = ["PairsEntry", "entry_files", "entry_problems", "parse_entries", "read_entries"]

# Part of every key: raised when the same entry comes to hold other pairs, so that no old store is taken for it.
VERSION = 1


def entry_files(entries: Iterable[PairsEntry], data: str | Path) -> tuple[Path, ...]:
    """Every file that the entries read, each once, in their order; whether they are there is not looked at.

    Args:
        entries: from ``parse_entries``.
        data: the folder that names of files are relative to.
    """
    return tuple(dict.fromkeys(Path(data, file) for entry in entries for file in entry.files))


def read_entries(entries: Iterable[PairsEntry], *, data: str | Path, progress: bool = True) -> ParallelPairs:
    """The pairs of all entries, one entry after the other.

    What an entry makes is kept in the cache under the content of its files and its settings, and made once.

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
        if not (entry.made_by or entry.keeps_part):
            return self._file()
        name = f"{self._path(entry.file)} ({entry.described()})"
        return self._stored(name, lambda _: self._made(), settings=self._settings(), files=entry.files)

    def _settings(self) -> dict[str, Any]:
        """What the key of the entry's store says of it."""
        # Settings that came later are left out where they have no part, so that stores made before are still found.
        settings = self.entry.model_dump(
            exclude=None if self.entry.glossed else {"glossed", "from_language", "per_pair"}
        )
        # Raised for what is made otherwise than before.
        return settings | (
            {"revision": 2} if self.entry.back_translated or self.entry.code_switched or self.entry.glossed else {}
        )

    def _file(self) -> ParallelPairs:
        """The whole file; where nothing is said of how to read it, in the store of ``ParallelPairs.read``."""
        entry = self.entry
        path = self._path(entry.file)
        options = {"format": entry.read_format, "language": entry.language, "passage": entry.passage}
        source = None if entry.made_by else entry.source
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
        settings = {**options, "source": source, "name": path.name}
        return self._stored(str(path), make, settings=settings, files=[entry.file])

    def _made(self) -> Iterator[ParallelPair]:
        entry = self.entry
        kept = self._selected()
        pairs = self._sample(kept)
        mode = entry.mode or "add"
        if entry.back_translated is not None:
            [translations] = self._read(entry.back_translated)
            copies = back_translated_copies(pairs, translations, side=entry.side or "both", source=entry.source)
            return originals_and_copies(copies, mode=mode)
        if entry.code_switched:
            lexicons = self._lexicons(kept)
            side, share = entry.side or "queries", entry.share or 0.5
            copies = code_switched_copies(pairs, lexicons, side=side, share=share, seed=entry.seed, source=entry.source)
            return originals_and_copies(copies, mode=mode)
        if entry.glossed:
            return originals_and_copies(self._glossed(pairs, kept.languages), mode=mode)
        if entry.instructions:
            rows = derive_instructions(pairs, seed=entry.seed)
            return (dolly_pair(row, language="en", source=entry.source or "instructions") for row in rows)
        return pairs

    def _glossed(
        self, pairs: Iterator[ParallelPair], languages: tuple[str, ...]
    ) -> Iterator[tuple[ParallelPair, ParallelPair | None]]:
        entry = self.entry
        own = entry.glossed_language
        if own not in languages:
            raise InputError(
                f"{self._path(entry.file)}: no pair has {own!r}, which is to be glossed. "
                f"{did_you_mean(own, languages)} Set 'from_language'"
            )
        files = self._read(*entry.glossed)
        glossaries = glossaries_from(files, own, targets=entry.languages or (), progress=self.progress)
        return glossed_copies(
            pairs, glossaries, language=own, seed=entry.seed, per_pair=entry.per_pair, source=entry.source
        )

    def _lexicons(self, pairs: ParallelPairs) -> Lexicons:
        return lexicons_between(
            self._read(*self.entry.code_switched),
            languages=pairs.languages,
            targets=self.entry.languages or (),
            progress=self.progress,
        )

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
        settings: dict[str, Any],
        files: Iterable[str],
    ) -> ParallelPairs:
        hashes = [content_hash(self._path(file)) for file in files]
        key = json.dumps([VERSION, settings, hashes])
        return ParallelPairs.made(make, name=name, key=key, progress=self.progress)
