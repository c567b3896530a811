"""The keys of epochs: one random key each, in slots that can be destroyed; whoever reads needs them, and shares."""
