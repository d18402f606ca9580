"""What every arm of a study was trained on and how: what most have in common once, then what sets each apart."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath, PureWindowsPath
from typing import Any

from equilingua.studies.arms import ArmSetup
from equilingua.studies.outcome import StudyOutcome
from equilingua.tables import Table
from equilingua.training.config import TrainingConfig

# What a training does, not what comes of it.
_NO_PART_IN_RESULTS = {
    "progress", "workers", "log_steps", "report_to", "checkpoint_steps", "checkpoints_kept", "keep_checkpoints",
    "trust_remote_code", "revision", "validation_steps", "validation_batches", "patience", "squad_language",
    "query_column", "passage_column", "language_column", "id_column",
}  # fmt: skip
_WITH_ALPHA = ("hybrid", "within-batch")
_ALWAYS = ("kind", "alpha")


def arms_tables(outcome: StudyOutcome) -> list[Table]:
    """What most arms share, then a row an arm with what its own is."""
    trained = [arm for arm in outcome.arms if not arm.made_of]
    shared = _most_common([_options(arm) for arm in trained])
    pairs = _shared_pairs(trained)
    defaults = {name: _text(value) for name, value in TrainingConfig.model_validate({}).model_dump().items()}
    rows = [
        (_named(name), value)
        for name, value in shared.items()
        if name in _ALWAYS or value != defaults.get(name, _text(None))
    ]
    rows += [("pairs", file) for file in pairs]
    own = tuple((arm.arm, "; ".join(_own(arm, shared, pairs)) or "as above") for arm in outcome.arms)
    common = Table(
        title="What arms share",
        name="shared settings",
        header=("setting", "of every arm, unless its row below says otherwise"),
        rows=tuple(rows),
        note="Settings that are not listed have their defaults.",
    )
    return [*([common] if rows else []), Table("What sets arms apart", ("arm", "what"), own, name="arms")]


def _options(arm: ArmSetup) -> dict[str, str]:
    """As they are read; what has no part in the arm's batches is left out."""
    settings = {
        name: _file_names(value) if name == "validation" else _text(value)
        for name, value in arm.options.items()
        if name not in _NO_PART_IN_RESULTS and (name != "alpha" or arm.options.get("kind") in _WITH_ALPHA)
    }
    return {**({"starts from": _start(arm.start)} if arm.start else {}), **settings}


def _most_common(settings: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Of every setting, the value that more than half of the arms which have it share; none of those that vary more."""
    shared = {}
    for name in dict.fromkeys(name for of_arm in settings for name in of_arm):
        values = Counter(of_arm[name] for of_arm in settings if name in of_arm)
        [(value, count)] = values.most_common(1)
        if 2 * count > values.total():
            shared[name] = value
    return shared


def _shared_pairs(trained: Sequence[ArmSetup]) -> tuple[str, ...]:
    """The list of pairs that more than half of the arms share; else what all have."""
    lists = Counter(arm.pairs for arm in trained)
    if not lists:
        return ()
    [(pairs, count)] = lists.most_common(1)
    return pairs if 2 * count > len(trained) else tuple(f for f in pairs if all(f in arm.pairs for arm in trained))


def _own(arm: ArmSetup, shared: Mapping[str, str], pairs: Sequence[str]) -> Iterator[str]:
    """What is an arm's own."""
    if arm.made_of:
        yield f"not trained: {arm.made_of}"
    else:
        yield from (f"{_named(name)} {value}" for name, value in _options(arm).items() if value != shared.get(name))
        yield from _own_pairs(arm.pairs, pairs)
    if arm.query_prompt is not None:
        yield f"before queries of evaluations {arm.query_prompt!r}"


def _own_pairs(own: Sequence[str], shared: Sequence[str]) -> Iterator[str]:
    """Entries that were added, replaced (the same file with other pairs kept or made of it) and left out."""
    added, missing = [entry for entry in own if entry not in shared], [entry for entry in shared if entry not in own]
    replaced = {_file(entry) for entry in added} & {_file(entry) for entry in missing}
    if added:
        how = "in place of the same file's above" if replaced else "also" if shared else "pairs"
        yield f"{how} {' and '.join(added)}"
    if left_out := [entry for entry in missing if _file(entry) not in replaced]:
        yield f"without {' and '.join(left_out)}"


def _file(entry: str) -> str:
    return entry.partition(" (")[0]


def _start(start: Mapping[str, Any]) -> str:
    """A model by its name, an encoder from scratch by its shape."""
    if "from_scratch" not in start:
        name, revision = _file_names([start.get("name", "a model object")]), start.get("revision")
        return f"{name}, revision {revision}" if revision else name
    shape = ", ".join(f"{_named(name)} {_text(value)}" for name, value in start.items() if name != "from_scratch")
    return f"{start['from_scratch']} encoder from scratch, {shape}"


def _file_names(values: Sequence[Any]) -> str:
    """Without the folders of this machine."""
    absolute = (PurePath, PureWindowsPath)
    return _text([PureWindowsPath(v).name if any(path(v).is_absolute() for path in absolute) else v for v in values])


def _named(option: str) -> str:
    return option.replace("_", " ")


def _text(value: Any) -> str:
    """An option's value as it is read.

    >>> _text({"en": 0.85, "default": 0.2}), _text(None), _text(("en", "de")), _text(1e-2)
    ('en 0.85, default 0.2', 'none', 'en, de', '0.01')
    """
    if isinstance(value, Mapping):
        return _text([f"{name} {_text(one)}" for name, one in value.items() if one is not None])
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value)) or "none"
    if isinstance(value, float):
        return f"{value:g}"
    return "none" if value is None or value == "" else str(value)
