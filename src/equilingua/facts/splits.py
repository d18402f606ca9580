"""Which facts are held out, so that every name is seen in training and no tested fact is."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

from equilingua.facts.knowledge import Statement
from equilingua.facts.templates import relations

SPLITS = ("train", "validation", "test")
TEST_SHARE = 0.2
VALIDATION_SHARE = 0.1


def key(statement: Statement) -> str:
    """The language-free identity of a fact.

    >>> key(("currency", "JP", "JPY"))
    'currency/JP'
    """
    return f"{statement[0]}/{statement[1]}"


def number(text: str) -> int:
    """A number that depends on the text alone, evenly spread over 64 bits."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def split(statements: Sequence[Statement]) -> Mapping[str, str]:
    """The split of every fact, by its key.

    Facts are taken in the order of a hash of their key. One is held out if its relation still wants test (a fifth of
    its facts) or validation facts (a tenth), and if both its names, the entity's and the value's, stay in a training
    fact, as entity or as value. Codes such as ``JPY`` are no names: each belongs to its own fact alone.
    """
    total = Counter(relation for relation, _, _ in statements)
    mentions = Counter(mention for statement in statements for mention in _mentions(statement))
    held = Counter[tuple[str, str]]()
    splits = {}
    for statement in sorted(statements, key=lambda one: number(key(one))):
        splits[key(statement)] = "train"
        if all(mentions[mention] > 1 for mention in _mentions(statement)):
            for name, share in (("test", TEST_SHARE), ("validation", VALIDATION_SHARE)):
                if held[statement[0], name] < int(share * total[statement[0]]):
                    held[statement[0], name] += 1
                    splits[key(statement)] = name
                    mentions.subtract(_mentions(statement))
                    break
    return splits


def _mentions(statement: Statement) -> list[tuple[str, str]]:
    relation = relations()[statement[0]]
    named = ((relation.entity, statement[1]), (relation.value, statement[2]))
    return [mention for mention in named if mention[0] != "code"]
