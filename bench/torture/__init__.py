"""Torture: deliver a long list while everything that can fail does, then count at the mail server and in the ledger."""
