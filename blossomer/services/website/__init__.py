"""Reading a website: guarded fetch, extraction, choice of pages, coverage."""
