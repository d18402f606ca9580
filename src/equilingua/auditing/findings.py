"""What an audit finds, in words: every sentence of its findings and next steps stands here, and nowhere else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from equilingua.languages import language_name

Severity = Literal["problem", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found.

    Attributes:
        severity: ``problem`` where an interval excludes chance, ``note`` for what limits or explains the figures.
        languages: concerned.
        message: what was found, with its figure.
        step: what to do next; the same words for whatever findings ask for the same.
    """

    severity: Severity
    languages: tuple[str, ...]
    message: str
    step: str


@dataclass(frozen=True, slots=True)
class Advice:
    """A next step, and the findings that it answers, at least one."""

    step: str
    findings: tuple[Finding, ...]


def advice(findings: Sequence[Finding]) -> tuple[Advice, ...]:
    """Every step once, with all the findings that ask for it; both in the order of the findings.

    >>> one, two = Finding("note", ("de",), "German.", "Do."), Finding("note", ("fi",), "Finnish.", "Do.")
    >>> [(one.step, len(one.findings)) for one in advice([one, two])]
    [('Do.', 2)]
    """
    by_step: dict[str, list[Finding]] = {}
    for finding in findings:
        by_step.setdefault(finding.step, []).append(finding)
    return tuple(Advice(step, tuple(answered)) for step, answered in by_step.items())


def worded(kind: str, *languages: str, **figures: Any) -> Finding:
    """A finding of a kind (a key of the sentences below), of these languages and with these figures.

    The sentence gets the name of the first language as ``language``, and as ``more`` which way a ``difference`` points.
    """
    severity, message, step = _SENTENCES[kind]
    named = {"language": language_name(languages[0])} if languages else {}
    more = "more" if figures.get("difference", 0) > 0 else "less"
    return Finding(severity, languages, message.format(more=more, **named, **figures), step)


def counted(languages: Mapping[str, int]) -> str:
    """Languages by name with their counts, such as ``German 3, Finnish 1,200``."""
    return ", ".join(f"{language_name(tag)} {count:,}" for tag, count in languages.items())


_OWN_LANGUAGE = (
    "In the mixed pool, relevant passages in the query's language are found {more} than relevant passages in other "
    "languages: R@10 {difference:+.3f} [{low:+.3f}, {high:+.3f}], same minus other, mean over query languages."
)
_GIVE_LANGUAGES = "Add a field 'language' (BCP 47) to these rows."

# Severity, message and next step of every kind. A step names no language: it is told once for all that ask for it.
_SENTENCES: Mapping[str, tuple[Severity, str, str]] = {
    "behind": (
        "problem",
        "{language} queries find less: {measure} {value:.3f}, {difference:+.3f} [{low:+.3f}, {high:+.3f}] against the "
        "mean of all query languages.",
        "Fine-tune on pairs in each language that finds less, with hybrid batches: equilingua train MODEL pairs.jsonl "
        "--kind hybrid --output DIR. Without such pairs, parallel sentences (in that language and another) serve as "
        "cross-lingual rows.",
    ),
    "own language preferred": (
        "problem",
        _OWN_LANGUAGE,
        "Train with cross-lingual batches beside monolingual ones (--kind hybrid, a smaller --alpha for a larger "
        "difference); monolingual batches alone teach language to be part of the meaning.",
    ),
    "own language neglected": (
        "problem",
        _OWN_LANGUAGE,
        "Give monolingual batches a larger share in training (--kind hybrid with a larger --alpha), and look at the "
        "languages behind the others first.",
    ),
    "behind the baseline": (
        "problem",
        "{baseline} finds more than the model for {language} queries: {measure} differs by {difference:+.3f} "
        "[{low:+.3f}, {high:+.3f}].",
        "Where the baseline finds more, take another model, fine-tune this one, or merge both rankings.",
    ),
    "exposure": (
        "note",
        "{language} passages are shown {more} than they are there, as a mean over query languages: {share:.1%} of the "
        "first {k} places, {pool_share:.1%} of the corpus ({difference:+.1f} [{low:+.1f}, {high:+.1f}] points).",
        "Look at the first passages of some queries: uneven exposure is right where queries ask for what is written in "
        "one language. Else balance the languages of the training batches.",
    ),
    "own share": (
        "note",
        "{language} queries get {share:.1%} of their first {k} passages in their own language, which makes up "
        "{pool_share:.1%} of the corpus.",
        "Judge some of these queries (--qrels): only relevance tells whether other languages are missed.",
    ),
    "doubted": (
        "note",
        "Not all {side} given as {language} seem to be: of {looked_at:,} looked at, {share:.0%} look like another "
        "language ({others}).",
        "Look at some of these rows. Where the field 'language' is wrong, mend it, or leave it out: then the language "
        "is detected.",
    ),
    "unchecked": (
        "note",
        "{side} whose given language was not compared with the texts, because the detector does not know it: {names}.",
        "Look at some of these rows: nothing here tells a wrong field 'language' in them.",
    ),
    "joined": (
        "note",
        "Queries in {language} ({tag}) are taken for {corpus_tag}, by which the corpus names that language: {count:,}.",
        "Nothing, if that is meant. Else name what differs by tags of which none includes the other.",
    ),
    "undetermined": (
        "note",
        "{side} left out because the detector is not sure of their language: {count:,} of {total:,}.",
        _GIVE_LANGUAGES,
    ),
    "rare": (
        "note",
        "{side} left out because few were found in their languages, and a detector errs now and then: {count:,} "
        "({counted}).",
        f"{_GIVE_LANGUAGES[:-1]}, if they are in these languages.",
    ),
    "asked again": (
        "note",
        "Queries left out because another query of their item has the language detected: {count:,}.",
        _GIVE_LANGUAGES,
    ),
    "few queries": (
        "note",
        "Only {count} {language} {queries}: intervals are wide, and no problem is told.",
        "Add queries where there are few; some hundreds in a language tell differences of a few points.",
    ),
    "no passages": (
        "note",
        "The corpus holds no {language} passages.",
        "Only the cross-lingual side of these queries can be measured.",
    ),
    "repeated": (
        "note",
        "Passages that repeat an earlier one: {count:,} of {total:,}.",
        "Remove repeated passages: they take each other's places in every ranking.",
    ),
}
