"""What an audit says in words: where a retriever treats languages unequally beyond chance, and what to do about it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from equilingua.auditing.standings import FEW_QUERIES, Standing
from equilingua.auditing.texts import TextCounts
from equilingua.evaluation.bias import LanguageBias
from equilingua.evaluation.scores import PairScores, all_items, item_matrix
from equilingua.evaluation.settings import MULTILINGUAL
from equilingua.languages import language_name
from equilingua.statistics.bootstrap import CONFIDENCE_LEVEL, bootstrap

Severity = Literal["problem", "note"]

SMALL = 0.02
"""Differences of shares below this are not told, however sure: nobody would notice them."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found.

    Attributes:
        severity: ``problem`` where an interval excludes chance, ``note`` for what limits or explains the figures.
        languages: concerned.
        message: what was found, with its figure.
        step: what to do next; the same words for whatever findings ask for the same.
    """

    severity: Severity
    languages: tuple[str, ...]
    message: str
    step: str


@dataclass(frozen=True, slots=True)
class Advice:
    """A next step, and what it answers.

    Attributes:
        step: what to do next.
        findings: at least one.
    """

    step: str
    findings: tuple[Finding, ...]


def advice(findings: Sequence[Finding]) -> tuple[Advice, ...]:
    """Every step once, with all the findings that ask for it; both in the order of the findings.

    >>> one, two = Finding("note", ("de",), "German.", "Do."), Finding("note", ("fi",), "Finnish.", "Do.")
    >>> [(given.step, len(given.findings)) for given in advice([one, two])]
    [('Do.', 2)]
    """
    by_step: dict[str, list[Finding]] = {}
    for finding in findings:
        by_step.setdefault(finding.step, []).append(finding)
    return tuple(Advice(step, tuple(found)) for step, found in by_step.items())


def standing_findings(standings: Sequence[Standing], *, measure: str) -> Iterator[Finding]:
    """Query languages behind the others, beyond chance."""
    for standing in standings:
        if standing.worse and standing.behind_interval:
            low, high = standing.behind_interval
            yield Finding(
                "problem",
                (standing.language,),
                f"{language_name(standing.language)} queries find less: {measure} {standing.value:.3f}, "
                f"{standing.behind:+.3f} [{low:+.3f}, {high:+.3f}] against the mean of all query languages.",
                "Fine-tune on pairs in each language that finds less, with hybrid batches: equilingua train MODEL "
                "pairs.jsonl --kind hybrid --output DIR. Without such pairs, parallel sentences (in that language and "
                "another) serve as cross-lingual rows.",
            )


def own_language_findings(scores: Sequence[PairScores], *, resamples: int, seed: int) -> Iterator[Finding]:
    """Relevant passages in the query's language found more, or less, than those in other languages."""
    pairs = [pair for pair in scores if pair.setting == MULTILINGUAL]
    pairs = [pair for pair in pairs if {"same_language_R@10", "cross_language_R@10"} <= pair.values.keys()]
    if not pairs:
        return
    items = all_items(pairs)
    same, cross = (item_matrix(pairs, f"{kind}_language_R@10", items) for kind in ("same", "cross"))
    both = same - cross
    if np.count_nonzero((~np.isnan(both)).any(axis=1)) < FEW_QUERIES:
        return
    drawn = bootstrap({"difference": both}, resamples=resamples, seed=seed)
    [(low, high)], difference = drawn.intervals(), float(drawn.estimates[0])
    if abs(difference) < SMALL or not (low > 0 or high < 0):
        return
    if difference > 0:
        more = "more"
        step = (
            "Train with cross-lingual batches beside monolingual ones (--kind hybrid, a smaller --alpha for a larger "
            "difference); monolingual batches alone teach language to be part of the meaning."
        )
    else:
        more = "less"
        step = (
            "Give monolingual batches a larger share in training (--kind hybrid with a larger --alpha), and look at "
            "the languages behind the others first."
        )
    yield Finding(
        "problem",
        tuple(pair.query_language for pair in pairs),
        f"In the mixed pool, relevant passages in the query's language are found {more} than relevant passages in "
        f"other languages: R@10 {difference:+.3f} [{low:+.3f}, {high:+.3f}], same minus other, mean over query "
        "languages.",
        step,
    )


