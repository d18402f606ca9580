"""Instructions derived from pairs at hand, as rows in Dolly's format."""

from collections.abc import Iterable, Iterator
from typing import Literal, TypedDict

import numpy as np

from equilingua.languages import language_name
from equilingua.pairs.pair import ParallelPair, integer_key

Task = Literal["answer", "ask", "translate"]

WORDINGS: dict[Task, tuple[str, ...]] = {
    "answer": (
        "Answer this question with a sentence.",
        "Give a sentence that answers the question below.",
        "What is the answer? Reply with a sentence that holds it.",
        "Find a statement that settles the following question.",
    ),
    "ask": (
        "Write a question that this sentence answers.",
        "Which question does the text below answer?",
        "Turn the following statement into a question about it.",
        "Ask something that can be answered from this text.",
    ),
    "translate": (
        "Translate into {language}:",
        "Say this in {language}.",
        "How is the following text put in {language}?",
        "Give the {language} translation of the text below.",
    ),
}
"""What an instruction says, in English, whatever the language of its context and response."""


class InstructionRow(TypedDict):
    """One row of Dolly's columns, with the id of the pair it was made of and its languages."""

    id: str
    instruction: str
    context: str
    response: str
    category: str
    language: str
    response_language: str


def derive_instructions(pairs: Iterable[ParallelPair], *, seed: int) -> Iterator[InstructionRow]:
    """One row for each pair: a task, a wording and languages drawn by the seed and the pair's id.

    The tasks are those that a pair allows, each as likely: ``answer`` (context = query, response = passage) and ``ask``
    (the other way round) in one language that has both; ``translate`` from one language of a side into another.
    Of a pair that allows none, as a query and a passage in one language each, not the same, no row is made.

    These rows are derived: they say nothing that the pairs do not, in a few fixed wordings, and are no set of
    instructions that people wrote.
    """
    for pair in pairs:
        rng = np.random.default_rng([seed, integer_key(pair.id)])
        tasks = _tasks(pair)
        if not tasks:
            continue
        task = tasks[rng.integers(len(tasks))]
        context, response = _texts(pair, task, rng)
        wording = WORDINGS[task][rng.integers(len(WORDINGS[task]))]
        yield InstructionRow(
            id=pair.id,
            instruction=wording.format(language=language_name(response[0])),
            context=context[1],
            response=response[1],
            category=task,
            language=context[0],
            response_language=response[0],
        )


def _tasks(pair: ParallelPair) -> list[Task]:
    tasks: list[Task] = []
    if not pair.sentences and pair.queries.keys() & pair.passages.keys():
        tasks += ["answer", "ask"]
    if max(len(pair.queries), len(pair.passages)) > 1:
        tasks.append("translate")
    return tasks


def _texts(pair: ParallelPair, task: Task, rng: np.random.Generator) -> tuple[tuple[str, str], tuple[str, str]]:
    """Context and response, each as (language, text)."""
    if task == "translate":
        sides = [side for side in (pair.queries, pair.passages) if len(side) > 1]
        side = sides[rng.integers(len(sides))]
        first, second = rng.permutation(len(side))[:2].tolist()
        tags = sorted(side)
        return (tags[first], side[tags[first]]), (tags[second], side[tags[second]])
    tags = sorted(pair.queries.keys() & pair.passages.keys())
    tag = tags[rng.integers(len(tags))]
    query, passage = (tag, pair.queries[tag]), (tag, pair.passages[tag])
    return (query, passage) if task == "answer" else (passage, query)
