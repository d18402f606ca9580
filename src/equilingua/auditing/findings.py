"""What an audit finds, in words: every sentence of its findings stands here, and nowhere else.

A finding is a cause, told once with all the languages it concerns. What to do about it is in ``auditing.advice``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from equilingua.auditing.advice import step_for
from equilingua.auditing.retrievers import RetrieverKind
from equilingua.languages import language_name

Severity = Literal["problem", "note"]

MOST_NAMED = 12
"""Languages that a sentence names; of more it says how many there are."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One cause found.

    Attributes:
        severity: ``problem`` where quality is lost beyond chance, ``note`` for what limits or explains the figures.
        cause: a key of the sentences below.
        languages: concerned, the most concerned first.
        message: what was found, with its figures.
        step: what to do next; the same words for whatever findings ask for the same.
    """

    severity: Severity
    cause: str
    languages: tuple[str, ...]
    message: str
    step: str


@dataclass(frozen=True, slots=True)
class Advice:
    """A next step, and the findings that it answers, at least one."""

    step: str
    findings: tuple[Finding, ...]


def advice(findings: Sequence[Finding]) -> tuple[Advice, ...]:
    """Every step once, with all the findings that ask for it; both in the order of the findings.

    >>> one, two = Finding("note", "a", (), "German.", "Do."), Finding("note", "b", (), "Finnish.", "Do.")
    >>> [(one.step, len(one.findings)) for one in advice([one, two])]
    [('Do.', 2)]
    """
    by_step: dict[str, list[Finding]] = {}
    for finding in findings:
        by_step.setdefault(finding.step, []).append(finding)
    return tuple(Advice(step, tuple(answered)) for step, answered in by_step.items())


def worded(cause: str, *languages: str, retriever: RetrieverKind = "model", **figures: Any) -> Finding:
    """A finding of a cause (a key of the sentences below), of these languages and with these figures.

    Its step is one that can be followed with a retriever of this kind.
    """
    severity, message = _SENTENCES[cause]
    return Finding(severity, cause, languages, message.format(**figures), step_for(cause, retriever))


def listed(parts: Mapping[str, str]) -> str:
    """Languages by name, each with what is told of it, the first of many: ``German 3, Finnish 1,200``."""
    named = [f"{language_name(tag)} {text}".rstrip() for tag, text in parts.items()]
    rest = len(named) - MOST_NAMED
    return ", ".join(named[:MOST_NAMED]) + (f", and {rest} more" if rest > 0 else "")


def counted(languages: Mapping[str, int]) -> str:
    """Languages by name with their counts."""
    return listed({tag: f"{count:,}" for tag, count in languages.items()})


_EACH_ALONE = "each taken as if it were the query's only one"

_SENTENCES: Mapping[str, tuple[Severity, str]] = {
    "behind": (
        "problem",
        "Queries in some languages find less than the mean of all query languages ({measure}): {listed}.",
    ),
    "other languages lost": (
        "problem",
        "Relevant passages are found less where they are in another language than the query: nDCG@{k} {others:.3f}, in "
        f"the query's language {{own:.3f}} ({_EACH_ALONE}). By query language, the difference: {{listed}}.",
    ),
    "own language lost": (
        "problem",
        "Relevant passages are found less where they are in the language of the query: nDCG@{k} {own:.3f}, in other "
        f"languages {{others:.3f}} ({_EACH_ALONE}). By query language, the difference: {{listed}}.",
    ),
    "passages lost": (
        "problem",
        "Relevant passages in some languages are found less by queries in other languages than the mean of all passage "
        f"languages (nDCG@{{k}}, {_EACH_ALONE}): {{listed}}.",
    ),
    "behind the baseline": (
        "problem",
        "{baseline} finds more than what is audited ({measure}, the difference by query language): {listed}.",
    ),
    "language preferred": (
        "note",
        "Among relevant passages, those in the query's language are {placed} than those in other languages: R@10 "
        "{difference}, same minus other; the first one found is in the query's language "
        "in {rate:.0%} of the queries. That is a policy, and no loss by itself: what is lost is told as a problem.",
    ),
    "exposure": (
        "note",
        "The first {k} places are not filled as the corpus is (points of share, means over query languages): {listed}.",
    ),
    "own share": (
        "note",
        "Queries get more passages in their own language among the first {k} than the corpus holds: {listed}.",
    ),
    "doubted": (
        "note",
        "Not all {side} seem to be in the language given: {listed}.",
    ),
    "unchecked": (
        "note",
        "{side} whose given language was not compared with the texts, because the detector does not know it: {listed}.",
    ),
    "joined": (
        "note",
        "Queries whose language the corpus names by another tag, which is taken for theirs: {listed}.",
    ),
    "left out": (
        "note",
        "Left out because the detector is not sure of their language, or found it in a few texts only, where it errs "
        "now and then: {listed}.",
    ),
    "asked again": (
        "note",
        "Queries left out because another query of their item has the language detected: {count:,}.",
    ),
    "few queries": (
        "note",
        "Too few queries to tell a problem ({needed} are needed): {listed}.",
    ),
    "nothing found": (
        "note",
        "Queries that find no passage at all, and so count for no share of the first places: {listed}.",
    ),
    "no passages": (
        "note",
        "Queries in languages that the corpus holds no passages in: {listed}.",
    ),
    "repeated": (
        "note",
        "Passages that repeat an earlier one: {count:,} of {total:,}.",
    ),
}
