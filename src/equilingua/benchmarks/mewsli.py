"""Reader of Mewsli-X: mentions of entities in news, to be linked to descriptions in 50 languages.

Source: Ruder et al. 2021 (arXiv 2104.07412), and the files that its published script prepares.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from equilingua.benchmarks.benchmark import Benchmark, Corpus, Queries
from equilingua.benchmarks.rows import numbered_lines, titled
from equilingua.benchmarks.text_files import TextFile, hashes_of, text_file
from equilingua.errors import InputError, Problems
from equilingua.languages import language_tag

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
    entities, mentions = text_file(folder / ENTITIES), text_file(folder / f"wikinews_mentions-{split}.jsonl")
    kept = {language_tag(language) for language in languages} if languages else None
    problems = Problems(str(folder))
    ids, texts, spoken = _entities(entities, problems)
    queries, relevant = _mentions(mentions, problems)
    problems.raise_if_any()
    rows = _drawn(ids, set(relevant.values()), pool=pool, seed=seed)
    corpora: dict[str, tuple[list[str], list[str]]] = {}
    for row in rows:
        into = corpora.setdefault(spoken[row], ([], []))
        into[0].append(ids[row])
        into[1].append(texts[row])
    asked = {language: of for language, of in queries.items() if kept is None or language in kept}
    return Benchmark(
        name,
        {language: Queries(tuple(of), tuple(of.values())) for language, of in asked.items()},
        {language: Corpus(tuple(found), tuple(described)) for language, (found, described) in corpora.items()},
        {language: {query: {relevant[query]: 1} for query in of} for language, of in asked.items()},
        hashes_of([entities, mentions]),
    )


def _entities(file: TextFile, problems: Problems) -> tuple[list[str], list[str], list[str]]:
    ids: list[str] = []
    texts: list[str] = []
    spoken: list[str] = []
    for number, line in numbered_lines(file, problems):
        try:
            row = json.loads(line)
            language = language_tag(row["description_language"])
            text = titled(row["title"], row["description"])
            ids.append(str(row["entity_id"]))
        except (json.JSONDecodeError, KeyError, TypeError, InputError) as error:
            problems.add(f"{file}:{number}: not an entity of Mewsli-X: {type(error).__name__} {error}")
            continue
        texts.append(text)
        spoken.append(language)
    return ids, texts, spoken


def _mentions(file: TextFile, problems: Problems) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Queries per language, and the entity of each."""
    queries: dict[str, dict[str, str]] = {}
    relevant: dict[str, str] = {}
    for number, line in numbered_lines(file, problems):
        try:
            row = json.loads(line)
            context, language = row["context"], language_tag(row["context"]["language"])
            for mention in row["mentions"]:
                query = str(mention["example_id"])
                queries.setdefault(language, {})[query] = _query(context, mention["mention_span"])
                relevant[query] = str(mention["entity_id"])
        except (json.JSONDecodeError, KeyError, TypeError, InputError) as error:
            problems.add(f"{file}:{number}: not a mention of Mewsli-X: {type(error).__name__} {error}")
    return queries, relevant


def _query(context: Mapping[str, Any], span: Mapping[str, Any]) -> str:
    if not context["text"]:
        raise InputError("the article's text is missing: prepare the files with the published get-mewsli-x.sh")
    spans = [(sentence["start"], sentence["end"]) for sentence in context["sentence_spans"]]
    start, end = next(((s, e) for s, e in spans if s <= span["start"] < e), (span["start"], span["end"]))
    return titled(span["text"], context["text"][start:end].strip())


def _drawn(ids: Sequence[str], named: set[str], *, pool: int | None, seed: int) -> Sequence[int]:
    """Rows of the pool, in file order."""
    if pool is None or pool >= len(ids):
        return range(len(ids))
    of_gold = np.array([id_ in named for id_ in ids])
    if pool < of_gold.sum():
        raise InputError(f"a pool of {pool:,} cannot hold the {int(of_gold.sum()):,} entities that are asked for")
    others = np.flatnonzero(~of_gold)
    drawn = np.random.default_rng(seed).choice(others, size=pool - int(of_gold.sum()), replace=False)
    rows: list[int] = np.sort(np.concatenate([np.flatnonzero(of_gold), drawn])).tolist()
    return rows
