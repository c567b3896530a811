"""The outlet: all that may cross a darkroom's wall, in both directions.

Every message is a fixed type with a fixed head and, for some, a tail of bounded length. Nothing else exists:
an unknown kind, a wrong length or a field out of range ends the process that sent it.
"""
