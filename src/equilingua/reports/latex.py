"""Tables for a paper: LaTeX with booktabs."""

import re
import unicodedata

from equilingua.escaping import terminal_text
from equilingua.tables import Table

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    **{sign: f"\\{sign}" for sign in "#$%&_"},
}
# Longer cells of words are broken into lines: all such columns share this part of the text's width.
_LONGEST, _SHARE = 40, 0.8
_NO_WIDER = r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%"
# A value and its interval, perhaps with a star; in a header, words and the level.
_WITH_INTERVAL = re.compile(r"(\S+|.+(?= \[95 %\])) (\[[^\]]*\]\*?)")


def latex_escaped(text: str) -> str:
    r"""The text as LaTeX prints it; line breaks become spaces.

    >>> latex_escaped("R@10 of a_b: 95 % {x}")
    'R@10 of a\\_b: 95 \\% \\{x\\}'
    """
    return "".join(_SPECIAL.get(sign, sign) for sign in terminal_text(" ".join(text.split())))


def latex_table(table: Table, *, label: str = "") -> str:
    r"""A floating table, intervals in small print below their values, columns of words to the left.

    Words of more than 40 letters are broken into lines, and a table that is wider than the text is made smaller. It
    needs ``\usepackage{booktabs,graphicx}``. The caption is the title and the first paragraph of the note; the label,
    for ``\ref``, is made of the table's name if not given.
    """
    title, note = f"{table.title}." if table.title else "", table.note.partition("\n\n")[0]
    lines = [
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{' '.join(latex_escaped(part) for part in (title, note) if part)}}}",
        rf"\label{{{label or table_label(table)}}}",
        _NO_WIDER,
        rf"\begin{{tabular}}{{{_columns(table)}}}",
        r"\toprule",
        _line(table.header),
        r"\midrule",
        *(_line(row) for row in table.rows),
        r"\bottomrule",
        r"\end{tabular}}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def table_label(table: Table) -> str:
    """By which LaTeX refers to a table: its name, in letters and digits that every TeX takes.

    >>> table_label(Table("XQuAD-R, 11 languages", ("",), (), name="exposure runs/hybrid"))
    'tab:exposure-runs-hybrid'
    """
    plain = unicodedata.normalize("NFKD", table.name or table.title).lower()
    return f"tab:{'-'.join(re.findall('[a-z0-9]+', plain)) or 'table'}"


def _columns(table: Table) -> str:
    """How each column is set."""
    long = [
        is_text and max((len(row[place]) for row in table.rows), default=0) > _LONGEST
        for place, is_text in enumerate(table.text_columns)
    ]
    width = rf"p{{{_SHARE / max(sum(long), 1):.2f}\linewidth}}"
    return "".join(
        width if is_long else "l" if is_text else "r" for is_long, is_text in zip(long, table.text_columns, strict=True)
    )


def _line(row: tuple[str, ...]) -> str:
    guard = "{}" if row[0].startswith(("[", "*")) else ""  # else they would be options of the line break before
    return guard + " & ".join(_cell(text) for text in row) + r" \\"


def _cell(text: str) -> str:
    match = _WITH_INTERVAL.fullmatch(text)
    if match is None:
        return _with_minus(latex_escaped(text))
    value, interval = (_with_minus(latex_escaped(part)) for part in match.groups())
    return rf"\shortstack[r]{{{value}\\{{\scriptsize {interval}}}}}"


def _with_minus(text: str) -> str:
    """Escaped text whose negative numbers have a minus, where text has a hyphen."""
    return re.sub(r"(?<![\w.])-(?=\d)", "$-$", text)
