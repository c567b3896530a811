"""Where things are kept: adapters for storage."""
