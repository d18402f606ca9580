import re

import pytest

from equilingua.benchmarks.cards import benchmark_card, benchmark_group, benchmark_names
from equilingua.errors import InputError
from equilingua.languages import language_tag

CARDS = [benchmark_card(name) for name in benchmark_names()]


def test_every_benchmark_can_be_read_from_somewhere() -> None:
    homeless = [card.name for card in CARDS if not card.places and not card.hub and card.layout != "facts"]
    assert homeless == []
    assert [card.name for card in CARDS if card.places and card.layout == "hub-only"] == []


def test_languages_are_canonical_and_stand_once() -> None:
    for card in CARDS:
        assert [language_tag(language) for language in card.languages] == list(card.languages), card.name
        assert len(set(card.languages)) == len(card.languages), card.name


def test_revisions_are_whole_commits() -> None:
    revisions = {card.name: card.hub.revision for card in CARDS if card.hub}
    assert [name for name, revision in revisions.items() if revision is None] == ["multieup-v2"]
    assert all(re.fullmatch("[0-9a-f]{40}", revision) for revision in revisions.values() if revision)


def test_beir_has_its_public_sets_and_nanobeir_its_thirteen() -> None:
    names = set(benchmark_group("beir"))
    assert len([name for name in names if name.startswith("cqadupstack-")]) == 12
    assert len(names) == 14 + 12
    assert len(benchmark_group("nanobeir")) == 13
    assert all(benchmark_card(name).languages == ("en",) for name in names)


def test_a_group_is_told_with_its_members() -> None:
    with pytest.raises(InputError, match=r"'squadshifts' is a group of benchmarks: name one of squadshifts-amazon"):
        benchmark_card("squadshifts")


def test_an_unknown_benchmark_is_told_with_the_nearest_name() -> None:
    with pytest.raises(InputError, match=r"unknown benchmark 'sci-fact'. Did you mean 'scifact'\?.*'mteb:TASK'"):
        benchmark_card("sci-fact")


def test_leaks_name_models_data_and_who_says_so() -> None:
    leaks = {model for leak in benchmark_card("miracl").leaks for model in leak.models}
    assert {"BAAI/bge-m3", "intfloat/multilingual-e5-base"} <= leaks
    assert all(leak.models and leak.data and leak.certainty for card in CARDS for leak in card.leaks)
