"""What all HTML pages share: one file that needs nothing else, no network, no server, no libraries when it is opened.

A page is a template that extends ``base.html.jinja``, which has the blocks ``contents`` (links to the page's sections),
``main`` (the sections) and ``data`` (what its scripts read), and ends with the provenance. ``parts.html.jinja`` has the
macros: ``section`` (by call), ``show`` a table, ``draw`` a figure, ``link`` a section, ``languages`` by their names.
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from equilingua.languages import language_name


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the numbers of one part come from: a summary, and names with values that unfold below it."""

    summary: str
    rows: tuple[tuple[str, str], ...]


def provenance(summary: str, record: Mapping[str, Any]) -> Provenance:
    """A nested record of provenance as rows."""
    return Provenance(summary, tuple(_flat(record)))


def rendered(
    template: str,
    *,
    title: str,
    records: Sequence[Provenance],
    scripts: Sequence[str] = (),
    kicker: str = "Retrieval across languages",
    **parts: Any,
) -> str:
    """The whole page.

    All data is escaped, and the page forbids itself (by its content security policy) every script but its own and
    every request, so that a text of a benchmark can never act.

    The template extends the base; records are shown at the page's end, and the kicker, which says what kind of page it
    is, above the heading. Scripts stand beside the one that every page has. A part that the template asks for and does
    not get is an error.
    """
    page = _environment().get_template(template)
    sources = [source(name) for name in ("page.js", *scripts)]
    return str(
        page.render(
            title=title,
            kicker=kicker,
            records=records,
            style=source("page.css"),
            scripts=[(text, _hash(text)) for text in sources],  # by its hash, the page's policy allows each
            **parts,
        )
    )


def language_names(languages: Sequence[str]) -> dict[str, str]:
    """English names of languages, sorted by tag."""
    return {language: language_name(language) for language in sorted(set(languages))}


def source(name: str) -> str:
    """A file of the templates' folder."""
    return (files("equilingua.reports") / "templates" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _environment() -> Any:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(source),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # Without spaces and with letters as they are, the texts of other scripts take half of the room.
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    return environment


def _flat(record: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Nested provenance as names and values; what is None or empty is left out.

    >>> list(_flat({"versions": {"torch": "2.13"}, "card": None, "languages": ["de", "en"]}))
    [('versions: torch', '2.13'), ('languages', 'de, en')]
    """
    for name, value in record.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}: ")
        elif isinstance(value, list | tuple) and any(isinstance(one, Mapping) for one in value):
            for number, one in enumerate(value, start=1):
                yield from _flat(one, f"{prefix}{name} {number}: ")
        elif value not in (None, "", [], ()):
            yield f"{prefix}{name}", ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
