"""A command that has further ones below it: ``alert RESULT.json`` and ``alert ack``."""

from __future__ import annotations

from typing import ClassVar

import typer
from typer.core import TyperGroup


class WithDefault(TyperGroup):
    """Takes what is not the name of one of its commands for the arguments of the first."""

    default: ClassVar[str]

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]  # Typer's own context is that of its parent class
        """Put the name of the first command where none is named."""
        if not args or args[0] not in self.commands:
            args = [self.default, *args]
        return super().parse_args(ctx, args)


class AlertGroup(WithDefault):
    """``driftcli alert``."""

    default = "check"


class HistoryGroup(WithDefault):
    """``driftcli history``."""

    default = "show"
