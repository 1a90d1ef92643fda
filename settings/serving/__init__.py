"""The server of `make run` and of trials."""
