from hypothesis import given
from hypothesis import strategies as st

from equilingua.reports.writing import short_labels

PATHS = st.lists(st.text(st.sampled_from("ab/ ()"), min_size=1), min_size=1, max_size=6, unique=True)


def test_folders_are_kept_as_far_as_they_tell_labels_apart() -> None:
    short = short_labels(["/data/a/hybrid/last", "/data/b/hybrid/last", "/data/b/x-y"])
    assert list(short.values()) == ["a/hybrid/last", "b/hybrid/last", "x-y"]


def test_models_of_one_name_keep_their_folders() -> None:
    short = short_labels(["/data/m (/results/one)", "/data/m (/results/two)"])
    assert list(short.values()) == ["m (one)", "m (two)"]


def test_addresses_and_plain_names_stay() -> None:
    labels = ["openai:m@https://example.org/v1", "bm25 (lucene, k1=1.2, b=0.75)", "Hybrid"]
    assert list(short_labels(labels).values()) == labels


def test_other_systems_paths_are_shortened_too() -> None:
    assert short_labels([r"C:\runs\hybrid"]) == {r"C:\runs\hybrid": "hybrid"}


@given(PATHS)
def test_short_labels_are_as_different_as_the_labels(labels: list[str]) -> None:
    short = short_labels(labels)
    assert list(short) == labels
    assert len(set(short.values())) == len(labels)
    assert all(len(short[label]) <= len(label) for label in labels)
