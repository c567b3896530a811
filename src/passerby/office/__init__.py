"""The office's folder: the charter's rules applied to what is stored, each act told in the same transaction."""
