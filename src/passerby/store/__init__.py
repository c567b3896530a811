"""What is known in numbers and states: one SQL database, written by the station, read by the server. No pictures."""
