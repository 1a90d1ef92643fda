"""Files as evidence: checked in a process of its own, kept by their content, shown to the virus scanner."""
