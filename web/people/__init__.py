"""What stands behind the pages of the intermediaries: their accounts, signing in, and what the pages show."""
