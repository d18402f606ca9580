"""An audit as tables and words: findings, standings, exposure, the languages of the texts, next steps."""

from collections.abc import Iterator

from equilingua.auditing.findings import advice
from equilingua.auditing.record import NO_JUDGEMENTS, Audit, exposure_rows, standing_rows
from equilingua.auditing.texts import TextCounts
from equilingua.languages import language_name
from equilingua.metrics.preference import MEANS
from equilingua.reports.writing import Words
from equilingua.tables import Table

_HEADINGS = {"problem": "Problems", "note": "Notes"}


def finding_groups(audit: Audit) -> list[Words]:
    """Problems, then notes; none of them without findings."""
    groups = [
        Words(heading, tuple(finding.message for finding in audit.findings if finding.severity == severity))
        for severity, heading in _HEADINGS.items()
    ]
    return [group for group in groups if group.lines]


def finding_words(audit: Audit) -> list[Words]:
    """Problems, then notes; what is said where there are no problems."""
    problems = [] if audit.problems else [Words(_HEADINGS["problem"], (no_problem(audit),))]
    return [*problems, *finding_groups(audit)]


def no_problem(audit: Audit) -> str:
    """What an audit without problems says, which is less where none could have been told."""
    return f"{audit.without_problems[0].upper()}{audit.without_problems[1:]}." if audit.standings else NO_JUDGEMENTS


def standing_table(label: str, audit: Audit) -> Table:
    """A row a query language, worst first: its value, how far it is from the mean, and the baseline's value."""
    header, *rows = standing_rows(audit)
    return Table(
        title=f"{label}: query languages, worst first",
        header=tuple(header),
        rows=tuple(tuple(cell.rstrip() for cell in row) for row in rows),
        note=f"{audit.measure} in the mixed corpus. * behind the mean of all query languages beyond chance; the "
        "intervals against the mean hold together with 95 % (Bonferroni)."
        + (" A single query has no interval." if any(one.interval is None for one in audit.standings) else ""),
        name=f"standings {label}",
    )


def audit_exposure_table(label: str, audit: Audit) -> Table:
    """A row a passage language: its shares of the first places and of the corpus, and the difference."""
    header, *rows = exposure_rows(audit.bias)
    return Table(
        title=f"{label}: passage languages in the first {audit.bias.k} places",
        header=tuple(header),
        rows=tuple(map(tuple, rows)),
        note=f"{MEANS} Uneven exposure is right where the queries ask for what is written in one language.",
        name=f"exposure {label}",
    )


def text_table(audit: Audit) -> Table:
    """A row a language: how many passages and queries take part, and what was detected or left out."""
    sides = {"passages": audit.passages, "queries": audit.queries}
    tags = sorted({tag for counts in sides.values() for tag in counts.languages})
    rows = [
        (f"{language_name(tag)} ({tag})", *(f"{counts.languages.get(tag, 0):,}" for counts in sides.values()))
        for tag in tags
    ]
    return Table(
        title="Passages and queries by language",
        header=("language", *sides),
        rows=(*rows, ("all", *(f"{counts.total:,}" for counts in sides.values()))),
        note=" ".join(sentence for what, counts in sides.items() for sentence in _text_notes(what, counts)),
        name="texts",
    )


def next_steps(audit: Audit) -> list[tuple[str, tuple[str, ...]]]:
    """Every next step once, with the names of the languages it concerns, perhaps none."""
    return [
        (item.step, tuple(map(language_name, dict.fromkeys(tag for one in item.findings for tag in one.languages))))
        for item in advice(audit.findings)
    ]


def _text_notes(what: str, counts: TextCounts) -> Iterator[str]:
    if counts.detected:
        yield f"{what.capitalize()} that came without a language, which was detected: {counts.detected:,}."
    left_out = {
        "of a language that could not be told": counts.undetermined,
        "of languages found in a few texts only": sum(counts.rare.values()),
        "asked in their language already": counts.asked_again,
    }
    reasons = ", ".join(f"{count:,} {why}" for why, count in left_out.items() if count)
    if reasons:
        yield f"Left out of the {what}: {reasons}."
