"""The kind of group that all commands live in."""

from __future__ import annotations

import click

from zenlab.core.errors import suggest


class SuggestingGroup(click.Group):
    """A group that suggests the command which was meant."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            if not args or self.get_command(ctx, args[0]) is not None:
                raise
            hint = suggest(args[0], self.commands)
            raise click.UsageError(f"No command '{args[0]}'. {hint}", ctx) from None
