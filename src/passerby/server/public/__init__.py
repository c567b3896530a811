"""What everybody may read without signing in: register, plans, reports, ledger; and what everybody may send: forms."""
