"""REST for signed-in users, over the real database and the real identity."""
