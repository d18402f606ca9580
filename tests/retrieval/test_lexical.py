import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equilingua.errors import InputError
from equilingua.folding import folded
from equilingua.retrieval import pool as pool_module
from equilingua.retrieval.lexical import BM25, CharacterTfidf, LexicalModel, tokens

ENGLISH = ["The cat sat on the mat", "A dog", "The dog and the cat and the dog", "", "Die Katze saß"]
OTHERS = ["Die Katze und der Hund und die Maus", "北京是中国的首都", "กรุงเทพ เป็นเมืองหลวง", "a dog"]
QUERIES = ["the cat and the dog", "首都北京", "Katze?", "unheard of", "", "เมืองหลวง"]

WORDS = st.lists(st.sampled_from(["red", "green", "blue", "grey", "水火"]), max_size=6).map(" ".join)


def naive_bm25(query: str, passages: list[str], *, k1: float, b: float) -> list[float]:
    """Lucene's form, straight from the formula."""
    split = [tokens(passage) for passage in passages]
    mean = sum(map(len, split)) / len(split)
    scores = []
    for passage in split:
        score = 0.0
        for term in tokens(query):
            holders = sum(term in other for other in split)
            idf = math.log(1 + (len(split) - holders + 0.5) / (holders + 0.5))
            frequency = passage.count(term)
            if frequency:
                score += idf * frequency / (frequency + k1 * (1 - b + b * len(passage) / mean))
        scores.append(score)
    return scores


def not_found_at(scores: Any, least: Any = 0.0) -> Any:
    """Scores with minus infinity where a passage scores no more than one that shares no term with the query."""
    return np.where(np.asarray(scores) > np.asarray(least) + 1e-9, scores, -np.inf)


def naive_tfidf(queries: list[str], passages: list[str]) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.metrics.pairwise import cosine_similarity

    options: dict[str, Any] = {"analyzer": "char_wb", "ngram_range": (2, 4), "sublinear_tf": True, "lowercase": False}
    vectorizer = TfidfVectorizer(**options)
    known = vectorizer.fit_transform([folded(text) for text in passages])
    return cosine_similarity(vectorizer.transform([folded(text) for text in queries]), known)


@pytest.mark.parametrize(("k1", "b"), [(1.2, 0.75), (0.9, 0.4), (0, 0), (2, 1)])
def test_bm25_is_what_the_formula_gives_over_the_whole_pool(k1: float, b: float) -> None:
    scores = BM25(k1=k1, b=b).pool([ENGLISH, OTHERS]).scores(QUERIES)
    expected = [naive_bm25(query, ENGLISH + OTHERS, k1=k1, b=b) for query in QUERIES]
    np.testing.assert_allclose(scores, not_found_at(expected), rtol=1e-5, atol=1e-6)
    assert scores.dtype == np.float32


