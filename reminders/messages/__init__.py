"""What a reminder says: values in, words and bytes out. No clock, no database, no network."""
