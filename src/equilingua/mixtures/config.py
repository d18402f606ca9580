"""What an entry of a recipe's list of pairs may say."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from equilingua.errors import InputError, Problems, did_you_mean
from equilingua.files import uncompressed_suffix
from equilingua.languages import language_tag
from equilingua.mixtures.back_translation import Sides
from equilingua.mixtures.word_alignment import unsegmented
from equilingua.pairs.reading import Format
from equilingua.pairs.selection import Condition
from equilingua.pairs.squad import PassageUnit
from equilingua.settings_table import SettingsTable


class PairsEntry(SettingsTable):
    """One file of pairs, how it is read, what is kept of it, and what is made of that.

    At most one of ``back_translated``, ``code_switched``, ``glossed`` and ``instructions`` is given.
    """

    file: str = Field(min_length=1)
    """The file, relative to the data folder unless absolute."""

    format: Format | None = None
    """``pairs``, ``squad``, ``squad-rows`` (JSON lines in SQuAD's columns) or ``dolly``. By default ``squad`` for
    .json, ``pairs`` for .jsonl and .parquet."""

    language: str | None = None
    """Language of the texts of a file in a format that does not say it (all but ``pairs``)."""

    source: str | None = Field(None, min_length=1)
    """Source of the pairs that the entry adds. By default what the file says, or its name; for pairs made of others see
    ``back_translated``, ``code_switched``, ``glossed`` and ``instructions``."""

    passage: PassageUnit = "paragraph"
    """Of SQuAD's paragraphs without published sentence breaks: the whole ``paragraph``, or the ``sentence`` around the
    answer."""

    languages: tuple[str, ...] | None = Field(None, min_length=1)
    """Keep texts in these languages only. With ``code_switched``: the languages that words are taken from. With
    ``glossed``: those that are added."""

    where: tuple[str, ...] = ()
    """Keep pairs within these bounds only, such as ``fi_match>=0.75``."""

    max_characters: int | None = Field(None, ge=1)
    """Leave out longer texts."""

    limit: int | None = Field(None, ge=1)
    """Keep so many pairs, drawn by ``seed``; all if there are fewer."""

    back_translated: str | None = Field(None, min_length=1)
    """A pairs file with back-translations under the same ids. Copies have the source ``<source> back-translated``."""

    code_switched: tuple[str, ...] = ()
    """Files of parallel sentences, of which a lexicon is made. Copies have the source ``<source> code-switched``."""

    glossed: tuple[str, ...] = ()
    """Files of parallel texts, of which a glossary is made. Copies have the source ``<source> glossed``."""

    from_language: str | None = None
    """Language of the texts that are glossed; by default ``en``."""

    per_pair: int | None = Field(None, ge=1)
    """Gloss each pair in so many of ``languages``, drawn by ``seed``; by default in all."""

    instructions: bool = False
    """Make instructions of the pairs, with the source ``instructions``."""

    side: Sides | None = None
    """Texts that are replaced in copies. By default ``both`` of back-translated pairs, ``queries`` of code-switched."""

    mode: Literal["add", "replace"] | None = None
    """Whether copies stand beside their originals (``add``, the default) or in their place."""

    share: float | None = Field(None, gt=0, le=1)
    """Probability that a word is switched; by default 0.5."""

    seed: int = Field(0, ge=0)
    """Of all that is drawn: the pairs of ``limit``, switched words, glosses, instructions."""

    @field_validator("languages", "where", "code_switched", "glossed", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("languages")
    @classmethod
    def _tags(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return None if value is None else tuple(dict.fromkeys(map(language_tag, value)))

    @field_validator("language", "from_language")
    @classmethod
    def _tag(cls, value: str | None) -> str | None:
        return None if value is None else language_tag(value)

    @field_validator("where")
    @classmethod
    def _conditions(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            Condition.parse(text)
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        problems = [*self._reading_problems(), *self._copying_problems(), *self._glossing_problems()]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _reading_problems(self) -> Iterable[str]:
        form = self.read_format
        if form == "pairs" and self.language:
            yield "'language' has no part in a pairs file, which names its languages: take it out (see 'languages')"
        if form != "pairs" and not self.language:
            yield f"the format {form!r} does not say its language: add one, such as language = 'en'"
        if self.passage == "sentence" and not form.startswith("squad"):
            yield f"passage = 'sentence' has no part in the format {form!r}: only SQuAD's formats mark answers"

    def _copying_problems(self) -> Iterable[str]:
        made = self.made_by
        if len(made) > 1:
            yield f"{' and '.join(map(repr, made))} were given: give one, and the others in entries of their own"
        copied = self.back_translated is not None or bool(self.code_switched)
        if self.side is not None and not copied:
            yield "'side' has no part without 'back_translated' or 'code_switched'"
        if self.mode is not None and not (copied or self.glossed):
            yield "'mode' has no part without 'back_translated', 'code_switched' or 'glossed'"
        if self.share is not None and not self.code_switched:
            yield "'share' has no part without 'code_switched'"
        if self.code_switched and not self.languages:
            yield "'code_switched' needs 'languages': those that words are taken from"
        for tag in (self.languages or ()) if self.code_switched else ():
            if unsegmented(tag):
                yield f"{tag!r} puts no space between words, so none can be taken from it: leave it out of 'languages'"

    def _glossing_problems(self) -> Iterable[str]:
        if not self.glossed:
            for name in ("from_language", "per_pair"):
                if getattr(self, name) is not None:
                    yield f"{name!r} has no part without 'glossed'"
            return
        own = self.glossed_language
        if unsegmented(own):
            yield f"from_language: {own!r} puts no space between words, so none of them can be looked up: take another"
        if not self.languages:
            yield "'glossed' needs 'languages': those that glosses are added in"
            return
        if own in self.languages:
            yield f"{own!r} is the language that is glossed ('from_language'): leave it out of 'languages'"
        if self.per_pair is not None and self.per_pair > len(self.languages):
            yield f"per_pair = {self.per_pair} is more than the {len(self.languages)} 'languages': give fewer"

    @property
    def glossed_language(self) -> str:
        """The language of the texts that are glossed."""
        return self.from_language or "en"

    @property
    def read_format(self) -> Format:
        """The format that the file is read in."""
        return self.format or ("squad" if uncompressed_suffix(self.file) == ".json" else "pairs")

    @property
    def made_by(self) -> tuple[str, ...]:
        """What is made of the file's pairs: one of the settings that do so, by name; mostly none."""
        makers = ("back_translated", "code_switched", "glossed", "instructions")
        return tuple(name for name in makers if getattr(self, name))

    @property
    def keeps_part(self) -> bool:
        """Whether something of the file may be left out."""
        return any((self.kept_languages, self.where, self.max_characters, self.limit))

    @property
    def kept_languages(self) -> tuple[str, ...] | None:
        """Languages that the file's own texts are restricted to; None for all."""
        return None if self.code_switched or self.glossed else self.languages

    @property
    def files(self) -> tuple[str, ...]:
        """Every file that the entry reads, as written."""
        return (
            self.file,
            *((self.back_translated,) if self.back_translated else ()),
            *self.code_switched,
            *self.glossed,
        )

    def described(self) -> str:
        """What is said of the file, on one line.

        >>> PairsEntry(file="a.jsonl", languages=("en", "de"), limit=9).described()
        'languages en de, limit 9'
        """
        said = self.model_dump(exclude_unset=True, exclude={"file"}).items()
        return ", ".join(f"{name} {' '.join(v) if isinstance(v, tuple) else v}" for name, v in said)


def parse_entries(values: Iterable[str | Mapping[str, Any]], *, place: str) -> tuple[PairsEntry, ...]:
    """The entries of a list as a TOML file holds it.

    Args:
        values: each a file's name, or a table with the settings of ``PairsEntry``.
        place: where the list stands, such as ``study.toml: data.pairs``.

    Raises:
        InputError: with every problem of every entry, its place (entries count from 1), and the nearest known name.

    >>> parse_entries(["a.jsonl", {"file": "b.json", "language": "ar"}], place="study.toml: data.pairs")[1].language
    'ar'
    """
    if isinstance(values, str | Mapping):
        raise InputError(f"{place}: a list of entries was expected, got one; put it in brackets: [...]")
    values = tuple(values)
    problems = Problems(place)
    for number, value in enumerate(values, 1):
        for where, problem in entry_problems(value, place=f"{place}.{number}"):
            problems.add(f"{where}: {problem}")
    problems.raise_if_any()
    if not values:
        raise InputError(f"{place}: holds no entry; name at least one pairs file")
    return tuple(_entry(value) for value in values)


def entry_problems(value: Any, *, place: str) -> Iterator[tuple[str, str]]:
    """What is wrong with an entry: of each problem its place, such as ``pairs.2.limit``, and what it is.

    >>> list(entry_problems({"file": "a.jsonl", "limit": 0}, place="pairs.2"))
    [('pairs.2.limit', 'input should be greater than or equal to 1, got 0')]
    """
    if not isinstance(value, str | Mapping):
        yield place, f"a file's name or a table was expected, got {value!r}"
        return
    try:
        _entry(value)
    except ValidationError as error:
        for problem in error.errors():
            key, text = _described(problem)
            yield ".".join((place, *key)), text


def _entry(value: str | Mapping[str, Any]) -> PairsEntry:
    return PairsEntry.model_validate({"file": value} if isinstance(value, str) else dict(value))


def _described(problem: Any) -> tuple[tuple[str, ...], str]:
    """The setting that a problem is told of, if any, and the problem."""
    key = tuple(str(part + 1) if isinstance(part, int) else part for part in problem["loc"])
    got = problem["input"]
    match problem["type"]:
        case "extra_forbidden":
            name = ".".join(key)
            return (), f"unknown setting {name!r}. {did_you_mean(name, PairsEntry.model_fields)}"
        case "literal_error":
            allowed = problem["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
            return key, f"unknown value {got!r}. {did_you_mean(str(got), allowed)}"
        case "missing":
            return (), "'file' is missing: name the file that the entry reads"
        case "value_error":
            return key, problem["msg"].removeprefix("Value error, ")
        case _:
            return key, f"{problem['msg'][0].lower()}{problem['msg'][1:]}, got {got!r}"
