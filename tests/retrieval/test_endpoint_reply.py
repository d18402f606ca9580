import base64
import itertools
import json
from typing import Any

import numpy as np
import pytest

from equilingua.retrieval.endpoint_reply import RefusedError, coded_error, stated, vectors_of

ROWS = [[1.0, 0.5], [2.0, 0.25], [3.0, -1.0]]


def document(*indices: Any, rows: Any = ROWS) -> dict[str, Any]:
    entries = [{"embedding": row} for row in rows]
    for entry, index in zip(entries, indices, strict=False):
        entry.update({} if index == "left out" else {"index": index})
    return {"data": entries}


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_vectors_are_put_in_the_order_of_their_indices(order: tuple[int, ...]) -> None:
    np.testing.assert_array_equal(vectors_of(document(*order), 3)[list(order)], ROWS)
    # An index of 0 left out, as some servers do with what is zero, wherever it stands.
    left_out = ["left out" if index == 0 else index for index in order]
    np.testing.assert_array_equal(vectors_of(document(*left_out), 3)[list(order)], ROWS)


@pytest.mark.parametrize("indices", [(), (None, None, None), ("left out", 1, 2), ("0", "1", "2"), (0, "left out", 2)])
def test_without_an_index_the_order_of_the_list_counts(indices: tuple[Any, ...]) -> None:
    np.testing.assert_array_equal(vectors_of(document(*indices), 3), ROWS)


@pytest.mark.parametrize(
    "indices",
    [
        (0, 0, 0), (0, 1, 1), (0, 1, 3), (1, 2, 3), (0, 2, 7), ("left out", "left out", 0), (2, "left out", "left out"),
        ("left out", 1, 1), (0, 1, -1), (0, 1, "x"), (0, 1, 1.5), (0, 1, True), (0, 1, "1" * 5000), (0, 1, [2]),
    ],
)  # fmt: skip
def test_indices_that_are_doubled_missing_or_none_are_refused(indices: tuple[Any, ...]) -> None:
    with pytest.raises(
        ValueError, match=r"vectors of the indices .* for 3 texts|a vector of index .*, which is no place"
    ):
        vectors_of(document(*indices), 3)


@pytest.mark.parametrize(
    "found",
    [
        document(0, 1, 2),
        document(0, 1, 2, rows=[base64.b64encode(np.array(row, "<f4").tobytes()).decode() for row in ROWS]),
        {"embeddings": ROWS},
        {"embeddings": {"float": ROWS}},
        {"data": ROWS},
        {"data": document(2, 1, 0, rows=ROWS[::-1])["data"], "error": None},
    ],
)
def test_vectors_are_found_where_servers_put_them(found: dict[str, Any]) -> None:
    vectors = vectors_of(json.loads(json.dumps(found)), 3)
    assert vectors.dtype == np.float32
    np.testing.assert_array_equal(vectors, ROWS)


@pytest.mark.parametrize(
    "found", [{}, [], None, "text", 7, {"data": None}, {"data": {}}, {"embeddings": "x"}, {"data": []}]
)
def test_an_answer_without_vectors_is_refused_with_its_words(found: Any) -> None:
    with pytest.raises(RefusedError, match=r"something else than embeddings|0 vectors for 2 texts"):
        vectors_of(found, 2)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[1, 2], [1, 2, 3], [1, 2]], "vectors of 2 and 3 dimensions"),
        ([[], [], []], "vectors of 0 dimensions"),
        ([[1, 2], [1, None], [1, 2]], "vector 2 with NaN, infinite or missing numbers"),
        ([[1, 2], [1, float("nan")], [1, 2]], "vector 2 with NaN"),
        ([[1, 2], [1, 2], [1, 1e39]], "vector 3 with NaN"),
        ([[1, 2], [1, 10**400], [1, 2]], "vector 2 that is no list of numbers"),
        ([[1, 2], [1, "x"], [1, 2]], "vector 2 that is no list of numbers"),
        ([[1, 2], {"a": 1}, [1, 2]], "vector 2 that is no list of numbers"),
        ([[1, 2], None, [1, 2]], "vector 2 of shape"),
        ([[1, 2], 7, [1, 2]], "vector 2 of shape"),
        (
            [[[1, 2], [3, 4]], [1, 2], [1, 2]],
            r"vector 1 of shape \(2, 2\), not one number a dimension: perhaps one a token",
        ),
        ([[1, 2], [[1], [2, 3]], [1, 2]], "vector 2 that is no list of numbers"),
    ],
)
def test_vectors_that_are_none_are_told(rows: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        vectors_of(document(0, 1, 2, rows=rows), 3)


def test_more_vectors_than_texts_are_refused() -> None:
    with pytest.raises(ValueError, match="3 vectors for 2 texts"):
        vectors_of(document(0, 1, 2), 2)


def test_words_are_found_however_deep_and_never_without_end() -> None:
    deep: Any = "words"
    for _ in range(500):
        deep = {"error": deep}
    assert "words" in stated(deep)
    assert stated({"error": {}, "message": "", "detail": "words"}) == "words"
    assert stated({"odd": 1}) == '{"odd": 1}'


def test_only_the_status_of_an_error_counts() -> None:
    assert coded_error({"error": {"code": "429"}}) == 429
    assert coded_error({"error": "busy", "status": 503}) == 503
    for harmless in ({"data": [], "code": 500}, {"error": None, "code": 500}, {"error": {"code": "model_not_found"}}):
        assert coded_error(harmless) is None
    assert coded_error({"error": {"code": 20015}}) is None
    assert coded_error("error") is None
