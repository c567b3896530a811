"""The public report: a computation over the ledger that anybody repeats, byte for byte."""
