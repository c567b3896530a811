"""Tells other systems of alerts: signed webhooks and MQTT, quiet hours, escalation. Reads numbers, no picture."""
