"""Retrieval tasks of mteb, through its public interface."""

import difflib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from equilingua.benchmarks.benchmark import Benchmark, Corpus, LanguagePart, Queries, assemble
from equilingua.benchmarks.cards import BenchmarkCard, HubSource
from equilingua.benchmarks.same_id import without_same_id
from equilingua.corpora.texts import titled
from equilingua.errors import InputError
from equilingua.languages import language_tag, of_languages

PREFIX = "mteb:"


def read_mteb(name: str, *, languages: Sequence[str] | None = None) -> Benchmark:
    """The benchmark of a retrieval task of mteb; raises ``InputError`` if mteb, the task or its data are missing."""
    try:
        import mteb
    except ImportError as error:
        raise InputError("mteb's tasks need mteb: pip install 'equilingua[mteb]'") from error
    try:
        task = mteb.get_task(name)
    except KeyError as error:
        names = [task.metadata.name for task in mteb.get_tasks(task_types=["Retrieval"])]
        raise InputError(f"mteb has no task {name!r}. {_nearest(name, names)}") from error
    return mteb_benchmark(task, languages=languages)


def mteb_benchmark(task: Any, *, languages: Sequence[str] | None = None) -> Benchmark:
    """A retrieval task of mteb (``AbsTaskRetrieval``) as a benchmark, named ``mteb:<task>``; loads its data if need be.

    Subsets in which queries and passages have one language are read, one a language. Those across languages are left
    out: tasks differ in which of the two languages they name first. Where mteb ignores passages with the query's own
    id, so does the benchmark. mteb does not say which queries are translations of one another, so none are taken for
    such.

    Raises:
        InputError: if it is no retrieval task of texts, has no such language, or its data cannot be loaded.
    """
    from mteb.abstasks.retrieval import AbsTaskRetrieval

    meta = task.metadata
    if not isinstance(task, AbsTaskRetrieval) or "text" not in meta.modalities:
        raise InputError(f"mteb's task {meta.name!r} is no retrieval of texts, but {meta.type}")
    chosen = _chosen(meta, languages)
    if meta.is_multilingual:
        task.hf_subsets = list(chosen.values())
    try:
        task.load_data()
        task.convert_v1_dataset_format_to_v2(num_proc=None)
    except OSError as error:
        raise InputError(
            f"mteb's task {meta.name!r}: its data are neither in the cache nor within reach ({error}). Load it once "
            "while online, without HF_HUB_OFFLINE"
        ) from error
    split = "test" if "test" in task.eval_splits else task.eval_splits[0]
    parts = {language: _part(task.dataset[subset][split]) for language, subset in chosen.items()}
    name = PREFIX + meta.name
    hashes = {f"hub:{meta.dataset['path']}": str(meta.dataset["revision"])}
    if meta.is_multilingual:
        whole = assemble(name, parts, parallel=False, hashes=hashes)
    else:
        ((language, part),) = parts.items()
        whole = part.alone(name, language, hashes)
    if task.ignore_identical_ids:
        whole = without_same_id(whole, by_id=True)
    return replace(whole, card=_card(task, split, tuple(parts)))


def _chosen(meta: Any, languages: Sequence[str] | None) -> dict[str, str]:
    """Subsets by language; of several in one language the first."""
    by_tag: dict[str, str] = {}
    for subset, spoken in meta.hf_subsets_to_langscripts.items():
        tags = {language_tag(language) for language in spoken}
        if len(tags) == 1:
            by_tag.setdefault(tags.pop(), subset)
    if not by_tag:
        raise InputError(f"mteb's task {meta.name!r} has no subset with queries and passages in one language")
    return of_languages(by_tag, languages, lambda tag: f"mteb's task {meta.name!r} has no language {tag!r}")


def _part(data: Any) -> LanguagePart:
    corpus, queries = data["corpus"][:], data["queries"][:]
    titles = corpus.get("title") or [None] * len(corpus["id"])
    texts = [titled(title, text or "") for title, text in zip(titles, corpus["text"], strict=True)]
    questions = queries["text"]
    if "instruction" in queries:
        questions = [f"{text} {more}".strip() for text, more in zip(questions, queries["instruction"], strict=True)]
    qrels = {query: dict(grades) for query, grades in data["relevant_docs"].items() if grades}
    kept = Queries(tuple(queries["id"]), tuple(questions)).judged(qrels)
    return LanguagePart(kept, Corpus(tuple(corpus["id"]), tuple(texts)), qrels)


def _card(task: Any, split: str, languages: tuple[str, ...]) -> BenchmarkCard:
    meta = task.metadata
    return BenchmarkCard(
        name=PREFIX + meta.name,
        title=meta.description,
        protocol=f"passages are title and text; split {split}"
        + ("; a passage with the query's own id is ignored" if task.ignore_identical_ids else ""),
        parallel="not said by mteb, so nothing is taken for parallel",
        measure=meta.main_score,
        languages=languages,
        licence=meta.license,
        paper=meta.reference,
        hub=HubSource(meta.dataset["path"], "mteb", split, meta.dataset["revision"]),
    )


def _nearest(name: str, names: Sequence[str]) -> str:
    """The nearest names only: mteb has hundreds."""
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    return f"Did you mean {' or '.join(repr(other) for other in near)}?" if near else f"It has {len(names)} others."
