"""What every room may use: errors, identifiers, units. Knows nothing of cameras."""
