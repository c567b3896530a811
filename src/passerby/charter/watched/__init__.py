"""What an outsider can say about a site from its ledger alone: cameras, permits, looks, deletions, duties."""
