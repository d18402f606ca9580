"""What every table of settings has in common: nothing else may stand in it, and numbers are numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator

_LISTS: set[Any] = {list, tuple}
_TABLES: set[Any] = {dict, Mapping}


class SettingsTable(BaseModel):
    """A frozen record of settings that refuses unknown names.

    True and false, and numbers in quotation marks, are refused where a number is meant.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    @field_validator("*", mode="before")
    @classmethod
    def _numbers_are_numbers(cls, value: Any, info: ValidationInfo) -> Any:
        return _marked(value, cls.model_fields[str(info.field_name)].annotation)


@dataclass(frozen=True, slots=True)
class _NoNumber:
    """Stands for a value that would be taken for a number and is none, so that it is refused in its place."""

    value: bool | str

    def __repr__(self) -> str:
        return repr(self.value)


def _marked(value: Any, annotation: Any) -> Any:
    """The value with everything in it marked that is a truth value or a text where only numbers may stand."""
    choices = _choices(annotation)
    if isinstance(value, bool | str):
        others = {bool, str} & choices or any(get_origin(choice) is Literal for choice in choices)
        return _NoNumber(value) if {int, float} & choices and not others else value
    for choice in choices:
        if isinstance(value, list | tuple) and get_origin(choice) in _LISTS:
            return type(value)(_marked(one, get_args(choice)[0]) for one in value)
        if isinstance(value, Mapping) and get_origin(choice) in _TABLES:
            return {name: _marked(one, get_args(choice)[1]) for name, one in value.items()}
    return value


def _choices(annotation: Any) -> set[Any]:
    """The types that a value may have."""
    return set(get_args(annotation)) if get_origin(annotation) in (Union, UnionType) else {annotation}
