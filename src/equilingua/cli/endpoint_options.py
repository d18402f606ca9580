"""Options of an embeddings endpoint, of every command that takes a retriever, and the retriever that they make."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

import typer

from equilingua.errors import InputError

PANEL = "An endpoint (openai:MODEL@URL)"

EndpointBody = Annotated[
    list[str] | None,
    typer.Option(
        "--endpoint-body",
        help="A field of every request: KEY=VALUE, the value in JSON or a text (truncate=true), or a JSON object; "
        "repeatable.",
        rich_help_panel=PANEL,
    ),
]
QueryBody = Annotated[
    list[str] | None,
    typer.Option(
        "--query-body",
        help="A field of requests for queries only (input_type=search_query); repeatable.",
        rich_help_panel=PANEL,
    ),
]
PassageBody = Annotated[
    list[str] | None,
    typer.Option(
        "--passage-body",
        help="A field of requests for passages only (input_type=search_document); repeatable.",
        rich_help_panel=PANEL,
    ),
]
Dimensions = Annotated[
    int | None,
    typer.Option(
        "--dimensions", min=1, help="To ask for, of a model that gives several widths.", rich_help_panel=PANEL
    ),
]
LongTexts = Annotated[
    str | None,
    typer.Option(
        "--long-texts",
        help="What becomes of texts that are refused for their length: refuse, told when all others are encoded; or "
        "cut.",
        show_default="refuse",
        rich_help_panel=PANEL,
    ),
]
Timeout = Annotated[
    float | None,
    typer.Option(
        "--timeout",
        help="Seconds in which an answer must have come whole.",
        show_default="120",
        rich_help_panel=PANEL,
    ),
]

# Options by the name of the endpoint's attribute that they set.
_BODIES = {"body": "endpoint_body", "query_body": "query_body", "passage_body": "passage_body"}
_OTHERS = ("dimensions", "long_texts", "timeout")


def applied(retriever: Any, arguments: Mapping[str, Any]) -> Any:
    """The retriever that a command's arguments name, an endpoint with those of its options that were given.

    Raises ``InputError`` if an option of endpoints was given for another retriever.
    """
    from equilingua.retrieval.endpoint import EmbeddingsEndpoint

    given = [name for name in (*_BODIES.values(), *_OTHERS) if arguments[name] is not None]
    if not isinstance(retriever, EmbeddingsEndpoint):
        if given:
            flags = ", ".join(f"--{name.replace('_', '-')}" for name in given)
            raise InputError(f"{flags}: only for an endpoint (openai:MODEL@URL), not for {arguments['model']!r}")
        return retriever
    options: dict[str, Any] = {name: arguments[name] for name in _OTHERS if name in given}
    options |= {name: request_fields(arguments[option] or (), option) for name, option in _BODIES.items()}
    return replace(retriever, **options)


def request_fields(given: Sequence[str], option: str) -> dict[str, Any]:
    """Fields of a request, from texts such as ``input_type=search_query`` or a JSON object each.

    Raises ``InputError`` if one is neither, or a field is given twice.

    >>> request_fields(["truncate=true", "task=retrieval.query", '{"options": {"num_ctx": 512}}'], "endpoint_body")
    {'truncate': True, 'task': 'retrieval.query', 'options': {'num_ctx': 512}}
    """
    from equilingua.documents import parse_json

    flag = f"--{option.replace('_', '-')}"
    fields: dict[str, Any] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if text.lstrip().startswith("{"):
            try:
                found = parse_json(text)
            except InputError as error:
                raise InputError(f"{flag}: {error}") from error
        elif sign and name.strip():
            found = {name.strip(): _value(value)}
        else:
            raise InputError(
                f"{flag} {text!r}: write KEY=VALUE, such as input_type=search_query, or a JSON object such as "
                '\'{"input_type": "search_query"}\''
            )
        for key in found:
            if key in fields:
                raise InputError(f"{flag}: field {key!r} is given twice")
        fields |= found
    return fields


def _value(text: str) -> Any:
    """A value in JSON, or the text itself if it is none."""
    from equilingua.documents import parse_json

    try:
        return parse_json(text)
    except InputError:
        return text
