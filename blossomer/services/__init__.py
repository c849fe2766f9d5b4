"""HOW it is done: reading websites, calling models, writing, limiting. No Reflex here."""
