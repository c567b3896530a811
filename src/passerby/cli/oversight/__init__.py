"""Commands of oversight: keys, the site root, permits."""
