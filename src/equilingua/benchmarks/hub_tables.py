"""Tables of the hub's data sets, in the layouts in which retrieval benchmarks are published there, as benchmarks."""

from collections.abc import Iterable, Mapping
from typing import Any

from equilingua.benchmarks.benchmark import Benchmark, Corpus, LanguagePart, Queries, judged_queries
from equilingua.benchmarks.pairs import pairs_benchmark
from equilingua.benchmarks.texts import titled
from equilingua.errors import InputError, Problems
from equilingua.languages import language_tag
from equilingua.pairs.pair import ParallelPair


def beir_part(corpus: Any, queries: Any, qrels: Any) -> LanguagePart:
    """One language of a data set in BEIR's layout.

    Args:
        corpus: ``datasets.Dataset`` with ``_id`` (or ``id``), ``text`` and perhaps ``title``.
        queries: one with ``_id`` (or ``id``) and ``text``; those without a judgement are left out.
        qrels: one with ``query-id``, ``corpus-id`` and ``score``.

    Raises:
        InputError: if a column is missing.
    """
    judged: dict[str, dict[str, int]] = {}
    columns = _columns(qrels, "query-id", "corpus-id", "score")
    for query, passage, score in zip(*columns, strict=True):
        judged.setdefault(str(query), {})[str(passage)] = int(score)
    passage_ids, texts = _identified(corpus)
    if "title" in corpus.column_names:
        (titles,) = _columns(corpus, "title")
        texts = [titled(title, text or "") for title, text in zip(titles, texts, strict=True)]
    query_ids, asked = _identified(queries)
    return LanguagePart(
        judged_queries(Queries(tuple(query_ids), tuple(asked)), judged),
        Corpus(tuple(passage_ids), tuple(texts)),
        judged,
    )


def belebele_part(rows: Any) -> LanguagePart:
    """One language of Belebele: its passages, each once, and the questions asked about them.

    Args:
        rows: ``datasets.Dataset`` with ``link``, ``question_number``, ``flores_passage`` and ``question``. A passage
            and a question have the same link and number in every language.
    """
    passages: dict[str, str] = {}
    questions: dict[str, str] = {}
    judged: dict[str, dict[str, int]] = {}
    columns = _columns(rows, "link", "question_number", "flores_passage", "question")
    for link, number, passage, question in zip(*columns, strict=True):
        passages[link] = passage
        questions[f"{link}#{number}"] = question
        judged[f"{link}#{number}"] = {link: 1}
    return LanguagePart(Queries.of(questions), Corpus.of(passages), judged)


def bitext_benchmark(tables: Mapping[str, Any], *, name: str, hashes: dict[str, str]) -> Benchmark:
    """Sentence pairs, to be searched for across languages in both directions.

    Args:
        tables: per pair of languages such as ``deu-eng``, a ``datasets.Dataset`` with ``sentence1`` and ``sentence2``.
        name: of the benchmark.
        hashes: of where it came from.

    Raises:
        InputError: if there is no sentence.
    """
    problems = Problems(name)
    found = pairs_benchmark(_sentence_pairs(tables), name=name, problems=problems, hashes=hashes)
    problems.raise_if_any()
    if found is None:
        raise InputError(f"benchmark {name!r}: its tables hold no sentences")
    return found


def speeches_benchmark(rows: Any, *, name: str, hashes: dict[str, str]) -> Benchmark:
    """Multi-EuP: titles of debates, in all languages, against the speeches held there, each in its own language.

    Args:
        rows: ``datasets.Dataset`` with ``did``, ``TEXT``, ``LANGUAGE``, and a title and a debate id for each language
            (``title_<language>``, ``qid_<language>``). A debate is known by the first of its ids in column order.
        name: of the benchmark.
        hashes: of where it came from.
    """
    titles = {language_tag(c.split("_", 1)[1]): c for c in rows.column_names if c.lower().startswith("title_")}
    debates = [c for c in rows.column_names if c.lower().startswith("qid_")]
    if not titles or not debates:
        raise InputError(f"benchmark {name!r}: columns title_<language> and qid_<language> were expected")
    queries: dict[str, dict[str, str]] = {}
    corpora: dict[str, dict[str, str]] = {}
    relevant: dict[str, dict[str, int]] = {}
    for row in rows:
        debate = next((str(row[column]) for column in debates if row[column]), None)
        if debate is not None and row["TEXT"]:
            speech = str(row["did"])
            corpora.setdefault(language_tag(row["LANGUAGE"]), {})[speech] = row["TEXT"]
            relevant.setdefault(debate, {})[speech] = 1
            for language in filter(lambda tag: row[titles[tag]], titles):
                queries.setdefault(language, {})[debate] = row[titles[language]]
    return Benchmark.sharing(
        name,
        {language: Queries.of(texts) for language, texts in sorted(queries.items())},
        {language: Corpus.of(texts) for language, texts in sorted(corpora.items())},
        relevant,
        hashes,
    )


def _sentence_pairs(tables: Mapping[str, Any]) -> Iterable[ParallelPair]:
    for pair, table in tables.items():
        languages = [language_tag(language) for language in pair.split("-")]
        for number, sentences in enumerate(zip(*_columns(table, "sentence1", "sentence2"), strict=True)):
            texts = dict(zip(languages, sentences, strict=True))
            yield ParallelPair(f"{pair}/{number}", pair, texts, texts, sentences=True)


def _identified(table: Any) -> tuple[list[str], list[str]]:
    ids, texts = _columns(table, "_id" if "_id" in table.column_names else "id", "text")
    return [str(id_) for id_ in ids], texts


def _columns(table: Any, *names: str) -> list[list[Any]]:
    missing = [name for name in names if name not in table.column_names]
    if missing:
        raise InputError(f"a table of the hub lacks {', '.join(missing)}: it has {', '.join(table.column_names)}")
    read = table.select_columns(list(names))[:]
    return [read[name] for name in names]
