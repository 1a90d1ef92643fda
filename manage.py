#!/usr/bin/env python3
"""Run a command of the project: ``python manage.py help`` lists them."""

import os
import sys
from contextlib import suppress

INTERRUPTED, BROKEN_PIPE = 130, 141
"""As a shell says of a process that a signal ended: 128 + SIGINT, 128 + SIGPIPE."""


def main() -> int:
    """Run it; what ends it is told in one line without a traceback (``--traceback`` shows it)."""
    _open_streams()
    try:
        return _flushed(_run())
    except BrokenPipeError:
        # Who was to read has read enough (| head): nothing is said, here or when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return BROKEN_PIPE
    except KeyboardInterrupt:
        return _say("Interrompu.", INTERRUPTED)


def _run() -> int:
    try:
        from settings.garbage import look_seldom

        look_seldom()
        from settings import last_words
    except ImportError as error:
        return _say(f"{error}. Lancez-moi avec .venv/bin/python, que `make demo` ou `make test` installe.", 2)
    try:
        last_words.run(sys.argv)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else _say(str(end.code), 1) if end.code else 0
    except BrokenPipeError:
        raise
    except Exception as error:
        if "--traceback" in sys.argv:
            raise
        return _say(*last_words.told(error))
    return 0


def _flushed(code: int) -> int:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return _say(f"La réponse n’a pas pu être écrite ({error.strerror})\u00a0: relancez vers un disque libre.", 1)
    return code


def _open_streams() -> None:
    """Have streams that take all we write: a closed one leads nowhere, letters that a terminal lacks become ?."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
        elif mode == "w":
            stream.reconfigure(errors="replace")


def _say(message: str, code: int) -> int:
    with suppress(OSError):
        sys.stderr.write(f"{message}\n")
        sys.stderr.flush()
    return code


if __name__ == "__main__":
    sys.exit(main())
