"""Numbers for other systems: Prometheus, NGSI-LD, tables by range."""
