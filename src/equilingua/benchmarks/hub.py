"""Named benchmarks from the hub, at a pinned commit, through ``datasets``; its cache serves them offline."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from equilingua.benchmarks.beir import same_id_excluded
from equilingua.benchmarks.benchmark import Benchmark, assemble
from equilingua.benchmarks.cards import BenchmarkCard, HubSource
from equilingua.benchmarks.hub_tables import beir_part, belebele_part, bitext_benchmark, speeches_benchmark
from equilingua.errors import InputError, did_you_mean
from equilingua.languages import language_tag, of_languages


def read_hub(card: BenchmarkCard, hub: HubSource, *, languages: Sequence[str] | None = None) -> Benchmark:
    """The benchmark from the hub; its commit stands in the hashes.

    Raises:
        InputError: if the hub or its cache does not give it, or a language is not there.
    """
    revision = hub.revision or _newest(card, hub)
    hashes = {f"hub:{hub.repository}": revision}

    def table(*configurations: str, split: str = hub.split) -> Any:
        return _table(card, hub, configurations, revision=revision, split=split)

    match hub.kind:
        case "beir":
            part = beir_part(table("corpus"), table("queries", "query"), table("default", "qrels"))
            whole = part.alone(card.name, card.languages[0], hashes)
            return replace(whole, excluded=same_id_excluded(whole))
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
            return replace(whole, excluded=same_id_excluded(whole, parallel=hub.parallel))


def only_split(tables: Mapping[str, Any], split: str) -> Any:
    """The wanted split of a configuration; where it has one split only, that one, whatever its name.

    Raises:
        InputError: if there are several, and the wanted one is not among them.
    """
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
        except ValueError as error:
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
    """The hub's subsets by language."""
    subsets = {language_tag(subset): subset for subset in hub.subsets}
    return of_languages(subsets, languages, lambda tag: f"benchmark {name!r} has no language {tag!r}")


def _pairs_of(subsets: Sequence[str], languages: Sequence[str] | None, name: str) -> list[str]:
    """The pairs of languages of which both are asked for."""
    if not languages:
        return list(subsets)
    asked = {language_tag(language) for language in languages}
    pairs = [pair for pair in subsets if asked.issuperset(language_tag(part) for part in pair.split("-"))]
    if not pairs:
        spoken = {language_tag(part) for part in itertools.chain.from_iterable(pair.split("-") for pair in subsets)}
        unknown = sorted(asked - spoken)
        hint = did_you_mean(unknown[0], spoken) if unknown else "Ask for English and others."
        raise InputError(f"benchmark {name!r} has no pair of the languages {', '.join(sorted(asked))}. {hint}")
    return pairs
