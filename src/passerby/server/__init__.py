"""Pages and interface over what the station keeps. Reads only."""