def exposure_findings(bias: LanguageBias) -> Iterator[Finding]:
    """Passage languages that are shown more, or less, than their share of the corpus: notes, for that may be right."""
    for language, exposure in bias.exposure.items():
        if exposure.interval is None or abs(exposure.difference) < SMALL:
            continue
        low, high = exposure.interval
        if low > 0 or high < 0:
            more = "more" if exposure.difference > 0 else "less"
            yield Finding(
                "note",
                (language,),
                f"{language_name(language)} passages are shown {more} than they are there, as a mean over query "
                f"languages: {exposure.share:.1%} of the first {bias.k} places, {exposure.pool_share:.1%} of the "
                f"corpus ({100 * exposure.difference:+.1f} [{100 * low:+.1f}, {100 * high:+.1f}] points).",
                "Look at the first passages of some queries: uneven exposure is right where queries ask for what is "
                "written in one language. Else balance the languages of the training batches.",
            )


def own_share_findings(bias: LanguageBias) -> Iterator[Finding]:
    """Without judgements: query languages whose first places are filled with their own language."""
    for query_language, shares in bias.exposure_per_language.items():
        own = shares.get(query_language)
        if own is None or own.interval is None or own.difference < SMALL or own.interval[0] <= 0:
            continue
        yield Finding(
            "note",
            (query_language,),
            f"{language_name(query_language)} queries get {own.share:.1%} of their first {bias.k} passages in their "
            f"own language, which makes up {own.pool_share:.1%} of the corpus.",
            "Judge some of these queries (--qrels): only relevance tells whether other languages are missed.",
        )


def baseline_findings(
    scores: Sequence[PairScores], baseline: Sequence[PairScores], *, name: str, measure: str, resamples: int, seed: int
) -> Iterator[Finding]:
    """Query languages in which a baseline finds more, beyond chance."""
    # Both were scored on the same queries, so their pairs are the same.
    mine, theirs = (
        [pair for pair in of_model if pair.setting == MULTILINGUAL and measure in pair.values]
        for of_model in (scores, baseline)
    )
    items = all_items(mine)
    difference = item_matrix(mine, measure, items) - item_matrix(theirs, measure, items)
    columns = {pair.query_language: difference[:, [place]] for place, pair in enumerate(mine)}
    drawn = bootstrap(columns, resamples=resamples, seed=seed)
    intervals = drawn.intervals(1 - (1 - CONFIDENCE_LEVEL) / len(columns))
    for language, estimate, (low, high) in zip(columns, drawn.estimates.tolist(), intervals, strict=True):
        asked = np.count_nonzero(~np.isnan(columns[language]))
        if high < 0 and asked >= FEW_QUERIES:
            yield Finding(
                "problem",
                (language,),
                f"{name} finds more than the model for {language_name(language)} queries: {measure} differs by "
                f"{estimate:+.3f} [{low:+.3f}, {high:+.3f}].",
                "Where the baseline finds more, take another model, fine-tune this one, or merge both rankings.",
            )


def text_findings(passages: TextCounts, queries: TextCounts, asked: Mapping[str, int]) -> Iterator[Finding]:
    """What the texts themselves limit.

    Args:
        passages: counts of the corpus.
        queries: counts of all queries.
        asked: queries evaluated per language.
    """
    for what, counts in (("Passages", passages), ("Queries", queries)):
        if counts.undetermined:
            yield Finding(
                "note",
                (),
                f"{what} left out because their language could not be told: {counts.undetermined:,}.",
                "Add a field 'language' (BCP 47) to these rows.",
            )
        if counts.rare:
            told = ", ".join(f"{language_name(tag)} {count:,}" for tag, count in counts.rare.items())
            yield Finding(
                "note",
                tuple(counts.rare),
                f"{what} left out because few were found in their languages, and a detector errs now and then: "
                f"{sum(counts.rare.values()):,} ({told}).",
                "Add a field 'language' (BCP 47) to these rows, if they are in these languages.",
            )
    if queries.asked_again:
        yield Finding(
            "note",
            (),
            f"Queries left out because another query of their item has the language detected: {queries.asked_again:,}.",
            "Add a field 'language' (BCP 47) to these rows.",
        )
    for language, count in asked.items():
        if count < FEW_QUERIES:
            yield Finding(
                "note",
                (language,),
                f"Only {count} {language_name(language)} {'query' if count == 1 else 'queries'}: intervals are wide, "
                "and no problem is told.",
                "Add queries where there are few; some hundreds in a language tell differences of a few points.",
            )
        if language not in passages.languages:
            yield Finding(
                "note",
                (language,),
                f"The corpus holds no {language_name(language)} passages.",
                "Only the cross-lingual side of these queries can be measured.",
            )
    if passages.repeated > SMALL * passages.total:
        yield Finding(
            "note",
            (),
            f"Passages that repeat an earlier one: {passages.repeated:,} of {passages.total:,}.",
            "Remove repeated passages: they take each other's places in every ranking.",
        )
