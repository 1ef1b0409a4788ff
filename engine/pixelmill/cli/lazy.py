"""Lazy: a group of commands, each in a file of its name, which is imported when it is called."""

import importlib
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

import click


class Lazy(click.Group):
    """Knows its commands by name and sentence; `--help` imports none of them."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.package: str = options.pop("package", "")
        self.known: Mapping[str, str] = options.pop("known", {})
        super().__init__(*args, **options)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.known)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.known:
            return None
        command: click.Command = importlib.import_module(f"{self.package}.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(self.known.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.known and not args[0].startswith("-"):
            near = get_close_matches(args[0], self.known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"there is no command {args[0]!r}{hint} (known: {', '.join(self.known)})")
        return super().resolve_command(ctx, args)
