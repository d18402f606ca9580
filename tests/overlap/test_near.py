import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equilingua.benchmarks.load import load_benchmark
from equilingua.evaluation.overlap import benchmark_target
from equilingua.overlap.compare import find_overlap
from equilingua.overlap.near import NearDuplicates, changes
from equilingua.overlap.tokens import tokens_of
from equilingua.pairs.pair import ParallelPair
from equilingua.pairs.store import ParallelPairs

QUESTION = "How many points did the Panthers defense surrender in that season of theirs?"


def found(text: str, other: str) -> str:
    matches = list(NearDuplicates([text]).matches([other]))
    return "nothing" if not matches else "same" if matches[0].same else "near"


@pytest.mark.parametrize(
    ("other", "as_what"),
    [
        (QUESTION, "same"),
        ("how  many points did the PANTHERS defense surrender, in that season of theirs", "same"),
        (QUESTION.replace("points", "goals"), "near"),
        (QUESTION.replace("points ", ""), "near"),
        ("Yesterday: " + QUESTION, "near"),
        ("First a sentence that says something else altogether. " + QUESTION + " And then one more of them.", "near"),
        (QUESTION.replace("Panthers defense surrender", "Broncos offense score"), "nothing"),
        ("How many points did they score?", "nothing"),
    ],
)
def test_texts_are_found_in_other_spellings_and_with_a_word_changed(other: str, as_what: str) -> None:
    assert found(QUESTION, other) == as_what


@pytest.mark.parametrize(
    ("text", "other", "as_what"),
    [
        ("İstanbul'un nüfusu kaçtır", "i\u0307stanbul\u00ad\u2019un nüfusu kaçtır?", "same"),
        ("東京の人口は何人ですか。", "東京の人口は何人ですか", "same"),
        ("豹队的防守丢了多少分以及为什么会这样", "豹队的防守丢了几分以及为什么会这样", "near"),
        ("豹队的防守丢了多少分以及为什么会这样", "汽车工业在哪一年开始以及为什么会这样", "nothing"),
        ("เสือดำฝ่ายรับเสียกี่แต้มในฤดูกาลนั้น", "เสือดำฝ่ายรับเสียกี่คะแนนในฤดูกาลนั้น", "near"),
        ("पैंथर्स की रक्षा पंक्ति ने उस सत्र में कितने अंक दिए", "पैंथर्स की रक्षा पंक्ति ने उस साल में कितने अंक दिए", "near"),
        ("What was the result of the 2007 election?", "What was the result of the 2005 election?", "nothing"),
        ("Who was Beyoncé?", "Who was Adele?", "nothing"),
        ("?", "!", "nothing"),
    ],
)
def test_scripts_numbers_and_short_questions(text: str, other: str, as_what: str) -> None:
    assert found(text, other) == as_what


def test_texts_of_one_template_are_not_taken_for_one_another() -> None:
    towns = [f"In which of the many countries is the old city of {name} located today?" for name in "abcdefghij"]
    assert [match.same for match in NearDuplicates(towns).matches([towns[0].replace(" a ", " Z ")])] == []
    assert [match.place for match in NearDuplicates(towns).matches([towns[3]])] == [3]


def test_a_text_that_stands_twice_is_found_at_both_places() -> None:
    assert sorted(match.place for match in NearDuplicates(["One.", "Two.", "one"]).matches(["ONE!"])) == [0, 2]


tokens = st.lists(st.sampled_from(["a", "b", "c", "1", "2"]), max_size=7)


@settings(deadline=None)
@given(short=tokens, long=tokens)
def test_changes_are_those_of_a_table_filled_by_hand(short: list[str], long: list[str]) -> None:
    for inside in (False, True):
        table = np.zeros((len(short) + 1, len(long) + 1), dtype=int)
        table[:, 0] = range(len(short) + 1)
        table[0] = 0 if inside else range(len(long) + 1)
        for i, one in enumerate(short, start=1):
            for j, other in enumerate(long, start=1):
                cost = 0 if one == other else 1 + (one.isnumeric() and other.isnumeric())
                table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + cost)
        assert changes(short, long, inside=inside) == (table[-1].min() if inside else table[-1, -1])


def with_words_changed(text: str, rng: random.Random) -> str:
    words = text.split()
    for place in rng.sample(range(len(words)), max(1, round(len(words) / 10))):
        words[place] = f"other{rng.randrange(1000)}"
    return " ".join(words)


@pytest.mark.shared_data
def test_questions_of_a_benchmark_are_seen_as_they_are_and_with_a_tenth_of_the_words_changed(shared_data: Path) -> None:
    languages = ["en", "es"]
    benchmark = load_benchmark("xquad-r", data=shared_data, languages=languages)
    texts = {
        id_: text for corpus in benchmark.corpora.values() for id_, text in zip(corpus.ids, corpus.texts, strict=True)
    }
    rng, shares = random.Random(0), {}
    for change in (str, str.upper, lambda text: with_words_changed(text, rng)):
        records = []
        for number, id_ in enumerate(benchmark.queries["en"].ids):
            queries = {tag: change(benchmark.queries[tag].texts[number]) for tag in languages}
            own = {passage.split("_")[0]: texts[passage] for passage in benchmark.qrels["en"][id_]}
            records.append(ParallelPair(f"p{number}", "s", queries, {tag: change(own[tag]) for tag in languages}))
        pairs = ParallelPairs.from_pairs(records)
        overlap = find_overlap(pairs, benchmark_target(benchmark), progress=False)
        shares[change] = overlap.queries.count / overlap.queries.total, overlap.relevant.count / overlap.relevant.total
    exact, upper, changed = shares.values()
    assert exact == upper == (1.0, 1.0)
    assert min(changed) > 0.95


@pytest.mark.shared_data
def test_questions_on_other_articles_give_at_most_one_false_alarm_in_a_thousand(shared_data: Path) -> None:
    benchmark = load_benchmark("xquad-r", data=shared_data, languages=["en"])
    pairs = ParallelPairs.read(shared_data / "pairs" / "squad.train.jsonl.gz", progress=False).select(languages=["en"])
    overlap = find_overlap(pairs, benchmark_target(benchmark), progress=False)
    assert overlap.pairs > 80_000
    assert overlap.share <= 0.001
    assert not overlap.is_serious


def test_tokens_ignore_what_is_not_seen() -> None:
    assert tokens_of("Zero\u200bwidth, soft\u00adhyphen") == ["zerowidth", "softhyphen"]
