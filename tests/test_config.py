from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pytest
from pydantic import Discriminator, Field, Tag, field_validator

from equilingua.config import Config, Items, Language, OneOrMany, RawConfig
from equilingua.errors import InputError
from equilingua.training.load import load_config


class Circle(Config):
    radius: float = Field(gt=0)
    """From the middle to the edge."""


class Square(Config):
    side: float = Field(gt=0)
    turned: bool = False


Shape = Annotated[
    Annotated[Circle, Tag("radius")] | Annotated[Square, Tag("side")],
    Discriminator(lambda shape: "radius" if "radius" in shape else "side"),
]


class Drawing(Config):
    name: str
    """Of the drawing."""

    kind: Literal["ink", "lead"] = "ink"
    pages: int = Field(1, ge=1)
    languages: OneOrMany[Language] = ()
    shapes: Items[Shape] = ()
    colours: dict[str, Circle] = Field(default_factory=dict)


def refused(**options: Any) -> list[str]:
    raw = RawConfig("drawing")
    raw.add_arguments(options, place="here")
    with pytest.raises(InputError) as error:
        raw.check(Drawing)
    assert str(error.value).splitlines()[1:] == list(error.value.problems)
    return list(error.value.problems)


def test_what_is_missing_is_told_with_what_it_means() -> None:
    assert refused() == ["name: is missing. Of the drawing."]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"pages": True}, "here: pages: must be a whole number, got True"),
        ({"pages": 2.0}, "here: pages: must be a whole number, got 2.0"),
        ({"pages": "2"}, "here: pages: must be a whole number, got '2'"),
        ({"kind": "inc"}, "here: kind: unknown value 'inc'. Did you mean 'ink'? Allowed: ink, lead."),
        ({"languages": ["en", "xq"]}, "here: languages.2: unknown language 'xq'"),
        ({"shapes": {"side": 1}}, "here: shapes: must be a list, in brackets"),
        ({"shapes": [{"side": 1}, {"side": 0}]}, "here: shapes.2.side: must be greater than 0, got 0"),
        ({"shapes": [{"side": 1, "trned": True}]}, "here: unknown option 'shapes.1.trned'. Did you mean"),
        (
            {"shapes": [{"side": 1, "raduis": 2}]},
            "here: unknown option 'shapes.1.raduis'. Did you mean 'shapes.1.radius'?",
        ),
        (
            {"shapes": [{"radius": 1, "turned": True}]},
            "here: shapes.1.turned: has no part without 'side'. Allowed with 'radius': radius.",
        ),
        (
            {"shapes": [{"radius": 1, "side": 2}]},
            "here: shapes.1.side: 'radius' and 'side' were both given: give one, and the other in a table of its own",
        ),
    ],
)
def test_a_problem_is_told_in_the_words_of_the_file_with_its_place(options: dict[str, Any], problem: str) -> None:
    [told] = refused(name="a", **options)
    assert told.startswith(problem)


def test_a_table_may_be_named_as_an_option_of_it_is() -> None:
    assert refused(name="a", colours={"radius": {"radius": -1}}) == [
        "here: colours.radius.radius: must be greater than 0, got -1"
    ]


def test_numbers_of_numpy_are_numbers() -> None:
    raw = RawConfig("drawing")
    raw.add_arguments({"name": "a", "pages": np.int64(3)})
    assert raw.check(Drawing).pages == 3


def test_a_value_inside_a_table_of_an_earlier_place_joins_the_others(tmp_path: Path) -> None:
    (tmp_path / "d.toml").write_text('name = "a"\n[colours]\nred = { radius = 1 }\n')
    raw = RawConfig("drawing")
    raw.add_file(tmp_path / "d.toml")
    raw.add_overrides(["colours.blue.radius=2", "colours.red.radius=3"])
    assert {name: circle.radius for name, circle in raw.check(Drawing).colours.items()} == {"red": 3, "blue": 2}


