"""The API, and the outer layer around pages and API. Neither knows the states of the pages."""
