"""The facts, and the parallel pairs made of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from equilingua.errors import InputError, did_you_mean
from equilingua.facts.knowledge import SPLITS, key, number, split, statements
from equilingua.facts.names import forms
from equilingua.facts.templates import LANGUAGES, PASSAGES, QUESTIONS, fields, relations
from equilingua.languages import language_tag
from equilingua.pairs.pair import ParallelPair


@dataclass(frozen=True, slots=True)
class Passage:
    """The sentence that states a fact in one language.

    Attributes:
        text: the sentence.
        answer: the value as it stands in the sentence (German: with its preposition, where that belongs to it).
        answer_start: where the answer begins in the text, in characters.
    """

    text: str
    answer: str
    answer_start: int


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact as CLDR's codes tell it, and the split it belongs to.

    Attributes:
        relation: such as ``currency``; the keys of ``relations()``.
        entity: what the fact is about, such as ``JP`` or ``Asia/Tokyo``.
        value: what is asked for, such as ``JPY``.
        split: train, validation or test.
    """

    relation: str
    entity: str
    value: str
    split: str

    @property
    def key(self) -> str:
        """The language-free identity of the fact, such as ``currency/JP``."""
        return key((self.relation, self.entity, self.value))

    def names(self, language: str) -> dict[str, str]:
        """The forms of the entity's and the value's name, by the placeholders of templates."""
        relation = relations()[self.relation]
        entity = forms(relation.entity, self.entity, language, prefix="entity")
        return entity | forms(relation.value, self.value, language, prefix="value")

    def question(self, language: str, wording: int) -> str:
        """The question about the fact, in one of ``QUESTIONS`` wordings (from 1)."""
        return _sentence(relations()[self.relation].questions[language][wording - 1].format(**self.names(language)))

    def passage(self, language: str) -> Passage:
        """The sentence that states the fact: one wording a fact, the same in every language, drawn by its key."""
        relation = relations()[self.relation]
        template = relation.passages[language][number(f"passage {self.key}") % PASSAGES]
        names = self.names(language)
        value = next(field for field in fields(template) if field.endswith("value"))
        start = len(template[: template.index(f"{{{value}}}")].format(**names))
        text = _sentence(template.format(**names))
        return Passage(text, text[start : start + len(names[value])], start)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


@cache
def facts() -> tuple[Fact, ...]:
    """Every fact that exists in all eleven languages, sorted by relation and entity.

    The facts follow the installed babel's CLDR release; with one release they are always the same.
    """
    known = statements()
    splits = split(known)
    return tuple(Fact(*statement, splits[key(statement)]) for statement in known)


def facts_pairs(split: str, *, languages: Iterable[str] | None = None) -> list[ParallelPair]:
    """The parallel pairs of a split: one for every fact and question wording.

    The wordings of a fact share its passage, while their ids differ (``facts/currency/JP/1`` to ``/3``). Where a batch
    holds two wordings of a fact in one passage language, the identical text tells that neither passage is a negative
    of the other row; in different passage languages the key of the passage, which translations share, tells.

    Args:
        split: train, validation or test; held out are facts, not names: see ``knowledge.split``.
        languages: languages to write, all eleven by default.

    Raises:
        InputError: for an unknown split or a language the corpus does not have.

    >>> pair = next(pair for pair in facts_pairs("train", languages=["de"]) if pair.id.startswith("facts/currency/"))
    >>> pair.source, sorted(pair.queries) == sorted(pair.passages)
    ('world-facts/currency', True)
    """
    chosen = check_languages(languages)
    pairs = []
    for fact in facts_of(split):
        passages = {language: fact.passage(language).text for language in chosen}
        for wording in range(1, QUESTIONS + 1):
            queries = {language: fact.question(language, wording) for language in chosen}
            pairs.append(ParallelPair(pair_id(fact, wording), f"world-facts/{fact.relation}", queries, passages))
    return pairs


def pair_id(fact: Fact, wording: int) -> str:
    """The id of a fact's pair; also the query id in the benchmark."""
    return f"facts/{fact.key}/{wording}"


def facts_of(split: str) -> list[Fact]:
    """The facts of one split; raises ``InputError`` for an unknown one."""
    if split not in SPLITS:
        raise InputError(f"world facts: no split {split!r}. {did_you_mean(split, SPLITS)}")
    return [fact for fact in facts() if fact.split == split]


def check_languages(languages: Iterable[str] | None) -> list[str]:
    """The languages as canonical tags, each once; raises ``InputError`` for one the corpus does not have."""
    if languages is None:
        return list(LANGUAGES)
    if isinstance(languages, str):
        raise InputError(f"world facts: languages={languages!r} is one text; give a list such as [{languages!r}]")
    chosen = list(dict.fromkeys(language_tag(language) for language in languages))
    for language in chosen:
        if language not in LANGUAGES:
            raise InputError(f"world facts: no language {language!r}. {did_you_mean(language, LANGUAGES)}")
    if not chosen:
        raise InputError(f"world facts: no language chosen. {did_you_mean('', LANGUAGES)}")
    return chosen
