from dataclasses import replace

import pytest

from equilingua.files import cache_folder
from equilingua.overlap import compare
from equilingua.overlap.compare import Found, Target, Text, find_overlap, overlap_sentences
from equilingua.pairs.pair import ParallelPair
from equilingua.pairs.store import ParallelPairs

LONG = "The Panthers defense gave up just 308 points and ranked sixth in the whole league that year"
ANSWER = Text("p1", "en", LONG)
TARGET = Target(
    "small",
    (Text("q1", "en", "Who won?"), Text("q2", "fi", "Kuka voitti?"), Text("56be4db0acb8001400a502ec", "de", "Wer?")),
    (ANSWER, Text("p2", "fi", "Muu.")),
    [(0, 0), (1, 0), (2, 0)],
)


def overlap(*pairs: ParallelPair, target: Target = TARGET) -> compare.Overlap:
    return find_overlap(ParallelPairs.from_pairs(pairs), target, progress=False)


def pair(query: str = "Something else?", passage: str = "Something.", *, id_: str = "1", **fields) -> ParallelPair:
    return ParallelPair(id_, "s", {"en": query}, {"en": passage}, **fields)


def test_nothing_is_found_where_nothing_is_shared() -> None:
    found = overlap(pair())
    assert (found.queries.count, found.relevant.count, found.others.count, found.share) == (0, 0, 0, 0.0)
    assert found.examples == ()
    [sentence] = overlap_sentences(found)
    assert sentence.startswith("small was compared with 1 training pair, by id, word for word and with a word in eight")


def test_queries_passages_and_hard_negatives_count_on_either_side_and_under_any_tag() -> None:
    assert overlap(pair(query="who won")).queries == Found(3, same=1, languages=("en",))
    assert overlap(pair(passage="KUKA VOITTI")).queries == Found(3, same=1, languages=("fi",))
    assert overlap(pair(negatives={"en": (LONG,)})).relevant == Found(1, same=1, languages=("en",))
    assert overlap(pair(passage="muu")).others == Found(1, same=1, languages=("fi",))


def test_a_long_id_tells_a_translation_and_a_number_does_not() -> None:
    assert overlap(pair(id_="squad/56be4db0acb8001400a502ec")).queries == Found(3, ids=1, languages=("de",))
    assert overlap(pair(id_="q1")).queries.count == 0


def test_a_short_question_in_other_words_is_found_with_its_passage_only() -> None:
    assert overlap(pair(query="Who lost?")).queries.count == 0
    assert overlap(pair(query="Who lost?", passage=LONG)).queries == Found(3, near=1, languages=("en",))


def test_a_few_found_are_not_called_training_on_the_benchmark() -> None:
    found = replace(overlap(pair(query="who won")), queries=Found(2000, same=1, languages=("en",)))
    assert not found.is_serious
    assert "as few as data sets share by chance" in next(overlap_sentences(found))
    many = replace(found, queries=Found(2000, same=3, languages=("en",)))
    first, example = overlap_sentences(many)
    assert first.startswith("TRAINED ON WHAT IT IS JUDGED BY: small was compared with 1 training pair.")
    assert "3 of 2,000 (0.1%; 3 word for word; en)" in first
    assert example == "For example the query q1 (en) 'Who won?', found as 'who won'"


def test_what_was_compared_is_kept_and_looked_up_by_content(monkeypatch: pytest.MonkeyPatch) -> None:
    found = overlap(pair(query="who won"))
    monkeypatch.setattr(compare, "_compared", lambda *_, **__: pytest.fail("compared again"))
    assert overlap(pair(query="who won")) == found
    with pytest.raises(pytest.fail.Exception):
        overlap(pair(query="who won"), target=replace(TARGET, passages=(ANSWER, Text("p2", "fi", "Toinen."))))
    with pytest.raises(pytest.fail.Exception):
        overlap(pair(query="who lost"))


def test_a_kept_comparison_that_was_cut_off_is_made_anew() -> None:
    found = overlap(pair(query="who won"))
    [kept] = (cache_folder() / "overlap").iterdir()
    kept.write_bytes(kept.read_bytes()[:20])
    assert overlap(pair(query="who won")) == found


def test_pairs_can_be_what_others_are_compared_with() -> None:
    validation = ParallelPairs.from_pairs([pair("Who?", "She."), pair("When?", "Then.", id_="2")])
    found = overlap(pair("who", "Then"), target=Target.of_pairs(validation, "validation"))
    assert (found.queries.same, found.relevant.same, found.relevant.total, found.others.total) == (1, 1, 2, 0)
