"""What answers each address: public pages, the staff's, the hotline's desk. No rule lives here."""
