"""Lines of JSON with their places; what is broken is noted and left out."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from equilingua.errors import Problems
from equilingua.files import open_text, unreadable


def json_rows(path: Path, problems: Problems) -> Iterator[tuple[str, Any]]:
    """Each line that is not blank as (``file:line``, parsed value); .gz, .xz and .zst are decompressed."""
    with open_text(path) as lines:
        number = 0
        try:
            for number, line in enumerate(lines, start=1):
                if line.isspace():
                    continue
                try:
                    value = json.loads(line)
                except json.JSONDecodeError as error:
                    problems.add(f"{path}:{number}: broken JSON at character {error.pos}: {error.msg}")
                else:
                    yield f"{path}:{number}", value
        except unreadable() as error:
            # A cut-off archive or a wrong encoding shows only here, and ends the file.
            problems.add(f"{path}:{number + 1}: cannot be read further: {error}")
