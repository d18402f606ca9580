"""The record of an audit, and its files."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, get_type_hints

from equilingua.auditing.checks import FEW_QUERIES, Standing
from equilingua.auditing.findings import Advice, Finding, advice
from equilingua.auditing.first_places import FirstPlaces
from equilingua.auditing.retrievers import RetrieverKind
from equilingua.auditing.source import LANGUAGES, TextLanguages
from equilingua.auditing.texts import TextCounts
from equilingua.documents import check_kept, saved_document, saved_parts
from equilingua.errors import InputError
from equilingua.escaping import terminal_text
from equilingua.evaluation.bias import LanguageBias
from equilingua.evaluation.result import EvaluationResult, Provenance, remove_result
from equilingua.files import names_in_output, whole_file
from equilingua.folders import AUDIT
from equilingua.languages import language_name
from equilingua.metrics.preference import MEANS
from equilingua.tables import aligned_text, value_text

SCHEMA = 2
RESULT = "result"
# Lies there while an audit is written: what is found beside it, after a full disk or a kill, is the audit's own.
_BEGUN = ".audit-begun"
NO_JUDGEMENTS = "No judgements were given, so only exposure could be measured."


@dataclass(frozen=True, eq=False)
class Audit:
    """How fairly one model treats the languages of a corpus.

    Attributes:
        model: its name.
        retriever: what kind it is of, by which next steps are chosen.
        measure: by which query languages stand.
        passages: counts of the corpus.
        queries: counts of the queries.
        bias: exposure and the other measures of the mixed pool.
        standings: query languages, worst first; empty without judgements.
        findings: problems first.
        baseline: the baseline's standings by its name; empty without a baseline or judgements.
        provenance: versions, seeds, data hashes, hardware, command.
        result: all measures; None without judgements.
        languages: of every text that took part.
        first_places: without judgements, first passages of some queries of every language, to be looked at.
    """

    model: str
    retriever: RetrieverKind
    measure: str
    passages: TextCounts
    queries: TextCounts
    bias: LanguageBias
    standings: tuple[Standing, ...]
    findings: tuple[Finding, ...]
    baseline: Mapping[str, tuple[Standing, ...]]
    provenance: Mapping[str, Any]
    result: EvaluationResult | None
    languages: TextLanguages | None = None
    first_places: tuple[FirstPlaces, ...] = ()

    @property
    def problems(self) -> tuple[Finding, ...]:
        """The findings that are problems."""
        return tuple(finding for finding in self.findings if finding.severity == "problem")

    def to_dict(self) -> dict[str, Any]:
        """What ``audit.json`` holds; the result lies beside it."""
        parts = asdict(replace(self, result=None, languages=None))
        del parts["result"], parts["languages"]
        return {"schema": SCHEMA, **parts}

    def save(self, folder: str | Path, *, overwrite: bool = False) -> Path:
        """Write ``audit.json``, and the result (if there is one) in the folder ``result`` beside it.

        Raises:
            InputError: if the folder holds an audit and ``overwrite`` is not set.
        """
        folder = Path(folder)
        check_audit_output(folder, overwrite=overwrite)
        folder.mkdir(parents=True, exist_ok=True)
        broken_off = (folder / _BEGUN).exists()
        (folder / _BEGUN).touch()
        if self.result is not None:
            self.result.save(folder / RESULT, overwrite=overwrite or broken_off)
        else:
            remove_result(folder / RESULT)  # an older audit's would pass for this one's
        if self.languages is not None:
            self.languages.save(folder)
        with whole_file(folder / AUDIT) as work:
            work.write_text(
                json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False, indent=2) + "\n", encoding="utf-8"
            )
        (folder / _BEGUN).unlink()
        return folder

    @classmethod
    def load(cls, folder: str | Path) -> "Audit":
        """The audit saved in a folder.

        Raises:
            InputError: if it holds no audit, one of another schema, or files that were edited.
        """
        file = Path(folder) / AUDIT
        document = saved_document(file, schema=SCHEMA, command="audit")
        types = {name: kind for name, kind in get_type_hints(cls).items() if name not in ("result", "languages")}
        types["provenance"] = Provenance
        parts = saved_parts(document, types, file, command="audit")
        result = Path(folder) / RESULT
        judged = EvaluationResult.load(result) if result.is_dir() else None
        audit = cls(**parts, result=judged, languages=TextLanguages.load(file.parent))
        check_kept(document, audit.to_dict(), file, command="audit")
        return audit

    def __str__(self) -> str:
        """The problems and the next steps on top, then standings and exposure as tables, then the notes."""
        header, *rows = standing_rows(self)
        table = aligned_text(header, rows) if rows else NO_JUDGEMENTS
        shown, *exposed = exposure_rows(self.bias)
        problems = [f"PROBLEM: {one.message}" for one in self.problems]
        steps = [f"{number}. {item.step}" for number, item in enumerate(self.next_steps, start=1)]
        notes = [f"NOTE: {one.message}" for one in self.findings if one.severity == "note"]
        places = ["\n".join([str(one.query), *(f"  {place}" for place in one.passages)]) for one in self.first_places]
        exposure = f"{aligned_text(shown, exposed)}\n{MEANS}" if exposed else ""
        parts = [
            f"{self.model}: {self.summary}",
            *problems,
            "\n".join(["Next steps:", *steps]) if steps else "",
            table,
            exposure,
            *(["First passages of some queries, to be looked at:", *places] if places else []),
            *notes,
        ]
        return terminal_text("\n\n".join(part for part in parts if part))

    @property
    def next_steps(self) -> tuple[Advice, ...]:
        """What to do, each step once: what answers problems first."""
        return advice(self.findings)

    @property
    def summary(self) -> str:
        """The audit in a line."""
        count = len(self.problems)
        verdict = self.without_problems if not count else f"{count} problem{'s' if count > 1 else ''} found"
        return f"{verdict}; queries {_counted(self.queries)}, passages {_counted(self.passages)}"

    @property
    def without_problems(self) -> str:
        """What an audit without problems may say: that none was found where one could have been, else why none could.

        A problem is told of languages with enough judged queries, and takes something to compare with: another query or
        passage language, or a baseline.
        """
        if not self.standings:
            return "no problem could be told (no judgements)"
        few = {one.language: one.queries for one in self.standings if one.queries < FEW_QUERIES}
        if len(few) == len(self.standings):
            most = max(few.values())
            return f"no problem could be told (too few queries: {most} in a language at most, {FEW_QUERIES} are needed)"
        if len(self.standings) == len(self.passages.languages) == 1 and not self.baseline:
            return "no problem could be told (one language, and no baseline)"
        limits = ", ".join(f"{language} {count}" for language, count in few.items())
        return f"no problem found (too few queries to tell: {limits})" if few else "no problem found"


def holds_audit(folder: Path) -> bool:
    """Whether an audit was saved in the folder."""
    return (folder / AUDIT).is_file()


def standing_rows(audit: Audit) -> list[list[str]]:
    """Header and rows of the table of query languages, worst first.

    A language could show the smallest difference from the mean that so many queries show in four of five audits.
    """
    header = [
        "language",
        "queries",
        f"{audit.measure} [95 %]",
        "against the mean [95 %]",
        "could show",
        *audit.baseline,
    ]
    of_baseline = [{standing.language: standing.value for standing in rows} for rows in audit.baseline.values()]
    rows = [
        [
            _named(standing.language),
            f"{standing.queries:,}",
            value_text(standing.value, standing.interval, form=".3f"),
            value_text(standing.behind, standing.behind_interval, form="+.3f") + ("*" if standing.worse else " "),
            "-" if standing.smallest is None else f"{standing.smallest:.3f}",
            *(f"{values[standing.language]:.3f}" for values in of_baseline),
        ]
        for standing in audit.standings
    ]
    return [header, *rows]


def exposure_rows(bias: LanguageBias) -> list[list[str]]:
    """Header and rows of the table of passage languages: shares of the first places and of the corpus, in percent."""
    known = " [95 %]" if any(exposure.interval for exposure in bias.exposure.values()) else ""
    header = ["passages", f"% of first {bias.k} places", "% of corpus", f"difference{known}"]
    rows = []
    for language, exposure in bias.exposure.items():
        ends = exposure.interval and (100 * exposure.interval[0], 100 * exposure.interval[1])
        shares = (f"{100 * share:.1f}" for share in (exposure.share, exposure.pool_share))
        rows.append([_named(language), *shares, value_text(100 * exposure.difference, ends, form="+.1f")])
    return [header, *rows]


def check_audit_output(folder: Path, *, overwrite: bool) -> None:
    """Refuse a folder that must not be written to, best before hours of work.

    Raises:
        InputError: if it is a file, or holds an audit that is not to be overwritten, or anything else, or cannot be
            written.
    """
    held = names_in_output(folder, AUDIT)
    if AUDIT in held and not overwrite:
        raise InputError(f"{folder}: already holds an audit. Give another folder, or pass --overwrite")
    own = (RESULT, LANGUAGES) if (folder / _BEGUN).exists() else ()
    if AUDIT not in held and (others := [name for name in held if name not in own]):
        raise InputError(f"{folder}: is no audit (it holds {', '.join(others[:3])}). Give a new or empty folder")


def _counted(texts: TextCounts) -> str:
    """How many texts in which languages, and how many of those were detected."""
    languages = ", ".join(texts.languages)
    detected = f", {texts.detected:,} of them detected" if texts.detected else ""
    unsure = f"; {texts.undetermined:,} unsure, left out" if texts.undetermined else ""
    return f"{texts.total:,} ({languages}{detected}{unsure})"


def _named(language: str) -> str:
    return f"{language_name(language)} ({language})"
