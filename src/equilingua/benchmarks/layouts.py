"""Files of a named benchmark on disk, read as its card says."""

from collections.abc import Sequence
from pathlib import Path

from equilingua.benchmarks.beir import read_beir, read_beir_languages
from equilingua.benchmarks.benchmark import Benchmark
from equilingua.benchmarks.cards import BenchmarkCard
from equilingua.benchmarks.lareqa import read_lareqa
from equilingua.benchmarks.mewsli import read_mewsli_x
from equilingua.benchmarks.pairs import read_pair_file
from equilingua.benchmarks.squad import read_afriqa, read_squad_file, read_squad_languages
from equilingua.errors import InputError, did_you_mean
from equilingua.languages import language_tag

SMALL_POOL = 100_000


def read_layout(card: BenchmarkCard, place: Path, *, languages: Sequence[str] | None) -> Benchmark:
    """The benchmark of a card.

    Args:
        card: of the benchmark.
        place: the folder or file that holds it.
        languages: to read; all if not given.

    Raises:
        InputError: if a language is not part of it, or its files cannot be read.
    """
    check_languages(card, languages)
    split = card.hub.split if card.hub else "test"
    parallel = bool(card.hub and card.hub.parallel)
    match card.layout:
        case "facts" | "lareqa":
            return read_lareqa(place, name=card.name, languages=languages)
        case "beir":
            return read_beir(place, name=card.name, split=split, language=card.languages[0])
        case "beir-per-language" | "miracl":
            return read_beir_languages(place, name=card.name, split=split, languages=languages, parallel=parallel)
        case "pairs":
            return read_pair_file(place, name=card.name, languages=languages)
        case "squad" if place.is_dir():
            asked = languages or card.languages
            return read_squad_languages(place, name=card.name, languages=asked, parallel=False)
        case "squad":
            return read_squad_file(place, name=card.name, language=card.languages[0])
        case "afriqa":
            return read_afriqa(place, name=card.name, languages=languages)
        case "mewsli-x":
            pool = SMALL_POOL if card.name != "mewsli-x" else None
            return read_mewsli_x(place, name=card.name, languages=languages, pool=pool)
        case _:
            raise InputError(f"benchmark {card.name!r} is read from the hub only")


def check_languages(card: BenchmarkCard, languages: Sequence[str] | None) -> None:
    """Refuse languages that a benchmark's card does not name; where files tell what there is, they are left to them.

    Raises:
        InputError: if a language is not part of it.
    """
    # The card of Mewsli-X names the languages of its mentions; a result of it has those of its passages too.
    if card.layout in ("lareqa", "mewsli-x") or not card.languages:
        return
    for language in languages or ():
        if language_tag(language) not in card.languages:
            hint = did_you_mean(language_tag(language), card.languages)
            raise InputError(f"benchmark {card.name!r} has no language {language!r}. {hint}")
