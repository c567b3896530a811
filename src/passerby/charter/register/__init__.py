"""The register: which cameras there are, whose, where, what for, and how far each has come."""
