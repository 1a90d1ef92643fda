"""The only writers of the hotline: keyword-only, one transaction each, `by` and `why` in the history."""
