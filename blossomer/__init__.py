"""Blossomer: go-to-market intelligence from a company's website."""
