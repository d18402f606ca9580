"""An audit read back from its folder."""

import json
from pathlib import Path
from typing import Any

from equilingua.errors import InputError, Problems
from equilingua.evaluation.audit.findings import Finding
from equilingua.evaluation.audit.record import AUDIT, RESULT, SCHEMA, Audit
from equilingua.evaluation.audit.standings import Standing
from equilingua.evaluation.audit.texts import TextCounts
from equilingua.evaluation.bias import LanguageBias
from equilingua.evaluation.result import EvaluationResult

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
    document = _document(folder)
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


def _document(folder: Path) -> dict[str, Any]:
    path = folder / AUDIT
    if not path.is_file():
        raise InputError(f"{folder}: holds no {AUDIT}: is it a folder that `equilingua audit` wrote?")
    try:
        document = json.loads(path.read_bytes())
    except ValueError as error:
        raise InputError(f"{path}: no readable JSON: {error}. Audit again with --overwrite") from error
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema != SCHEMA:
        raise InputError(f"{path}: schema {schema!r}, but this version reads schema {SCHEMA}. Audit again with it")
    return dict(document)
