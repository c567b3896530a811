"""The demo: a real clip, redacted and counted, and a page that shows it."""
