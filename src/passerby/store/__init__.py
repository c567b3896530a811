"""What is kept in numbers and states: one SQL database, written by the station, and adapters for the ledger's files."""
