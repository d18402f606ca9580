from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import datasets
import pytest
from datasets import Dataset

from equilingua.benchmarks.cards import HubSource, benchmark_card
from equilingua.benchmarks.hub import only_split, read_hub
from equilingua.benchmarks.load import load_benchmark
from equilingua.errors import InputError

TABLES = {
    "corpus": {"_id": ["d1", "d2"], "title": ["", ""], "text": ["Owls.", "Cats."]},
    "queries": {"_id": ["q1", "d2"], "text": ["Who?", "Cats?"]},
    "qrels": {"query-id": ["q1", "d2"], "corpus-id": ["d1", "d1"], "score": [1, 1]},
}
COMMIT = "0" * 40


Publish = Callable[[Mapping[str, Mapping[str, list[Any]]]], str]


@pytest.fixture
def publish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Publish:
    """Writes configurations as a repository of the hub holds them; ``datasets`` reads its folder as well."""
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(tmp_path / "cache"))

    def write(tables: Mapping[str, Mapping[str, list[Any]]]) -> str:
        repository = tmp_path / "repository"
        card = ["---", "configs:"]
        for configuration, table in tables.items():
            (repository / configuration).mkdir(parents=True)
            Dataset.from_dict(dict(table)).to_parquet(repository / configuration / "data.parquet")
            card += [f"- config_name: {configuration}", "  data_files:", "  - split: test"]
            card += [f"    path: {configuration}/data.parquet"]
        (repository / "README.md").write_text("\n".join([*card, "---", ""]))
        return str(repository)

    return write


def test_a_set_in_beirs_layout_is_read_and_its_commit_noted(publish: Publish) -> None:
    repository = publish(TABLES)
    benchmark = read_hub(benchmark_card("scifact"), HubSource(repository, "beir", "test", COMMIT))
    assert benchmark.qrels == {"en": {"q1": {"d1": 1}, "d2": {"d1": 1}}}
    assert benchmark.excluded == {"en": {"d2": ("d2",)}}
    assert benchmark.hashes == {f"hub:{repository}": COMMIT}


def test_languages_are_the_hubs_subsets(publish: Publish) -> None:
    tables = {f"{tag}-{name}": table for tag in ("fas", "rus") for name, table in TABLES.items()}
    hub = HubSource(publish(tables), "beir-per-language", "test", COMMIT, subsets=("fas", "rus"))
    card = benchmark_card("neuclir-2022")
    assert read_hub(card, hub).languages == ("fa", "ru")
    benchmark = read_hub(card, replace(hub, parallel=True), languages=["fa"])
    assert benchmark.qrels == {"fa": {"q1": {"fa/d1": 1}, "d2": {"fa/d1": 1}}}
    assert benchmark.excluded == {"fa": {"d2": ("fa/d2",)}}
    with pytest.raises(InputError, match=r"benchmark 'neuclir-2022' has no language 'zh'. Allowed: fa, ru."):
        read_hub(card, hub, languages=["zh"])


def test_sentence_pairs_are_those_of_which_both_languages_are_asked_for(publish: Publish) -> None:
    pair = {"sentence1": ["x"], "sentence2": ["y"]}
    hub = HubSource(
        publish({"deu-eng": pair, "fra-eng": pair}), "bitext", "test", COMMIT, subsets=("deu-eng", "fra-eng")
    )
    card = benchmark_card("xtreme-r-tatoeba")
    assert read_hub(card, hub, languages=["de", "en"]).languages == ("de", "en")
    with pytest.raises(InputError, match=r"no pair of the languages de, fr. Ask for English and others."):
        read_hub(card, hub, languages=["de", "fr"])


def test_belebele_is_parallel_in_all_its_languages(publish: Publish) -> None:
    table = {"link": ["a"], "question_number": [1], "flores_passage": ["Passage."], "question": ["Who?"]}
    repository = publish({"eng_Latn": table, "zho_Hant": table})
    hub = HubSource(repository, "belebele", "test", COMMIT, subsets=("eng_Latn", "zho_Hant"), parallel=True)
    benchmark = read_hub(benchmark_card("belebele"), hub)
    assert benchmark.qrels["zh-Hant"] == benchmark.qrels["en"] == {"a#1": {"en/a": 1, "zh-Hant/a": 1}}


def test_debates_are_one_table_of_all_languages(publish: Publish) -> None:
    columns = ("did", "TEXT", "LANGUAGE", "title_EN", "title_DE", "qid_EN")
    rows = (("s1", "Speech.", "EN", "Fish", "Fisch", "d1"), ("s2", "Rede.", "DE", "Fish", "Fisch", "d1"))
    table = {column: [row[place] for row in rows] for place, column in enumerate(columns)}
    hub = HubSource(publish({"default": table}), "speeches", "train", COMMIT)
    card = benchmark_card("multieup-v2")
    assert read_hub(card, hub).qrels["de"] == {"d1": {"s1": 1, "s2": 1}}
    assert read_hub(card, hub, languages=["DE"]).qrels == {"de": {"d1": {"s2": 1}}}


def test_a_missing_configuration_is_told(publish: Publish) -> None:
    repository = publish({"documents": TABLES["corpus"]})
    with pytest.raises(InputError, match=r"repository@0+: BuilderConfig 'corpus' not found"):
        read_hub(benchmark_card("scifact"), HubSource(repository, "beir", "test", COMMIT))


@pytest.mark.parametrize(
    ("name", "disk"),
    [("scifact", r"Or pass --data DIR .* where DIR/beir/scifact holds it \(beir layout"), ("belebele", "")],
)
def test_offline_and_not_cached_says_what_to_do(name: str, disk: str) -> None:
    card = benchmark_card(name)
    assert card.hub is not None
    with pytest.raises(InputError, match=rf"benchmark '{name}': {card.hub.repository} is neither in the cache.*{disk}"):
        read_hub(card, card.hub)


def test_a_repository_without_a_pinned_commit_is_told_in_the_same_way_offline() -> None:
    card = benchmark_card("multieup-v2")
    assert card.hub is not None
    with pytest.raises(InputError, match=r"'multieup-v2': unimelb-nlp/MultiEup-v2 is neither in the cache"):
        read_hub(card, card.hub)


def test_a_hub_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: object, **__: object) -> None:
        raise RuntimeError("no route to host")

    monkeypatch.setattr("huggingface_hub.HfApi.dataset_info", asked)
    card = benchmark_card("multieup-v2")
    assert card.hub is not None
    with pytest.raises(InputError, match=r"is neither in the cache nor within reach \(no route to host\)"):
        read_hub(card, card.hub)


def test_languages_that_a_card_lacks_are_refused_before_the_hub_is_asked() -> None:
    with pytest.raises(InputError, match=r"benchmark 'scifact' has no language 'de'. Allowed: en."):
        load_benchmark("scifact", languages=["de"])


def test_a_corpus_has_one_split_of_any_name() -> None:
    assert only_split({"corpus": 1}, "test") == 1
    assert only_split({"corpus": 1, "test": 2}, "test") == 2
    with pytest.raises(InputError, match=r"no split 'tests'. Did you mean 'test'\?"):
        only_split({"dev": 1, "test": 2}, "tests")
