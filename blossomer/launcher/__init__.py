"""Everything between ``make`` and a running server. Nothing here is imported by the product."""
