"""The guards."""

from __future__ import annotations

from bench.mutants.table import Guard

GUARDS: tuple[Guard, ...] = ()
