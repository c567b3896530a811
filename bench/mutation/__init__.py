"""Changes the code of ledger and charter, one small thing at a time, and counts how many changes the tests notice."""
