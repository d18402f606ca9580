"""JSON as everything here reads it: strictly, so that nothing is lost without a word, and nothing crashes later."""

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from equilingua.errors import InputError, Problems, foreign_errors
from equilingua.files import existing_file

MOST_NESTED = 100
"""So many lists and objects may stand inside one another. No data have more, and much in Python gives up at a thousand,
only after hours perhaps: what prints a value, copies it or writes it."""

UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
UTF16 = "is UTF-16 text: save it as UTF-8"

TOO_DEEP = f"more than {MOST_NESTED} lists and objects stand inside one another"
TOO_LONG = "an integer has more digits than can be read"
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_SCANNED = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]')


def parse_json(text: str, *, file: object = None) -> Any:
    """The value of a JSON text: of a line, or of a whole file, which is then told with what is wrong.

    Raises:
        InputError: if it is no JSON, or JSON that is read by nobody in the same way: a key twice in an object, half of
            a surrogate pair (no character, so that no file can hold it), more than ``MOST_NESTED`` lists and objects
            inside one another, or an integer of more digits than Python reads.
    """
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        where = f" at character {error.pos}" if file is None else ""
        raise _refused(f"broken JSON{where}: {error.msg}", file, error.lineno) from error
    except _TwiceError as error:
        raise _refused(f"key {error.key!r:.80} stands twice in an object", file, _second(text)) from error
    except RecursionError as error:
        raise _refused(TOO_DEEP, file) from error
    except ValueError as error:
        raise _refused(TOO_LONG, file) from error
    if text.count("[") + text.count("{") > MOST_NESTED and nests_deeper(value):
        raise _refused(TOO_DEEP, file)
    if _HALF.search(text) and (halves := [place for place, one in _texts(value, "") if not _encodes(one)]):
        more = f" (and {len(halves) - 1:,} more)" if len(halves) > 1 else ""
        raise _refused(f"{halves[0]}{more} holds half of a surrogate pair, which is no character", file)
    return value


def utf8_text(content: bytes, *, file: object) -> str:
    """The text of a whole file, without the byte order mark that Windows editors write first.

    Raises:
        InputError: if it is not UTF-8, with the line of the byte that is wrong.
    """
    if content.startswith(UTF16_MARKS):
        raise _refused(UTF16, file)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # Its places count from behind the mark.
        wrong = content[content.startswith(codecs.BOM_UTF8) * len(codecs.BOM_UTF8) + error.start :]
        line = content.count(b"\n", 0, len(content) - len(wrong)) + 1
        raise _refused(f"byte 0x{wrong[0]:02x} is not UTF-8", file, line) from error


def read_document(path: Path) -> Any:
    """What a JSON file on disk holds; raises ``InputError``, which names it, if it is missing or cannot be read."""
    with foreign_errors(f"{path}: cannot be read"):
        return parse_json(utf8_text(existing_file(path).read_bytes(), file=path), file=path)


def saved_document(path: Path, *, schema: int, command: str) -> dict[str, Any]:
    """The JSON object that a command such as ``evaluate`` saved, of the schema that this version reads.

    Raises ``InputError`` if there is no such file, or it holds anything else.
    """
    if not path.is_file():
        raise InputError(f"{path.parent}: holds no {path.name}: is it a folder that `equilingua {command}` wrote?")
    again = f"{command.capitalize()} again with"
    try:
        document = read_document(path)
    except InputError as error:
        raise InputError(f"{error}. {again} --overwrite") from error
    written = document.get("schema") if isinstance(document, dict) else None
    if written != schema:
        raise InputError(f"{path}: schema {written!r:.80}, but this version reads schema {schema}. {again} it")
    return dict(document)


def saved_parts(document: Mapping[str, Any], types: Mapping[str, Any], path: Path, *, command: str) -> dict[str, Any]:
    """The parts of a document that a command saved, by name, each of the type that it was written with.

    Raises ``InputError`` with every part that is missing or of another type.
    """
    from pydantic import TypeAdapter, ValidationError

    problems, parts = Problems(str(path)), {}
    advice = _edited(command)
    for name, kind in types.items():
        if name not in document:
            problems.add(f"no {name!r}: {advice}")
            continue
        try:
            with foreign_errors(f"{name}: {advice}"):
                parts[name] = TypeAdapter(kind).validate_python(document[name])
        except InputError as error:
            broken = error.__cause__
            found = broken.errors(include_input=False) if isinstance(broken, ValidationError) else []
            for problem in found:
                problems.add(f"{'.'.join([name, *map(str, problem['loc'])])}: {problem['msg']}: {advice}")
            if not found:
                problems.add(str(error))
    problems.raise_if_any()
    return parts


def check_kept(document: Any, record: Any, path: Path, *, command: str) -> None:
    """Refuse a document that says more, or something else, than the record that was read of it.

    Such are parts that nobody knows, numbers written as texts, and what is no number (NaN). Raises ``InputError`` with
    every place of it.
    """
    problems = Problems(str(path))
    for place in _differences(document, json.loads(json.dumps(record)), ""):
        problems.add(f"{place}: is not what was written: {_edited(command)}")
    problems.raise_if_any()


def _edited(command: str) -> str:
    return f"was the file edited? {command.capitalize()} again"


def _differences(one: Any, other: Any, place: str) -> Iterator[str]:
    match one, other:
        case dict(), dict():
            for key in {**one, **other}:
                inside = f"{place}.{key}".removeprefix(".")
                if key in one and key in other:
                    yield from _differences(one[key], other[key], inside)
                else:
                    yield inside
        case list(), list() if len(one) == len(other):
            for number, (mine, theirs) in enumerate(zip(one, other, strict=True)):
                yield from _differences(mine, theirs, f"{place}[{number}]")
        case _ if one != other or isinstance(one, bool) != isinstance(other, bool):
            yield place


def nests_deeper(value: Any, most: int = MOST_NESTED) -> bool:
    """Whether more than so many lists and objects stand inside one another."""
    level = [value]
    for _ in range(most + 1):
        level = [inner for outer in level for inner in _within(outer)]
        if not level:
            return False
    return True


class _TwiceError(Exception):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        keys = [key for key, _ in pairs]
        raise _TwiceError(next(key for place, key in enumerate(keys) if key in keys[:place]))
    return value


_DECODER = json.JSONDecoder(object_pairs_hook=_object)


def _within(value: Any) -> Iterator[Any]:
    match value:
        case dict():
            yield from value.values()
        case list():
            yield from value


def _refused(problem: str, file: object, line: int | None = None) -> InputError:
    place = "" if file is None else f"{file}: " if line is None else f"{file}:{line}: "
    return InputError(f"{place}{problem}")


def _second(text: str) -> int | None:
    """The line on which a key stands for the second time; None where it is written in two ways, once with an escape."""
    keys: list[set[str] | None] = []
    for token, following in pairwise(_SCANNED.finditer(text)):
        match token[0]:
            case "{" | "[":
                keys.append(set() if token[0] == "{" else None)
            case "}" | "]":
                keys.pop()
            case string if following[0] == ":" and keys and (seen := keys[-1]) is not None:
                if string in seen:
                    return text.count("\n", 0, token.start()) + 1
                seen.add(string)
    return None


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Every text, keys among them, with the way to it."""
    match value:
        case str():
            yield place or "the text", value
        case list():
            for number, inner in enumerate(value):
                yield from _texts(inner, f"{place}[{number}]")
        case dict():
            for key, inner in value.items():
                yield f"a key{' of ' if place else ''}{place}", key
                yield from _texts(inner, f"{place}.{key}".removeprefix("."))


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
