"""Texts of others made harmless where they are shown: one function a place, used by all that write there.

A model's name, an id or a passage may come from anywhere. In a sheet it must not become a formula, in Markdown neither
a link nor an image nor HTML, on a terminal no command. HTML pages escape by themselves (``reports.page``), LaTeX by
``reports.latex``.
"""

import re

# Embeddings, overrides and isolates: they turn the order in which the rest of a line is read.
_TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_SPELLED = {ord(sign): f"\\u{ord(sign):04x}" for sign in _TURNING}
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")

# What sheets begin a formula with, in the wide forms too, behind whatever they pass over.
_FORMULA = re.compile(r"[\s\x00-\x1f\"']*[=+\-@＝＋－＠]")
_NUMBER = re.compile(r"[+-]?(\d[\d,]*\.?\d*|\.\d+)([eE][+-]?\d+)?")

# A bracket that ends the text of a link, an image or a reference's definition; "[0.1, 0.2]" alone ends none.
_LINK = re.compile(r"\](?=\s*[(\[:])")
_BACKSLASH = re.compile(r"\\(?=[!-/:-@\[-`{-~]|$)")
# What is shown as a link without any brackets.
_ADDRESS = re.compile(r"(?i)\b(https?|ftp):(?=//)|\bwww\.")


def terminal_text(text: str) -> str:
    r"""Text that a terminal shows and does not obey: control characters but line breaks and tabs are spelled out.

    >>> terminal_text("red \x1b[31m"), terminal_text("two\nlines")
    ('red \\x1b[31m', 'two\nlines')
    """
    return _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", text).translate(_SPELLED)


def csv_cell(value: object) -> object:
    """A cell that a sheet shows and does not compute: a text that would be a formula gets an apostrophe before it.

    Numbers, and texts that are numbers, stay as they are.

    >>> csv_cell("=1+1"), csv_cell("-0.5"), csv_cell(-0.5), csv_cell("en")
    ("'=1+1", '-0.5', -0.5, 'en')
    """
    if not isinstance(value, str):
        return value
    shown = terminal_text(value)
    return f"'{shown}" if _FORMULA.match(shown) and not _NUMBER.fullmatch(shown.strip()) else shown


def markdown_escaped(text: str) -> str:
    r"""Text on one line that neither ends a cell early nor turns into HTML, a link or an image where Markdown is shown.

    >>> markdown_escaped("a|b <i> [0.1, 0.2]")
    'a\\|b &lt;i> [0.1, 0.2]'
    >>> markdown_escaped("![x](http://a.b)")
    '![x\\](http&#58;//a.b)'
    """
    line = _BACKSLASH.sub(r"\\\\", terminal_text(" ".join(text.split())))
    line = line.replace("&", "&amp;") if re.search(r"&#?\w+;", line) else line
    line = _LINK.sub(r"\\]", line.replace("|", "\\|").replace("<", "&lt;"))
    return _ADDRESS.sub(_unlinked, line)


def markdown_paragraphs(text: str) -> str:
    """The same of a text of several lines, which stay lines: paragraphs, and lists with a hyphen."""
    return "\n".join(
        f"{'- ' if line.startswith('- ') else ''}{markdown_escaped(line.removeprefix('- '))}"
        for line in text.split("\n")
    )


def _unlinked(match: re.Match[str]) -> str:
    """The sign by which an address is told, as an entity: shown as before, and no longer told."""
    return re.sub("[:.]", lambda sign: f"&#{ord(sign[0])};", match[0])
