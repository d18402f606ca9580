"""Audits of retrievers that tell no passages apart: nothing is reported that a tie rule made."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from equilingua.auditing.audit import audit
from equilingua.auditing.findings import counted

# So that passages and queries share not even a character.
OF_PASSAGES, OF_QUERIES = str.maketrans("0123456789", "abcdefghij"), str.maketrans("0123456789", "qrstuvwxyz")


class OneVector:
    """An encoder that gives every text the same vector."""

    def encode_query(self, texts: Sequence[str], **_: Any) -> np.ndarray:
        return np.ones((len(texts), 4), np.float32)

    encode_document = encode_query


def written(folder: Path, tags: tuple[str, str], *, judged: bool) -> list[Any]:
    """20 passages tagged each way, and 40 queries in either language that share no word with any."""
    passages = [
        {"id": f"{place}-{row}", "text": f"{place}{row}{row * 7} {row}".translate(OF_PASSAGES), "language": tag}
        for place, tag in enumerate(tags)
        for row in range(20)
    ]
    queries = [
        {
            "id": f"q{place}-{row}",
            "text": f"{place}{row}{row * 3}".translate(OF_QUERIES),
            "language": tag,
            "item": f"i{row}",
        }
        for place, tag in enumerate(tags)
        for row in range(40)
    ]
    for name, rows in (("corpus", passages), ("queries", queries)):
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    lines = [f"q{place}-{row}\t{other}-{row % 20}\t1" for place in (0, 1) for row in range(40) for other in (0, 1)]
    (folder / "qrels.tsv").write_text("\n".join(lines) + "\n")
    return [folder / "corpus.jsonl", folder / "queries.jsonl", *([folder / "qrels.tsv"] if judged else [])]


@pytest.mark.parametrize("judged", [False, True])
@pytest.mark.parametrize("tags", [("ar", "de"), ("vi", "de")])
@pytest.mark.parametrize("model", ["bm25", "tfidf", OneVector()])
def test_no_preference_is_reported_where_nothing_is_told_apart(
    tmp_path: Path, model: Any, tags: tuple[str, str], judged: bool
) -> None:
    found = audit(model, *written(tmp_path, tags, judged=judged), baseline=None, resamples=200)
    assert not found.problems
    listed = counted(dict.fromkeys(sorted(tags), 40))
    told = " ".join(finding.message for finding in found.findings)
    assert "prefer" not in told
    assert not [finding for finding in found.findings if finding.cause in ("exposure", "own share")]
    for shares in (found.bias.exposure, *found.bias.exposure_per_language.values()):
        for exposure in shares.values():
            assert exposure.difference == 0
            # As much above as below: so few queries without a difference do not show that there is none.
            assert exposure.interval is None or sum(exposure.interval) == pytest.approx(0)
    if model in ("bm25", "tfidf"):
        # Nothing is found, so nothing is shown; and that is said.
        assert not found.bias.exposure
        assert f"Queries that find no passage at all, and so count for no share of the first places: {listed}" in told
    if judged:
        assert found.bias.friedman is not None
        assert (found.bias.friedman.p, found.bias.friedman.chi_square) == (1, 0)
        assert all(test.p == 1 for test in found.bias.friedman_per_language.values())
        assert found.result is not None
        multilingual = found.result.measures["multilingual"]
        assert multilingual["language_preference"] == 0.5
        # Two passages at two of forty places, in every order.
        assert multilingual["rank_distance"] == pytest.approx(41 / 3)
    str(found)
    found.save(tmp_path / "audit")
