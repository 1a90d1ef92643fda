"""A management command run as at the command line, in this process and this test's transaction."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any

from django.core.management import get_commands, load_command_class
from django.core.management.base import OutputWrapper


@dataclass(frozen=True)
class Answer:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed for scripts."""
        return json.loads(self.out)


def run(name: str, *arguments: object) -> Answer:
    """Run `manage.py name arguments…`."""
    out, err = io.StringIO(), io.StringIO()
    command: Any = load_command_class(get_commands()[name], name)
    command._called_from_command_line = True
    command.stdout, command.stderr = OutputWrapper(out), OutputWrapper(err)
    parser = command.create_parser("manage.py", name)
    options = vars(parser.parse_args([str(a) for a in arguments]))
    code = 0
    try:
        command.execute(**options)
    except SystemExit as end:
        code = int(end.code or 0)
    return Answer(code, out.getvalue(), err.getvalue())
