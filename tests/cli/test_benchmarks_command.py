import json
import re
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from equilingua.cli.benchmarks import benchmarks_command
from equilingua.errors import InputError

runner = CliRunner()
app = typer.Typer()
app.command()(benchmarks_command)


def listed(*options: str) -> Any:
    done = runner.invoke(app, [*options, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_all_benchmarks_are_listed() -> None:
    cards = {card["name"]: card for card in listed()}
    assert {"xquad-r", "mlqa-r", "miracl", "scifact", "nano-scifact", "belebele", "mewsli-x", "tatoeba"} <= set(cards)
    assert cards["scifact"]["group"] == "beir"
    shown = runner.invoke(app, [], env={"COLUMNS": "200"})
    assert "mewsli-x-100k" in shown.stdout


@pytest.mark.parametrize("columns", ["40", "80"])
def test_nothing_is_cut_where_the_output_is_no_terminal(columns: str) -> None:
    for options in ([], ["miracl"]):
        shown = runner.invoke(app, options, env={"COLUMNS": columns}).stdout
        assert "…" not in shown
    assert {card["name"] for card in listed()} <= set(runner.invoke(app, [], env={"COLUMNS": columns}).stdout.split())


@pytest.mark.parametrize("options", [[], ["miracl"], ["beir"], ["mlqa-r"]])
def test_no_table_is_wider_than_an_editor_shows(options: list[str]) -> None:
    shown = runner.invoke(app, options).stdout.splitlines()
    assert max(map(len, shown)) <= 160
    if not options:
        names = {card["name"] for card in listed()}
        assert names <= {line.strip("│ ").split()[0] for line in shown if line.startswith("│ ")}


def test_nothing_is_cut_on_a_narrow_terminal() -> None:
    for options in ([], ["miracl"]):
        shown = runner.invoke(app, options, env={"COLUMNS": "30", "FORCE_COLOR": "1", "TTY_COMPATIBLE": "1"}).stdout
        assert "…" not in shown
        assert max(map(len, re.sub(r"\x1b\[[\d;]*m", "", shown).splitlines())) <= 30


def test_a_group_lists_its_members() -> None:
    assert [card["name"] for card in listed("squadshifts")] == [
        "squadshifts-amazon",
        "squadshifts-reddit",
        "squadshifts-new-wiki",
    ]


def test_one_card_is_shown_in_full() -> None:
    card = listed("miracl")
    assert (card["measure"], card["hub"]["revision"]) == ("nDCG@10", "9c09abc13478308c27598f350e31d8f06b9b5481")
    shown = " ".join(runner.invoke(app, ["miracl"], env={"COLUMNS": "100"}).stdout.split())
    for part in ("nothing: every language", "mteb/MIRACLRetrieval, split dev", "BAAI/bge-m3", "DATA/miracl (miracl"):
        assert part in shown


def test_what_is_not_known_is_said_so() -> None:
    shown = " ".join(runner.invoke(app, ["fiqa"], env={"COLUMNS": "100"}).stdout.split())
    assert "licence not verified" in shown
    shown = " ".join(runner.invoke(app, ["ntrex"], env={"COLUMNS": "100"}).stdout.split())
    assert "no model is known here, which does not mean that none is" in shown


def test_an_unknown_name_is_told() -> None:
    done = runner.invoke(app, ["xqad-r"])
    assert isinstance(done.exception, InputError)
    with pytest.raises(InputError, match=r"Did you mean 'xquad-r'\?"):
        raise done.exception
