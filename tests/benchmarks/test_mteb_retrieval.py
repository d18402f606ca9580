from typing import Any

import pytest

from equilingua.benchmarks.mteb import mteb_benchmark, read_mteb
from equilingua.errors import InputError

mteb = pytest.importorskip("mteb")


def task(eval_langs: Any, *, identical: bool = False) -> Any:
    """A retrieval task of mteb whose data are made here, one split a subset."""
    from datasets import Dataset
    from mteb.abstasks.retrieval import AbsTaskRetrieval
    from mteb.abstasks.task_metadata import TaskMetadata

    class Small(AbsTaskRetrieval):
        ignore_identical_ids = identical
        metadata = TaskMetadata(
            name="Small",
            description="A small task.",
            reference="https://example.org",
            dataset={"path": "owner/small", "revision": "0" * 40},
            type="Retrieval",
            category="t2t",
            modalities=["text"],
            eval_splits=["dev"],
            eval_langs=eval_langs,
            main_score="ndcg_at_10",
            license="mit",
        )

        def load_data(self, num_proc: int | None = None, **_: Any) -> None:  # noqa: ARG002
            self.dataset = {
                subset: {
                    "dev": {
                        "corpus": Dataset.from_list(
                            [
                                {"id": "1", "title": "Owls", "text": f"in {subset}"},
                                {"id": "2", "title": "", "text": "Cats."},
                            ]
                        ),
                        "queries": Dataset.from_list([{"id": "2", "text": "Who?"}, {"id": "8", "text": "unjudged"}]),
                        "relevant_docs": {"2": {"1": 1}},
                        "top_ranked": None,
                    }
                }
                for subset in self.hf_subsets
            }
            self.data_loaded = True

    return Small()


def test_a_task_in_one_language_is_a_benchmark_of_its_name() -> None:
    benchmark = mteb_benchmark(task(["eng-Latn"], identical=True))
    assert (benchmark.name, benchmark.languages) == ("mteb:Small", ("en",))
    assert benchmark.corpora["en"].texts == ("Owls in default", "Cats.")
    assert benchmark.queries["en"].ids == ("2",)
    assert benchmark.qrels == {"en": {"2": {"1": 1}}}
    assert benchmark.excluded == {"en": {"2": ("2",)}}
    assert benchmark.hashes == {"hub:owner/small": "0" * 40}
    assert benchmark.card is not None
    assert (benchmark.card.measure, benchmark.card.licence) == ("ndcg_at_10", "mit")


def test_subsets_of_one_language_are_read_and_those_across_languages_left_out() -> None:
    languages = {"fas": ["fas-Arab"], "rus": ["rus-Cyrl"], "fas-rus": ["fas-Arab", "rus-Cyrl"]}
    benchmark = mteb_benchmark(task(languages))
    assert benchmark.languages == ("fa", "ru")
    assert benchmark.qrels["ru"] == {"ru/2": {"ru/1": 1}}
    assert benchmark.corpora["ru"].texts[0] == "Owls in rus"
    assert mteb_benchmark(task(languages), languages=["ru"]).languages == ("ru",)
    with pytest.raises(InputError, match=r"task 'Small' has no language 'en'. Allowed: fa, ru."):
        mteb_benchmark(task(languages), languages=["en"])


def test_a_query_does_not_find_itself_in_any_subset_if_mteb_says_so() -> None:
    languages = {"fas": ["fas-Arab"], "rus": ["rus-Cyrl"]}
    benchmark = mteb_benchmark(task(languages, identical=True))
    assert benchmark.excluded == {"fa": {"fa/2": ("fa/2",)}, "ru": {"ru/2": ("ru/2",)}}
    assert mteb_benchmark(task(languages)).excluded == {}


def test_a_task_across_languages_only_is_refused() -> None:
    with pytest.raises(InputError, match=r"no subset with queries and passages in one language"):
        mteb_benchmark(task({"fas-rus": ["fas-Arab", "rus-Cyrl"]}))


def test_unknown_tasks_and_other_kinds_are_told() -> None:
    with pytest.raises(InputError, match=r"mteb has no task 'SciFakt'. Did you mean 'SciFact'"):
        read_mteb("SciFakt")
    with pytest.raises(InputError, match=r"'Tatoeba' is no retrieval of texts, but BitextMining"):
        read_mteb("Tatoeba")


def test_offline_and_not_cached_says_what_to_do() -> None:
    with pytest.raises(InputError, match=r"'SciFact': its data are neither in the cache nor within reach"):
        read_mteb("SciFact")
