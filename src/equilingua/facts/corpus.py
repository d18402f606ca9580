"""The facts, and what is made of them: parallel pairs, and a benchmark in the format of LAReQA (XQuAD-R)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from equilingua.errors import InputError, did_you_mean
from equilingua.facts.knowledge import SPLITS, key, number, split, statements
from equilingua.facts.names import forms
from equilingua.facts.templates import LANGUAGES, PASSAGES, QUESTIONS, fields, relations
from equilingua.files import whole_file
from equilingua.languages import language_tag
from equilingua.pairs.pair import ParallelPair

# Chinese sentences follow one another without a space; in Thai the space is what ends a sentence.
_NO_SPACE = frozenset({"zh"})


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
    chosen = _check_languages(languages)
    pairs = []
    for fact in _facts_of(split):
        passages = {language: fact.passage(language).text for language in chosen}
        for wording in range(1, QUESTIONS + 1):
            queries = {language: fact.question(language, wording) for language in chosen}
            pairs.append(ParallelPair(_pair_id(fact, wording), f"world-facts/{fact.relation}", queries, passages))
    return pairs


def write_facts_benchmark(folder: Path, *, split: str = "test", languages: Iterable[str] | None = None) -> Path:
    """Write ``<language>.json`` for every language into a folder, and return the folder.

    **Candidates**: one sentence for every fact of the corpus, whatever its split; a paragraph is an entity with all
    that is said of it. Sentences of training facts belong there: they are about the same entities, so that a model has
    to tell relations apart and not only names, and none of them answers a query. A model that has learned its training
    passages by heart may find them easier or harder to reject; this is the same for every way of training.

    **Queries**: one for every fact of the split, in one of its wordings, drawn by the fact's key. Taking all
    wordings would count each fact three times, and intervals over queries would be too narrow. Their ids, those of
    ``facts_pairs``, are the same in every language.

    Exactly one candidate of each language answers a query, and no two candidates or queries of a language are equal.

    Args:
        folder: where to write; made if missing. Files of other languages there are left alone.
        split: the facts that queries are about: train, validation or test.
        languages: languages to write, all eleven by default.

    Raises:
        InputError: for an unknown split or a language the corpus does not have.

    Source: the format is that of Roy et al. 2020 (arXiv 2004.05484), XQuAD-R.
    """
    folder = Path(folder)
    queried = frozenset(_facts_of(split))
    for language in _check_languages(languages):
        content = {"data": _articles(queried, language), "version": "1.1"}
        with whole_file(folder / f"{language}.json") as path:
            path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return folder


def _articles(queried: frozenset[Fact], language: str) -> list[dict[str, Any]]:
    """One article for each kind of entity, with one paragraph for each entity."""
    articles = []
    for kind, of_kind in groupby(sorted(facts(), key=_entity), key=lambda fact: _entity(fact)[0]):
        paragraphs = [_paragraph(stated, queried, language) for _, stated in groupby(of_kind, key=_entity)]
        articles.append({"paragraphs": paragraphs, "title": kind})
    return articles


def _entity(fact: Fact) -> tuple[str, str]:
    return relations()[fact.relation].entity, fact.entity


def _paragraph(stated: Iterable[Fact], queried: frozenset[Fact], language: str) -> dict[str, Any]:
    space = "" if language in _NO_SPACE else " "
    sentences, breaks, questions, start = [], [], [], 0
    for fact in stated:
        passage = fact.passage(language)
        sentences.append(passage.text)
        breaks.append([start, start + len(passage.text)])
        if fact in queried:
            wording = number(f"question {fact.key}") % QUESTIONS + 1
            answer = {"answer_start": start + passage.answer_start, "text": passage.answer}
            question = fact.question(language, wording)
            questions.append({"answers": [answer], "id": _pair_id(fact, wording), "question": question})
        start += len(passage.text) + len(space)
    return {"context": space.join(sentences), "qas": questions, "sentence_breaks": breaks, "sentences": sentences}


def _pair_id(fact: Fact, wording: int) -> str:
    """The id of a fact's pair; also the query id in the benchmark."""
    return f"facts/{fact.key}/{wording}"


def _facts_of(split: str) -> list[Fact]:
    """The facts of one split; raises ``InputError`` for an unknown one."""
    if split not in SPLITS:
        raise InputError(f"world facts: no split {split!r}. {did_you_mean(split, SPLITS)}")
    return [fact for fact in facts() if fact.split == split]


def _check_languages(languages: Iterable[str] | None) -> list[str]:
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
