"""Measurements of the performance goals; `make bench` runs them all."""
