"""Reader of Mewsli-X: mentions of entities in news, to be linked to descriptions in 50 languages.

Source: Ruder et al. 2021 (arXiv 2104.07412), and the files that its published script prepares.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from equilingua.archives import hashes_of
from equilingua.benchmarks.benchmark import Benchmark, Corpus, Queries
from equilingua.corpora.texts import titled
from equilingua.data_files import Row, data_file, parsed
from equilingua.errors import InputError, Problems
from equilingua.languages import language_tag
from equilingua.rows import read_rows

ENTITIES = "candidate_set_entities.jsonl"


def read_mewsli_x(
    folder: str | Path,
    *,
    name: str = "mewsli-x",
    split: str = "test",
    languages: Sequence[str] | None = None,
    pool: int | None = None,
    seed: int = 0,
) -> Benchmark:
    """Mewsli-X, or a smaller pool of it.

    A query is the mention and, after a space, the sentence it stands in. A passage is title and description of an
    entity, in the one language its description has. One passage is relevant to a query.

    Args:
        folder: of ``candidate_set_entities.jsonl`` and ``wikinews_mentions-<split>.jsonl``.
        name: of the benchmark.
        split: dev or test.
        languages: of the mentions; all if not given. The pool is the same for any.
        pool: entities to keep: all that any mention of the split names, and others drawn to this number; the whole
            candidate set if not given.
        seed: of the draw.

    Raises:
        InputError: every problem of both files in one report; if the pool is smaller than the entities named.
    """
    folder = Path(folder).expanduser()
    files = data_file(folder / ENTITIES), data_file(folder / f"wikinews_mentions-{split}.jsonl")
    kept = {language_tag(language) for language in languages or ()}
    problems = Problems(str(folder))
    entities = list(parsed(read_rows(files[0], problems), _entity, problems, expected="not an entity of Mewsli-X"))
    mentions = partial(_mentions, kept=kept)
    rows = parsed(read_rows(files[1], problems), mentions, problems, expected="not a mention of Mewsli-X")
    queries, relevant = dict[str, dict[str, str]](), dict[str, dict[str, int]]()
    for language, id_, text, entity in chain.from_iterable(rows):
        relevant[id_] = {entity: 1}
        if not kept or language in kept:
            queries.setdefault(language, {})[id_] = text
    problems.raise_if_any()
    named = {entity for grades in relevant.values() for entity in grades}
    corpora: dict[str, tuple[list[str], list[str]]] = {}
    for place in _drawn([id_ for _, id_, _ in entities], named, pool=pool, seed=seed):
        language, id_, text = entities[place]
        ids, texts = corpora.setdefault(language, ([], []))
        ids.append(id_)
        texts.append(text)
    return Benchmark.sharing(
        name,
        {language: Queries.of(texts) for language, texts in queries.items()},
        {language: Corpus(tuple(ids), tuple(texts)) for language, (ids, texts) in corpora.items()},
        relevant,
        hashes_of(files),
    )


def _entity(row: Row) -> tuple[str, str, str]:
    """Language, id and text."""
    value = row.value
    text = titled(value["title"], value["description"])
    return language_tag(value["description_language"]), str(value["entity_id"]), text


def _mentions(row: Row, kept: set[str]) -> list[tuple[str, str, str, str]]:
    """Language, id and text of every query in an article, and the entity that is relevant.

    Texts in languages that are not ``kept`` (any, where it is empty) are not looked at: the pool needs their entities.
    """
    context, language = row.value["context"], language_tag(row.value["context"]["language"])
    is_kept = not kept or language in kept
    return [
        (
            language,
            str(one["example_id"]),
            _query(context, one["mention_span"]) if is_kept else "",
            str(one["entity_id"]),
        )
        for one in row.value["mentions"]
    ]


def _query(context: Mapping[str, Any], span: Mapping[str, Any]) -> str:
    if not context["text"]:
        raise InputError("the article's text is missing: prepare the files with the published get-mewsli-x.sh")
    # Where no sentence holds the mention's start, the mention alone is the context.
    spans = [(sentence["start"], sentence["end"]) for sentence in context["sentence_spans"]]
    start, end = next(((s, e) for s, e in spans if s <= span["start"] < e), (span["start"], span["end"]))
    return titled(span["text"], context["text"][start:end].strip())


def _drawn(ids: Sequence[str], named: set[str], *, pool: int | None, seed: int) -> Sequence[int]:
    """Rows of the pool, in file order."""
    if pool is None or pool >= len(ids):
        return range(len(ids))
    of_gold = np.array([id_ in named for id_ in ids])
    gold, others = np.flatnonzero(of_gold), np.flatnonzero(~of_gold)
    if pool < len(gold):
        raise InputError(f"a pool of {pool:,} cannot hold the {len(gold):,} entities that are asked for")
    drawn = np.random.default_rng(seed).choice(others, size=pool - len(gold), replace=False)
    return sorted([*gold.tolist(), *drawn.tolist()])
