"""What benchmarks, languages and measures are called in mteb."""

import hashlib
import re
from collections.abc import Mapping

from equilingua.evaluation.settings import POOL

_SAME_MEANING = {"mAP": "map", "nDCG": "ndcg", "R": "recall", "MRR": "mrr", "Success": "hit_rate"}


def task_name(benchmark: str, setting: str) -> str:
    """The name of a benchmark's task, which is also a file's name.

    >>> task_name("xquad-r", "multilingual")
    'xquad-r-multilingual'
    """
    return re.sub(r"[^\w.-]+", "_", f"{benchmark}-{setting}")


def subset_name(query_language: str, corpus_language: str) -> str:
    """The query language; with the corpus language behind it where that is another.

    >>> subset_name("en", "de"), subset_name("en", "en"), subset_name("en", "*")
    ('en-de', 'en', 'en')
    """
    return query_language if corpus_language in (query_language, POOL) else f"{query_language}-{corpus_language}"


def language_scripts(*languages: str) -> list[str]:
    """Languages as ISO 639-3 and script, each once, in the order given; the likely script where the tag has none.

    >>> language_scripts("en", "zh", "pt-BR", "en")
    ['eng-Latn', 'zho-Hans', 'por-Latn']
    """
    import langcodes

    tags = [langcodes.Language.get(language).maximize() for language in languages]
    return list(dict.fromkeys(f"{tag.to_alpha3()}-{tag.script}" for tag in tags))


def revision(hashes: Mapping[str, str]) -> str:
    """One hash for all files of a benchmark, by which mteb tells whether stored scores are still of the same data.

    >>> revision({"en.json": "aa", "de.json": "bb"}) == revision({"de.json": "bb", "en.json": "aa"})
    True
    """
    listing = "\n".join(f"{name} {hashes[name]}" for name in sorted(hashes))
    return hashlib.sha256(listing.encode()).hexdigest()[:40]


def measure_name(measure: str) -> str:
    """The name of a measure in mteb where it has the same one, else ours.

    >>> [measure_name(name) for name in ("nDCG@10", "R@1", "mAP", "rank_distance")]
    ['ndcg_at_10', 'recall_at_1', 'mAP', 'rank_distance']
    """
    kind, _, cut = measure.partition("@")
    return f"{_SAME_MEANING[kind]}_at_{cut}" if kind in _SAME_MEANING and cut.isdigit() else measure
