"""Reflex states: thin. They validate what a client sends, call services and stores, and show."""
