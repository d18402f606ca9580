"""Short names of results, where their full ones are paths that make tables too wide to print."""

import re
from collections.abc import Sequence

_WITH_FOLDER = re.compile(r"(?P<model>.*?)(?: \((?P<folder>[^()]*)\))?")


def short_labels(labels: Sequence[str]) -> dict[str, str]:
    """Per label, the shortest end of its path (the last folder, if that will do) that no other label ends in.

    A label ``model (folder)`` has both shortened. Addresses with a scheme (``://``), and labels that are no paths, stay
    as they are.

    Args:
        labels: all different.

    >>> short_labels(["/data/runs/hybrid", "/data/runs/x-y", "bm25"])
    {'/data/runs/hybrid': 'hybrid', '/data/runs/x-y': 'x-y', 'bm25': 'bm25'}
    >>> list(short_labels(["one/model", "two/model"]).values())
    ['one/model', 'two/model']
    """
    return {label: _shortest(label, [other for other in labels if other != label]) for label in labels}


def _shortest(label: str, others: Sequence[str]) -> str:
    for depth in range(1, label.count("/") + label.count("\\") + 1):
        short = _end(label, depth)
        if short not in [_end(other, depth) for other in others]:
            return short
    return label


def _end(label: str, depth: int) -> str:
    """The label with so many folders of its paths, counted from their ends."""
    found = _WITH_FOLDER.fullmatch(label)
    if found is None or found["folder"] is None:
        return _path_end(label, depth)
    return f"{_path_end(found['model'], depth)} ({_path_end(found['folder'], depth)})"


def _path_end(path: str, depth: int) -> str:
    if "://" in path:
        return path
    parts = [part for part in re.split(r"[/\\]", path) if part]
    return "/".join(parts[-depth:]) if len(parts) > depth else path
