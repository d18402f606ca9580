"""The world facts as a benchmark in the format of LAReQA (XQuAD-R)."""

import json
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

from equilingua.facts.corpus import Fact, check_languages, facts, facts_of, pair_id
from equilingua.facts.knowledge import number
from equilingua.facts.templates import QUESTIONS, relations
from equilingua.files import whole_file

# Chinese sentences follow one another without a space; in Thai the space is what ends a sentence.
NO_SPACE = frozenset({"zh"})


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
    queried = frozenset(facts_of(split))
    for language in check_languages(languages):
        content = {"data": _articles(queried, language), "version": "1.1"}
        with whole_file(folder / f"{language}.json") as path:
            path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return folder


def _articles(queried: frozenset[Fact], language: str) -> list[dict[str, Any]]:
    """One article for each kind of entity, with one paragraph for each entity."""
    ordered = sorted(facts(), key=_entity)
    paragraphs = [(entity[0], _paragraph(group, queried, language)) for entity, group in groupby(ordered, key=_entity)]
    articles = groupby(paragraphs, key=lambda paragraph: paragraph[0])
    return [{"paragraphs": [paragraph for _, paragraph in group], "title": kind} for kind, group in articles]


def _entity(fact: Fact) -> tuple[str, str]:
    return relations()[fact.relation].entity, fact.entity


def _paragraph(stated: Iterable[Fact], queried: frozenset[Fact], language: str) -> dict[str, Any]:
    space = "" if language in NO_SPACE else " "
    sentences, breaks, questions, start = [], [], [], 0
    for fact in stated:
        passage = fact.passage(language)
        sentences.append(passage.text)
        breaks.append([start, start + len(passage.text)])
        if fact in queried:
            wording = number(f"question {fact.key}") % QUESTIONS + 1
            answer = {"answer_start": start + passage.answer_start, "text": passage.answer}
            question = fact.question(language, wording)
            questions.append({"answers": [answer], "id": pair_id(fact, wording), "question": question})
        start += len(passage.text) + len(space)
    return {"context": space.join(sentences), "qas": questions, "sentence_breaks": breaks, "sentences": sentences}
