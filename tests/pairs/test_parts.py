"""Packed texts: every text and key comes back from the slot its profile gives it."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from equilingua.pairs.pair import ParallelPair, integer_key
from equilingua.pairs.parts import PackedTexts, pack, slots_of
from equilingua.pairs.profiles import Profile

TEXTS = st.dictionaries(st.sampled_from(["ar", "en", "th", "zh"]), st.text(min_size=1, max_size=40), min_size=1)


@st.composite
def parallel_pairs(draw):
    passages = draw(TEXTS)
    sentences = draw(st.booleans())
    return ParallelPair(
        draw(st.text(min_size=1, max_size=4)),
        "source",
        passages if sentences else draw(TEXTS),
        passages,
        sentences=sentences,
    )


@given(st.lists(parallel_pairs(), min_size=1, max_size=5), st.integers(0, 2))
def test_every_text_and_key_is_read_back(entries, skipped):
    column = pa.array([b"before"] * skipped + [pack(pair) for pair in entries], pa.binary())[skipped:]
    packed = PackedTexts(column)
    for row, pair in enumerate(entries):
        slots = slots_of(Profile.of(pair))
        assert packed.id_key(row) == integer_key(pair.id)
        for side, texts in (("query", pair.queries), ("passage", pair.passages)):
            for tag, text in texts.items():
                assert packed.utf8(row, slots[side, tag]).decode() == text
                assert packed.characters(np.array([row]), slots[side, tag]).tolist() == [len(text)]
        query, passage = min(pair.queries), max(pair.passages)
        found = packed.row(row, slots["query", query], slots["passage", passage])
        assert found == (pair.queries[query].encode(), pair.passages[passage].encode(), integer_key(pair.id))


def test_parallel_sentences_are_stored_once():
    texts = {"de": "Ein Satz.", "en": "A sentence."}
    sentences = ParallelPair("id", "source", texts, texts, sentences=True)
    assert slots_of(Profile.of(sentences)) == {
        ("query", "de"): 0,
        ("query", "en"): 1,
        ("passage", "de"): 0,
        ("passage", "en"): 1,
    }
    assert pack(sentences).count(b"A sentence.") == 1
