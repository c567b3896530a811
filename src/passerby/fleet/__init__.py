"""Many machines: who runs which cameras, proven for each write; placed and restarted by Ray (docs/fleet.md)."""
