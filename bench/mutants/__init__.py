"""Mutants: each guard of the engine is taken away in turn, and a named test must fail."""
