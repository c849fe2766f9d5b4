"""The cards of a detail page: overview, statements, sources, and what stands in their place."""
