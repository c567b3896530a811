"""A ledger that strangers can check: a C2SP tiled transparency log, its witnesses, mirrors and monitors.

Imports nothing of the project. Storage, lock, clock and HTTP are passed in (`ports`); adapters are in `passerby.store`.
`verify` is the only verifier, and runs alone.
"""
