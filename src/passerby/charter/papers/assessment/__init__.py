"""The assessment: one schema for what several laws ask before a camera may run one analysis."""