def test_a_whole_table_takes_the_place_of_what_was_set_in_it() -> None:
    raw = RawConfig("drawing")
    raw.add_arguments({"name": "a", "colours.red": {"radius": 1}})
    raw.add_arguments({"colours": {"blue": {"radius": 2}}})
    assert [*raw.check(Drawing).colours] == ["blue"]


def test_a_value_that_the_problem_tells_is_not_told_again() -> None:
    class Tour(Config):
        place: str

        @field_validator("place")
        @classmethod
        def _is_there(cls, place: str) -> str:
            raise InputError(f"data/{place}: no such file")

    with pytest.raises(InputError, match=r"data/map\.txt: no such file$"):
        Tour(place="map.txt")
    with pytest.raises(InputError, match=r"got 'm'$"):
        Tour(place="m")


TOO_DEEP = "more than 100 lists and objects stand inside one another"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"pages = " + b"1" * 5_000, "not TOML: an integer has more digits than can be read"),
        (b"a = " + b"[" * 100_000, "not TOML: lists or objects stand inside one another without end"),
        (b"a = " + b"[" * 300 + b"]" * 300, f"not TOML: {TOO_DEEP}"),
        (b"a" + b".a" * 5_000 + b" = 1", f"not TOML: {TOO_DEEP}"),
        (b"[a" + b".a" * 5_000 + b"]", f"not TOML: {TOO_DEEP}"),
        ("name = 'ä'".encode("utf-16"), "is UTF-16 text: save it as UTF-8"),
        (b"\xef\xbb\xbfname = 'a'\r\n\r\nkind = 'in\xe4k'", "byte 0xe4 is not UTF-8"),
        (b"name = 'a\0'", "not TOML: "),
        (b'name = "\\ud800"', "not TOML: "),
        (b"name = 'a'\rkind = 'ink'", "not TOML: "),
    ],
)
def test_toml_that_crashes_its_parser_or_what_reads_on_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "d.toml").write_bytes(content)
    with pytest.raises(InputError) as error:
        RawConfig("drawing").add_file(tmp_path / "d.toml")
    assert str(error.value).startswith(f"{tmp_path}/d.toml:{'3:' if 'xe4' in told else ''} {told}")


def test_an_override_that_is_no_toml_is_a_text() -> None:
    raw = RawConfig("drawing")
    raw.add_overrides([f"name={'[' * 1000}", f"pages={'1' * 5_000}"])
    with pytest.raises(InputError, match=r"--set pages=1+: pages: must be a whole number, got '1+'"):
        raw.check(Drawing)
    with pytest.raises(InputError, match="name: must be a text"):
        (deep := RawConfig("drawing")).add_overrides([f"name{'.a' * 5_000}=1"])
        deep.check(Drawing)


def test_an_option_after_a_line_separator_in_a_text_has_its_own_line(tmp_path: Path) -> None:
    (tmp_path / "d.toml").write_text('name = "a\u2028b\x85c"\n\npages = 0\n', encoding="utf-8")
    raw = RawConfig("drawing")
    raw.add_file(tmp_path / "d.toml")
    with pytest.raises(InputError, match=r"d\.toml:3: pages: must be at least 1"):
        raw.check(Drawing)


@pytest.mark.parametrize(
    "text", ["trust_remote_code = true", "[training]\ntrust_remote_code = true", "a.trust_remote_code = 1"]
)
def test_a_file_cannot_let_code_of_a_model_run(text: str, tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(text)
    raw = RawConfig("configuration")
    raw.add_file(path)
    with pytest.raises(InputError, match=r"c\.toml:\d.*a file cannot let code that comes with a model run"):
        raw.check(Config)


def test_the_command_line_can_let_code_of_a_model_run(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text("trust_remote_code = false\nseed = 3\n")
    assert load_config(path).trust_remote_code is False
    assert load_config(path, ["trust_remote_code=true"]).trust_remote_code is True
