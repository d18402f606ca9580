"""Named benchmarks from the hub, at a pinned commit, through ``datasets``; its cache serves them offline.

Functions of tables say what is made of each layout in which retrieval benchmarks are published there.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from equilingua.benchmarks.benchmark import Benchmark, Corpus, LanguagePart, Queries, assemble
from equilingua.benchmarks.cards import BenchmarkCard, HubSource
from equilingua.benchmarks.pairs import pairs_benchmark
from equilingua.benchmarks.same_id import without_same_id
from equilingua.corpora.texts import titled
from equilingua.errors import InputError, Problems, did_you_mean
from equilingua.languages import language_tag, of_languages
from equilingua.pairs.pair import ParallelPair


def read_hub(card: BenchmarkCard, hub: HubSource, *, languages: Sequence[str] | None = None) -> Benchmark:
    """The benchmark from the hub, its commit in the hashes; raises ``InputError`` if it or a language is not there."""
    revision = hub.revision or _newest(card, hub)
    hashes = {f"hub:{hub.repository}": revision}

    def table(*configurations: str, split: str = hub.split) -> Any:
        return _table(card, hub, configurations, revision=revision, split=split)

    match hub.kind:
        case "beir":
            part = beir_part(table("corpus"), table("queries", "query"), table("default", "qrels"))
            whole = part.alone(card.name, card.languages[0], hashes)
            return without_same_id(whole, by_id=True)
        case "bitext":
            pairs = _pairs_of(hub.subsets, languages, card.name)
            return bitext_benchmark({pair: table(pair) for pair in pairs}, name=card.name, hashes=hashes)
        case "speeches":
            whole = speeches_benchmark(table("default", split="train"), name=card.name, hashes=hashes)
            return whole.only(languages) if languages else whole
        case "belebele":
            parts = {tag: belebele_part(table(subset)) for tag, subset in _subsets(hub, languages, card.name).items()}
            return assemble(card.name, parts, parallel=hub.parallel, hashes=hashes)
        case _:
            parts = {
                tag: beir_part(table(f"{subset}-corpus"), table(f"{subset}-queries"), table(f"{subset}-qrels"))
                for tag, subset in _subsets(hub, languages, card.name).items()
            }
            whole = assemble(card.name, parts, parallel=hub.parallel, hashes=hashes)
            return without_same_id(whole, parallel=hub.parallel, by_id=True)


def only_split(tables: Mapping[str, Any], split: str) -> Any:
    """The wanted split of a configuration, or its only one; raises ``InputError`` if it is none of several."""
    if split in tables:
        return tables[split]
    if len(tables) == 1:
        return next(iter(tables.values()))
    raise InputError(f"no split {split!r}. {did_you_mean(split, tables)}")


def _table(card: BenchmarkCard, hub: HubSource, configurations: Iterable[str], *, revision: str, split: str) -> Any:
    """The first of the configurations that there is."""
    import datasets

    problem: Exception | None = None
    for configuration in configurations:
        try:
            return only_split(datasets.load_dataset(hub.repository, configuration, revision=revision), split)
        except InputError as error:
            raise InputError(f"{hub.repository}, {configuration}: {error}") from error
        except ValueError as error:  # there is no such configuration: the next one's turn
            problem = error
        except OSError as error:
            raise _unreachable(card, hub, error) from error
    raise InputError(f"{hub.repository}@{revision}: {problem}") from problem


def _newest(card: BenchmarkCard, hub: HubSource) -> str:
    import huggingface_hub

    try:
        return str(huggingface_hub.HfApi().dataset_info(hub.repository).sha)
    except Exception as error:  # each version raises the errors of another HTTP library
        raise _unreachable(card, hub, error) from error


def _unreachable(card: BenchmarkCard, hub: HubSource, error: Exception) -> InputError:
    disk = (
        f" Or pass --data DIR (or set EQUILINGUA_DATA), where DIR/{card.places[0]} holds it ({card.layout} layout: see "
        "'equilingua benchmarks')"
        if card.places
        else ""
    )
    return InputError(
        f"benchmark {card.name!r}: {hub.repository} is neither in the cache nor within reach ({error}). Load it once "
        f"while online, without HF_HUB_OFFLINE.{disk}"
    )


def _subsets(hub: HubSource, languages: Sequence[str] | None, name: str) -> dict[str, str]:
    subsets = {language_tag(subset): subset for subset in hub.subsets}
    return of_languages(subsets, languages, lambda tag: f"benchmark {name!r} has no language {tag!r}")


def _pairs_of(subsets: Sequence[str], languages: Sequence[str] | None, name: str) -> list[str]:
    """The pairs of languages of which both are asked for."""
    if not languages:
        return list(subsets)
    chosen = {language_tag(language) for language in languages}
    pairs = [pair for pair in subsets if chosen.issuperset(language_tag(part) for part in pair.split("-"))]
    if not pairs:
        spoken = {language_tag(part) for part in itertools.chain.from_iterable(pair.split("-") for pair in subsets)}
        unknown = sorted(chosen - spoken)
        hint = did_you_mean(unknown[0], spoken) if unknown else "Ask for English and others."
        raise InputError(f"benchmark {name!r} has no pair of the languages {', '.join(sorted(chosen))}. {hint}")
    return pairs


def beir_part(corpus: Any, queries: Any, qrels: Any) -> LanguagePart:
    """One language of a data set in BEIR's layout; queries without a judgement are left out.

    Each is a ``datasets.Dataset``: corpus and queries with ``_id`` (or ``id``), ``text`` and, of the corpus, perhaps
    ``title``; the qrels with ``query-id``, ``corpus-id`` and ``score``. Raises ``InputError`` if a column is missing.
    """
    judged: dict[str, dict[str, int]] = {}
    columns = _columns(qrels, "query-id", "corpus-id", "score")
    for query, passage, score in zip(*columns, strict=True):
        judged.setdefault(str(query), {})[str(passage)] = int(score)
    passage_ids, texts = _identified(corpus)
    if "title" in corpus.column_names:
        (titles,) = _columns(corpus, "title")
        texts = [titled(title, text or "") for title, text in zip(titles, texts, strict=True)]
    split = Queries(*map(tuple, _identified(queries))).judged(judged)
    return LanguagePart(split, Corpus(tuple(passage_ids), tuple(texts)), judged)


def belebele_part(rows: Any) -> LanguagePart:
    """One language of Belebele: its passages, each once, and the questions asked about them.

    The rows (``datasets.Dataset``) have ``link``, ``question_number``, ``flores_passage`` and ``question``. A passage
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
    """Sentence pairs, to be searched for across languages in both directions; raises ``InputError`` if there is none.

    A pair of languages such as ``deu-eng`` has a table: a ``datasets.Dataset`` with ``sentence1`` and ``sentence2``.
    """
    problems = Problems(name)
    benchmark = pairs_benchmark(_sentence_pairs(tables), name=name, problems=problems, hashes=hashes)
    problems.raise_if_any()
    if benchmark is None:
        raise InputError(f"benchmark {name!r}: its tables hold no sentences")
    return benchmark


def speeches_benchmark(rows: Any, *, name: str, hashes: dict[str, str]) -> Benchmark:
    """Multi-EuP: titles of debates, in all languages, against the speeches held there, each in its own language.

    The rows (``datasets.Dataset``) have ``did``, ``TEXT``, ``LANGUAGE``, and a title and a debate id for each language
    (``title_<language>``, ``qid_<language>``). A debate is known by the first of its ids in column order.
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
