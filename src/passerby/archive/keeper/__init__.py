"""The second institution's key service: nobody plays a recording back that the ledger doesn't say is looked at."""