@given(passages=st.lists(WORDS, min_size=1, max_size=8), query=WORDS)
def test_bm25_of_any_texts_is_what_the_formula_gives(passages: list[str], query: str) -> None:
    passages = [*passages, "red"]
    expected = not_found_at(naive_bm25(query, passages, k1=1.2, b=0.75))
    np.testing.assert_allclose(BM25().pool([passages]).scores([query])[0], expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("method", ["robertson", "atire", "bm25l", "bm25+"])
def test_other_methods_are_those_of_bm25s(method: str) -> None:
    import bm25s

    index = bm25s.BM25(k1=1.5, b=0.5, method=method)
    index.index([tokens(text) for text in ENGLISH + OTHERS], show_progress=False)
    expected = [index.get_scores(tokens(query)) for query in QUERIES[:3]]
    scores = BM25(k1=1.5, b=0.5, method=method).pool([ENGLISH, OTHERS]).scores(QUERIES[:3])
    # The empty passage shares no term with any query.
    nothing = np.array(expected)[:, [ENGLISH.index("")]]
    np.testing.assert_allclose(scores, not_found_at(expected, nothing), rtol=1e-5, atol=1e-6)


def test_tfidf_is_the_cosine_of_scikit_learn() -> None:
    scores = CharacterTfidf().pool([ENGLISH, OTHERS]).scores(QUERIES)
    np.testing.assert_allclose(scores, not_found_at(naive_tfidf(QUERIES, ENGLISH + OTHERS)), atol=1e-6)
    assert scores.dtype == np.float32


@pytest.mark.parametrize("model", [BM25(), BM25(method="bm25+"), CharacterTfidf()], ids=lambda model: model.name)
def test_equal_passages_tie_exactly_wherever_they_stand(model: LexicalModel) -> None:
    words = [f"w{n}" for n in range(40)]
    rng = np.random.default_rng(0)
    passages = [" ".join(rng.choice(words, 1 + n % 9)) for n in range(300)]
    pool = model.pool([passages, passages[::-1]])
    ((_, scores),) = pool.blocks([" ".join(rng.choice(words, 12)) for _ in range(50)])
    np.testing.assert_array_equal(scores[:, :300], scores[:, 300:][:, ::-1])
    assert len(np.unique(scores[0])) > 50


def test_a_query_of_unknown_words_finds_nothing() -> None:
    assert (BM25().pool([ENGLISH]).scores(["unheard of", ""]) == -np.inf).all()


@pytest.mark.parametrize("model", [BM25(), BM25(method="bm25+"), CharacterTfidf()], ids=lambda model: model.name)
def test_the_order_of_passages_changes_no_digit_of_a_score(model: LexicalModel) -> None:
    rng = np.random.default_rng(1)
    words = [f"w{n}" for n in range(30)]
    passages = [" ".join(rng.choice(words, 1 + n % 7)) for n in range(80)]
    queries = [" ".join(rng.choice(words, 9)) for _ in range(20)]
    order = rng.permutation(80).tolist()
    scores = next(model.pool([passages]).blocks(queries))[1]
    shuffled = next(model.pool([[passages[place] for place in order]]).blocks(queries))[1]
    np.testing.assert_array_equal(scores[:, order], shuffled)


@pytest.mark.parametrize("model", [BM25(), CharacterTfidf()], ids=lambda model: model.name)
def test_blocks_are_small_and_give_every_query_once(model: LexicalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    pool: Any = model.pool([ENGLISH, OTHERS])
    monkeypatch.setattr(pool_module, "BLOCK_BYTES", 2 * pool_module.SPARSE_SCORE_BYTES * int(pool.bounds[-1]))
    blocks = list(pool.blocks(QUERIES))
    assert [part for part, _ in blocks] == [slice(0, 2), slice(2, 4), slice(4, 6)]
    np.testing.assert_array_equal(np.concatenate([scores for _, scores in blocks]), pool.scores(QUERIES))


def test_names_state_every_parameter() -> None:
    assert BM25(k1=0.9, b=0.4).name == "bm25 (lucene, k1=0.9, b=0.4)"
    assert CharacterTfidf(3, 5).name == "tfidf (characters, 3 to 5)"


def test_parameters_out_of_range_are_refused() -> None:
    with pytest.raises(InputError, match=r"bm25: k1=-1, b=0.75, but k1 must be 0 or more, and b from 0 to 1"):
        BM25(k1=-1)
    with pytest.raises(InputError, match=r"unknown method 'lucent'. Did you mean 'lucene'\?"):
        BM25(method="lucent")
    with pytest.raises(InputError, match="tfidf: n-grams of 4 to 2 characters"):
        CharacterTfidf(4, 2)


def test_a_pool_without_a_term_is_refused() -> None:
    with pytest.raises(InputError, match=r"bm25 .*: no passage holds a letter or digit"):
        BM25().pool([["", "?!"]])
    with pytest.raises(InputError, match=r"tfidf .*: no passage holds a letter or digit"):
        CharacterTfidf().pool([["", "  "]])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The COLOURS of autumn, 1999!", ["the", "colours", "of", "autumn", "1999"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("Cafe\u0301 CAFÉ", ["café", "café"]),
        ("한국어 문장", ["한국어", "문장"]),
        ("北京大学", ["北京", "京大", "大学"]),
        ("水", ["水"]),
        ("コーヒーを飲む", ["コー", "ーヒ", "ヒー", "ーを", "を飲", "飲む"]),
        ("ไทย", ["ไท", "ทย"]),
        ("iPhone在中国", ["iphone", "在中", "中国"]),
        ("?! ...", []),
        ("", []),
    ],
)
def test_words_where_there_are_spaces_and_bigrams_where_there_are_none(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@given(st.text())
def test_tokens_hold_the_letters_and_digits_of_the_text_in_order(text: str) -> None:
    position, whole = 0, folded(text)
    for token in tokens(text):
        position = whole.find(token, position)
        assert position >= 0
    assert {c for c in whole if c.isalnum()} <= set("".join(tokens(text)))


def test_tokens_that_were_not_learned_are_left_out() -> None:
    pool = BM25().pool([["a rose is a rose"]])
    assert pool.query_terms(["Rose is red", "blue", "a rose a"]).toarray().tolist() == [[0, 1, 1], [0, 0, 0], [2, 0, 1]]


@pytest.mark.parametrize(
    ("passage", "query"),
    [
        ("\u0130lk kitap", "ilk"),
        ("ilk kitap", "\u0130LK"),
        ("I\u015e\u0131k", "\u0131\u015f\u0131k"),
        ("recht\u00adeckiger Tisch", "rechteckiger"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u062e\u0648\u0627\u0647\u0645"),
        ("STRASSE", "Stra\u00dfe"),
        ("\u039f\u0394\u039f\u03a3", "\u03bf\u03b4\u03cc\u03c2".replace("\u03cc", "\u03bf")),
        ("\ufb01nance", "finance"),
        ("naive\ufe0f", "naive"),
        ("\ufeffwort", "wort"),
        ("\u05d1\u05d9\u05ea\u200f", "\u05d1\u05d9\u05ea"),
        ("\u1781\u17d2\u1798\u17c2\u179a\u200b\u179b\u17d2\u17a2", "\u1781\u17d2\u1798\u17c2\u179a\u179b\u17d2\u17a2"),
        ("\U0001d400lpha", "alpha"),
    ],
)
def test_a_word_is_found_however_its_letters_are_written(passage: str, query: str) -> None:
    [(right, other)] = BM25().pool([[passage, "\u0259 other words"]]).scores([query])
    assert right > 0 > other == -math.inf
    assert tokens(query) == tokens(passage)[: len(tokens(query))]
