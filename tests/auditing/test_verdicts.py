"""A problem is lost quality, and nothing else: planted rankings, each with the verdict that is right."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from equilingua.auditing.audit import audit
from equilingua.auditing.record import Audit
from equilingua.retrieval.precomputed import PrecomputedVectors

LANGUAGES = ("de", "en", "es", "fi")
ITEMS = 50

Score = Callable[[str, int, str, int], float]
"""Of a query (language, item) and a passage (language, item)."""


def files(folder: Path) -> tuple[Path, Path, Path]:
    """A parallel corpus; every translation of a right passage is right."""
    rows = [
        {"id": f"d-{tag}-{n}", "text": f"{tag} passage {n}", "language": tag, "item": f"p{n}"}
        for tag in LANGUAGES
        for n in range(ITEMS)
    ]
    asked = [
        {"id": f"q-{tag}-{n}", "text": f"{tag} question {n}?", "language": tag, "item": f"i{n}"}
        for tag in LANGUAGES
        for n in range(ITEMS)
    ]
    judged = [f"q-{tag}-{n}\td-{tag}-{n}\t1" for tag in LANGUAGES for n in range(ITEMS)]
    paths = folder / "docs.jsonl", folder / "queries.jsonl", folder / "qrels.tsv"
    for path, lines in zip(paths, (map(json.dumps, rows), map(json.dumps, asked), judged), strict=True):
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return paths


def vectors(score: Score) -> PrecomputedVectors:
    """Vectors whose inner products are the scores: a query holds a row of them, a passage is a unit vector."""
    places = [(tag, n) for tag in LANGUAGES for n in range(ITEMS)]
    unit = np.eye(len(places), dtype=np.float32)
    queries: Mapping[str, np.ndarray] = {
        tag: np.array([[score(tag, n, *place) for place in places] for n in range(ITEMS)], dtype=np.float32)
        for tag in LANGUAGES
    }
    passages = {tag: unit[row * ITEMS : (row + 1) * ITEMS] for row, tag in enumerate(LANGUAGES)}
    return PrecomputedVectors(queries, passages, "dot")


def noise(*seed: int) -> float:
    return float(np.random.default_rng(seed).random())


def of(tag: str) -> int:
    return LANGUAGES.index(tag)


def own_first(asked: str, question: int, held: str, answer: int) -> float:
    """Perfect: all right passages first, that in the query's language on top; among the rest too its language leads."""
    return 10.0 * (question == answer) + 2.0 * (asked == held) + noise(of(asked), question, of(held), answer)


def fixed_order(asked: str, question: int, held: str, answer: int) -> float:
    """Perfect, with languages in one order for all queries."""
    return 10.0 * (question == answer) - of(held) + 0.5 * noise(of(asked), question, of(held), answer)


def fair_and_weak(asked: str, question: int, held: str, answer: int) -> float:
    """Right passages are found with luck, whatever language anything is in."""
    return 0.3 * (question == answer) + noise(of(asked), question, of(held), answer)


def language_wins(asked: str, question: int, held: str, answer: int) -> float:
    """All passages in the query's language before any other."""
    return (question == answer) + 5.0 * (asked == held) + 0.5 * noise(of(asked), question, of(held), answer)


def foreign_wins(asked: str, question: int, held: str, answer: int) -> float:
    """All passages in other languages before those in the query's."""
    return (question == answer) - 5.0 * (asked == held) + 0.5 * noise(of(asked), question, of(held), answer)


def one_language_unread(asked: str, question: int, held: str, answer: int) -> float:
    """Finnish passages are found by Finnish queries alone; and those find all."""
    read = held != "fi" or asked == "fi"
    return (question == answer and read) + 0.5 * noise(of(asked), question, of(held), answer)


def audited(tmp_path: Path, score: Score) -> Audit:
    return audit(vectors(score), *files(tmp_path), baseline=None, resamples=300)


@pytest.mark.parametrize("score", [own_first, fixed_order, fair_and_weak])
def test_what_loses_no_quality_by_language_has_no_problem(tmp_path: Path, score: Score) -> None:
    found = audited(tmp_path, score)
    assert found.problems == ()
    assert found.summary.startswith("no problem found")
    if score is not fair_and_weak:
        assert {one.value for one in found.standings} == {1.0}


def test_a_preference_without_loss_is_a_note(tmp_path: Path) -> None:
    notes = [one for one in audited(tmp_path, own_first).findings if one.cause == "language preferred"]
    # With four right passages and ten places all are found: nothing is to be told of order alone.
    assert all(one.severity == "note" for one in notes)
    causes = {one.cause for one in audited(tmp_path, language_wins).findings if one.severity == "note"}
    assert "language preferred" in causes


@pytest.mark.parametrize(
    ("score", "cause", "languages"),
    [
        (language_wins, "other languages lost", set(LANGUAGES)),
        (foreign_wins, "own language lost", set(LANGUAGES)),
        (one_language_unread, "passages lost", {"fi"}),
    ],
)
def test_lost_quality_is_one_problem_a_cause_with_its_languages(
    tmp_path: Path, score: Score, cause: str, languages: set[str]
) -> None:
    found = audited(tmp_path, score)
    [problem] = [one for one in found.problems if one.cause == cause]
    assert set(problem.languages) == languages
    causes = [one.cause for one in found.findings]
    assert len(set(causes)) == len(causes)


def test_figures_of_a_lost_language_are_those_of_the_ranking(tmp_path: Path) -> None:
    reach = audited(tmp_path, language_wins).bias.reach
    assert reach is not None
    # The one right passage of the query's language is first; others stand behind its other 49 passages.
    assert (reach.overall.own, reach.overall.others) == (1.0, 0.0)
    assert reach.query_languages["de"].queries == ITEMS


def test_problems_and_steps_stand_before_tables_and_notes(tmp_path: Path) -> None:
    lines = str(audited(tmp_path, language_wins)).splitlines()
    where = {
        what: next(row for row, line in enumerate(lines) if line.startswith(what))
        for what in ("PROBLEM", "Next steps:", "1. ", "language ", "passages ", "NOTE")
    }
    assert list(where.values()) == sorted(where.values())
    assert where["Next steps:"] < 8


def test_advice_fits_vectors_made_elsewhere(tmp_path: Path) -> None:
    found = audited(tmp_path, language_wins)
    assert found.retriever == "vectors"
    assert not any("train" in one.step.lower().replace("trained across", "") for one in found.problems)
