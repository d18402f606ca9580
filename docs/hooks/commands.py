"""Puts the help of every command into the reference, as the command line itself has it."""

from typing import Any


def on_page_markdown(markdown: str, **_: Any) -> str:
    """The page, with its mark replaced by the documentation that typer makes from the commands."""
    if "<!-- commands -->" not in markdown:
        return markdown
    import typer
    from typer.cli import get_docs_for_click

    from equilingua.cli.app import app

    command = typer.main.get_command(app)
    documentation = get_docs_for_click(obj=command, ctx=typer.Context(command), name="equilingua")
    return markdown.replace("<!-- commands -->", documentation.partition("\n")[2])
