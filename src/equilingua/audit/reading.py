"""An audit read back from its folder."""

from pathlib import Path
from typing import Any

from equilingua.audit.findings import Finding
from equilingua.audit.record import AUDIT, RESULT, SCHEMA, Audit
from equilingua.audit.standings import Standing
from equilingua.audit.texts import TextCounts
from equilingua.errors import Problems
from equilingua.evaluation.bias import LanguageBias
from equilingua.evaluation.result import EvaluationResult
from equilingua.files import saved_document

_PARTS: dict[str, Any] = {
    "model": str,
    "measure": str,
    "passages": TextCounts,
    "queries": TextCounts,
    "standings": tuple[Standing, ...],
    "findings": tuple[Finding, ...],
    "bias": LanguageBias,
    "baseline": dict[str, tuple[Standing, ...]],
    "provenance": dict[str, Any],
}


def holds_audit(folder: Path) -> bool:
    """Whether an audit was saved in the folder."""
    return (folder / AUDIT).is_file()


def read_audit(folder: Path) -> Audit:
    """The audit of a folder, with its result if it has one, checked."""
    document = saved_document(folder / AUDIT, schema=SCHEMA, command="audit")
    problems = Problems(str(folder / AUDIT))
    parts = {name: _part(name, kind, document, problems) for name, kind in _PARTS.items()}
    problems.raise_if_any()
    result = EvaluationResult.load(folder / RESULT) if (folder / RESULT).is_dir() else None
    return Audit(**parts, result=result)


def _part(name: str, kind: Any, document: dict[str, Any], problems: Problems) -> Any:
    """One part again, of the type it was written with; what is wrong with it is noted."""
    from pydantic import TypeAdapter, ValidationError

    if name not in document:
        problems.add(f"no {name!r}: was the file edited? Audit again")
        return None
    try:
        return TypeAdapter(kind).validate_python(document[name])
    except ValidationError as error:
        for problem in error.errors():
            place = ".".join([name, *map(str, problem["loc"])])
            problems.add(f"{place}: {problem['msg']}: was the file edited? Audit again")
        return None
