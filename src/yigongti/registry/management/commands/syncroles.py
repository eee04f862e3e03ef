"""Bring the table of roles to what is declared and to what policy asks of them; run after every migration."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from yigongti.registry.actions.county import settle_roles


class Command(BaseCommand):
    help = "Bring roles, robots and the need of a second factor to what this version and policy declare."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{settle_roles()} roles changed")
