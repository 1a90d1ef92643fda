"""The writers of contacts, address checks, merges and dismissals, by name."""

CONTACT_WRITERS = {
    "confirm_address",
    "dismiss_duplicate",
    "merge_intermediaries",
    "record_contact",
    "remove_contact",
    "revise_contact",
    "undo_merge",
}
