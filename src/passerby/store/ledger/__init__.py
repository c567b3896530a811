"""The ledger's storage on a file system: public folder, and beside its key the private files."""
