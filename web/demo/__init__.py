"""What the demonstration needs and a real register does not."""
