"""What to do about each cause that an audit finds, by the kind of retriever: nobody trains BM25, or what others host.

A step names no language: it is told once for all that ask for it.
"""

from collections.abc import Mapping

from equilingua.auditing.retrievers import RetrieverKind

_MEANS = (
    "take the mean vector of each language off its queries and passages (language_means and centred, in "
    "docs/evaluation.md)"
)
_MERGE = "merge both rankings by rank (audit the merged run with --run)"
_BESIDE = f"put a multilingual encoder beside it and {_MERGE}"
_GIVE_LANGUAGES = "Add a field 'language' (BCP 47) to these rows."

# By cause, then kind.
_STEPS: Mapping[str, Mapping[RetrieverKind, str]] = {
    "behind": {
        "model": "Fine-tune on pairs in the languages that find less, with hybrid batches (`equilingua train --help`). "
        "Without such pairs, parallel sentences in these languages and another serve as cross-lingual rows.",
        "lexical": "Look at how texts of the languages that find less are cut into words: where words are long, "
        "inflected or not set apart by spaces, character n-grams (tfidf) find more than words (bm25). For questions in "
        f"other words than their answers, {_BESIDE}.",
        "endpoint": "For the languages that find less, try the prompts that the model's card asks for, or another "
        "model on the same files; or merge its ranking with BM25's by rank (audit the merged run with --run).",
        "vectors": "See that the vectors of the languages that find less were made like the others (same model, "
        f"prompts and length of text). Then {_MEANS}, or make them with another model.",
        "run": "Audit each part of the system by a run of its own, to see which of them finds less in these languages: "
        "how it cuts words, its encoder, its translation, or how rankings are merged.",
    },
    "other languages lost": {
        "model": "Train with cross-lingual batches beside monolingual ones (`--kind hybrid`, a smaller `--alpha` for a "
        f"larger difference). Without training, {_MEANS}.",
        "lexical": "Words of one language hardly match another's. Translate the queries into the passages' languages "
        f"and search with all of them, or {_BESIDE}.",
        "endpoint": f"Where vectors tell their language, {_MEANS}; or try another multilingual model, or search with "
        "translations of the query too.",
        "vectors": f"Where vectors tell their language, {_MEANS}; or make them with a model that was trained across "
        "languages.",
        "run": "Where rankings of single languages are merged, merge them by rank, or by scores standardised within "
        "each language: scores of different languages are not comparable. Else search with translations of the query "
        "too.",
    },
    "own language lost": {
        "model": "Give monolingual batches a larger share in training (`--kind hybrid` with a larger `--alpha`), and "
        "look at the languages that find less first.",
        "lexical": "See in which language the first passages are, and whether names and numbers alone match; cut words "
        "of these languages by rules of their own.",
        "endpoint": f"Where one language takes the first places of all queries, {_MEANS}; or try another model.",
        "vectors": f"Where one language takes the first places of all queries, {_MEANS}; or try another model.",
        "run": "See in which language the first passages are: where rankings of single languages are merged, their "
        "scores may not be comparable. Merge by rank.",
    },
    "passages lost": {
        "model": "Fine-tune on pairs whose passages are in the languages that are found less; see first that their "
        f"texts are not cut (long words take more tokens). Without training, {_MEANS}.",
        "lexical": f"Search with translations of the query into the languages that are found less, or {_BESIDE}.",
        "endpoint": f"See that passages in the languages that are found less are not cut (they may take more tokens). "
        f"Then {_MEANS}, or try another model.",
        "vectors": "See that the passages in the languages that are found less were encoded whole (they may take more "
        f"tokens). Then {_MEANS}.",
        "run": "See what the system does with passages in the languages that are found less: whether they are indexed "
        "whole, and how scores of different languages are merged.",
    },
    "behind the baseline": {
        "model": f"Where the baseline finds more, fine-tune the model, take another, or {_MERGE}.",
        "lexical": f"Where the baseline finds more, take it instead, or {_MERGE}.",
        "endpoint": f"Where the baseline finds more, take another model, or {_MERGE}.",
        "vectors": f"Where the baseline finds more, take vectors of another model, or {_MERGE}.",
        "run": "Where the baseline finds more, merge its ranking into the system's by rank, and audit that run.",
    },
}

# The same for all kinds.
_NOTES: Mapping[str, str] = {
    "language preferred": "Decide whether answers in the reader's language shall come first; if not, rank the answers "
    "found by something that knows no language.",
    "exposure": "Look at the first passages of the queries shown: uneven exposure is right where queries ask for what "
    "is written in one language.",
    "own share": "Judge the queries shown (--qrels): only relevance tells whether other languages are missed.",
    "doubted": "Look at these rows. Where the field 'language' is wrong, mend it, or leave it out: then the language "
    "is detected.",
    "unchecked": "Look at some rows in these languages: nothing here tells a wrong field 'language' in them.",
    "joined": "Nothing, if that is meant. Else name what differs by tags of which none includes the other.",
    "left out": _GIVE_LANGUAGES,
    "asked again": _GIVE_LANGUAGES,
    "few queries": "Add queries where there are few; some hundreds in a language tell differences of a few points.",
    "nothing found": "Look at queries that find nothing: with a lexical retriever they share no word with any passage.",
    "no passages": "Only the cross-lingual side of these queries can be measured.",
    "repeated": "Remove repeated passages: they take each other's places in every ranking.",
}


def step_for(cause: str, retriever: RetrieverKind) -> str:
    """What to do about a cause with a retriever of this kind."""
    return _NOTES[cause] if cause in _NOTES else _STEPS[cause][retriever]
