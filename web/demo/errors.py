"""What stops the demonstration, in words for the person who started it."""


class DemoError(Exception):
    """It cannot go on; the message says why and what to do. A register that is not its own was not touched."""
