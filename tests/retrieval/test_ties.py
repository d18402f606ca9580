"""The order of passages of one score."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from equilingua.retrieval.ties import corpus_digest, tie_order

TEXTS = st.lists(st.sampled_from(["one", "two", "three", "\ud800", ""]), max_size=12)


@given(texts=TEXTS, data=st.data())
def test_the_order_of_rows_does_not_change_the_order_of_ties(texts: list[str], data: st.DataObject) -> None:
    ids = [f"p{n}" for n in range(len(texts))]
    shuffled = data.draw(st.permutations(range(len(texts))))
    places = tie_order(texts, ids)
    assert sorted(places.tolist()) == list(range(len(texts)))
    again = tie_order([texts[row] for row in shuffled], [ids[row] for row in shuffled])
    assert [places[row] for row in shuffled] == again.tolist()


def test_equal_texts_are_told_apart_by_their_corpora_before_their_ids() -> None:
    # As ids are where a benchmark was published language by language: renamed, "de" would stand before "en" no more.
    corpora = {"first": ["same", "other"], "second": ["same", "more"]}
    orders = []
    for tags in (("de", "en"), ("vi", "en")):
        texts = [text for corpus in corpora.values() for text in corpus]
        ids = [f"{tag}/{row}" for tag in tags for row in range(2)]
        digests = [corpus_digest(corpus) for corpus in corpora.values() for _ in corpus]
        orders.append(tie_order(texts, ids, digests).tolist())
    assert orders[0] == orders[1]


def test_languages_share_out_the_first_places_of_a_tie() -> None:
    texts = [f"passage {n}" for n in range(2000)]
    first = np.argsort(tie_order(texts, texts))[:200]
    # By chance 100 of the 200 first are of the first half, with a standard deviation of 7.
    assert 70 < np.count_nonzero(first < 1000) < 130
