"""The darkroom: the locked processes where raw frames live and die.

The only room that opens a decoder or a model. Raw-frame types (`darkroom._frames`) are private to it; what leaves is
in `passerby.outlet`.
"""
