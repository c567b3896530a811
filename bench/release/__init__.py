"""Figures of releases: the noise, a simulated year, how useful the numbers are."""
