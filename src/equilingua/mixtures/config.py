"""What an entry of a list of pairs may say: the file it reads, what is kept of it, and what is made of that."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)

from equilingua.columns import USUAL, Columns
from equilingua.config import Config, Language, OneOrMany
from equilingua.data_sets import existing_data
from equilingua.errors import InputError
from equilingua.mixtures.back_translation import Sides
from equilingua.mixtures.word_alignment import unsegmented
from equilingua.pairs.reading import Format, default_format
from equilingua.pairs.selection import Condition
from equilingua.pairs.squad import PassageUnit

Mode = Literal["add", "replace"]

COLUMN_FIELDS = ("query_column", "passage_column", "language_column", "id_column")
"""The options that say which column of a table holds what."""


def _is_there(file: str, info: ValidationInfo) -> str:
    # Only where it is known already what the file is relative to.
    if info.context is not None and info.context.get("data") is not None:
        existing_data(Path(info.context["data"], file))
    return file


FileName = Annotated[str, Field(min_length=1), AfterValidator(_is_there)]
"""Of a file inside the data folder, or absolute."""


class PairsEntry(Config):
    """One file of pairs, how it is read, and what is kept of it."""

    keeps_languages: ClassVar[bool] = True
    """Whether ``languages`` are those that are kept, not those that texts are added in."""

    file: FileName
    """The file, relative to the data folder unless absolute."""

    format: Format | None = None
    """``pairs`` (a pairs file or table), ``squad``, ``squad-rows`` (rows in SQuAD's columns) or ``dolly``. By default
    ``squad`` for .json, ``pairs`` otherwise."""

    language: Language | None = None
    """Language of texts whose language the file does not say. In ``pairs`` by default that which its name tells."""

    query_column: str | None = Field(None, min_length=1)
    """Of a table: the column with the query, where its name does not tell."""

    passage_column: str | None = Field(None, min_length=1)
    """Of a table: the column with the passage."""

    language_column: str | None = Field(None, min_length=1)
    """Of a table: the column with the row's language."""

    id_column: str | None = Field(None, min_length=1)
    """Of a table: the column with the pair's id, which rows that are translations of one another share."""

    source: str | None = Field(None, min_length=1)
    """Source of the pairs that the entry adds. By default what the file says, or its name."""

    passage: PassageUnit = "paragraph"
    """Of SQuAD's paragraphs without published sentence breaks: the whole ``paragraph``, or the ``sentence`` around the
    answer."""

    languages: OneOrMany[Language] | None = Field(None, min_length=1)
    """Keep texts in these languages only."""

    where: OneOrMany[str] = ()
    """Keep pairs within these bounds only, such as ``fi_match>=0.75``."""

    max_characters: int | None = Field(None, ge=1)
    """Leave out longer texts."""

    limit: int | None = Field(None, ge=1)
    """Keep so many pairs, drawn by ``seed``; all if there are fewer."""

    seed: int = Field(0, ge=0)
    """Of all that is drawn: the pairs of ``limit``, switched words, glosses, instructions."""

    @field_validator("languages")
    @classmethod
    def _each_once(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return None if value is None else tuple(dict.fromkeys(value))

    @field_validator("where")
    @classmethod
    def _conditions(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            Condition.parse(text)
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        form, problems = self.read_format, []
        if form != "pairs" and self.columns != USUAL:
            problems.append(f"columns have no part in the format {form!r}: only tables have them")
        if form != "pairs" and not self.language:
            problems.append(f"the format {form!r} does not say its language: add one, such as language = 'en'")
        if self.passage == "sentence" and not form.startswith("squad"):
            problems.append(f"passage = 'sentence' has no part in the format {form!r}: only SQuAD's mark answers")
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def read_format(self) -> Format:
        """The format that the file is read in."""
        told = "pairs" if self.columns != USUAL else default_format(self.file)
        return self.format or told or "pairs"

    @property
    def columns(self) -> Columns:
        """The columns of a table, where their names do not tell."""
        return Columns(self.id_column, self.query_column, self.passage_column, self.language_column)

    @property
    def kept_languages(self) -> tuple[str, ...] | None:
        """Languages that the file's own texts are restricted to; None for all."""
        return self.languages if self.keeps_languages else None

    @property
    def keeps_part(self) -> bool:
        """Whether something of the file may be left out."""
        return any((self.kept_languages, self.where, self.max_characters, self.limit))

    @property
    def files(self) -> tuple[str, ...]:
        """Every file that the entry reads, as written."""
        made_with = getattr(self, _made(self))
        more = [made_with] if isinstance(made_with, str) else made_with if isinstance(made_with, tuple) else []
        return tuple(dict.fromkeys([self.file, *more]))

    def described(self) -> str:
        """What is said of the file, on one line.

        >>> PairsEntry(file="a.jsonl", languages=("en", "de"), limit=9).described()
        'languages en de, limit 9'
        """
        options = {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set}
        options |= {"seed": options.pop("seed")} if "seed" in options else {}
        return ", ".join(
            f"{name} {' '.join(value) if isinstance(value, tuple) else value}"
            for name, value in options.items()
            if name != "file"
        )


class BackTranslatedEntry(PairsEntry):
    """Pairs with copies in which texts are back-translated."""

    back_translated: FileName
    """A pairs file with back-translations under the same ids. Copies have the source ``<source> back-translated``."""

    side: Sides = "both"
    """Texts that are replaced in copies."""

    mode: Mode = "add"
    """Whether copies stand beside their originals (``add``) or in their place."""


class CodeSwitchedEntry(PairsEntry):
    """Pairs with copies in which words are taken from other languages."""

    keeps_languages: ClassVar[bool] = False

    languages: OneOrMany[Language] = Field(min_length=1)
    """Those that words are taken from."""

    code_switched: OneOrMany[FileName] = Field(min_length=1)
    """Files of parallel sentences, of which a lexicon is made. Copies have the source ``<source> code-switched``."""

    side: Sides = "queries"
    """Texts that are replaced in copies."""

    mode: Mode = "add"
    """Whether copies stand beside their originals (``add``) or in their place."""

    share: float = Field(0.5, gt=0, le=1)
    """Probability that a word is switched."""

    @field_validator("languages")
    @classmethod
    def _have_words(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        for tag in filter(unsegmented, languages):
            raise ValueError(f"{tag!r} puts no space between words, so none can be taken from it: leave it out")
        return languages


class GlossedEntry(PairsEntry):
    """Pairs with copies that are put into other languages word by word."""

    keeps_languages: ClassVar[bool] = False

    languages: OneOrMany[Language] = Field(min_length=1)
    """Those that glosses are added in."""

    glossed: OneOrMany[FileName] = Field(min_length=1)
    """Files of parallel texts, of which a glossary is made. Copies have the source ``<source> glossed``."""

    from_language: Language = "en"
    """Language of the texts that are glossed."""

    per_pair: int | None = Field(None, ge=1)
    """Gloss each pair in so many of ``languages``, drawn by ``seed``; by default in all."""

    mode: Mode = "add"
    """Whether copies stand beside their originals (``add``) or in their place."""

    @field_validator("from_language")
    @classmethod
    def _has_words(cls, language: str) -> str:
        if unsegmented(language):
            raise ValueError(
                f"{language!r} puts no space between words, so none of them can be looked up: take another"
            )
        return language

    @model_validator(mode="after")
    def _gives_languages_to_gloss_in(self) -> Self:
        own, count = self.from_language, len(self.languages)
        if own in self.languages:
            raise ValueError(f"{own!r} is the language that is glossed ('from_language'): leave it out of 'languages'")
        if self.per_pair is not None and self.per_pair > count:
            raise ValueError(f"per_pair = {self.per_pair} is more than the {count} 'languages': give fewer")
        return self


class InstructionsEntry(PairsEntry):
    """Instructions made of pairs, with the source ``instructions``, in place of the pairs."""

    instructions: Literal[True]
    """Make instructions of the pairs."""


_MADE = {"back_translated", "code_switched", "glossed", "instructions"}


def _made(entry: Any) -> str:
    """Which of the options that make something of an entry's pairs stands there, or ``file``; pydantic calls it."""
    names = entry if isinstance(entry, Mapping) else type(entry).model_fields
    return next((name for name in names if name in _MADE), "file")


def _table(entry: Any) -> Any:
    if not isinstance(entry, str | Mapping | PairsEntry):
        raise InputError(f"a file's name or a table was expected, got {entry!r}")
    return {"file": entry} if isinstance(entry, str) else entry


AnyPairsEntry = Annotated[
    Annotated[PairsEntry, Tag("file")]
    | Annotated[BackTranslatedEntry, Tag("back_translated")]
    | Annotated[CodeSwitchedEntry, Tag("code_switched")]
    | Annotated[GlossedEntry, Tag("glossed")]
    | Annotated[InstructionsEntry, Tag("instructions")],
    Discriminator(_made),
    BeforeValidator(_table),
]
"""An entry as a TOML file holds it: a file's name, or a table of the options of one of these records."""
