"""``/api/{companies,accounts,…}``: a signed-in user's documents, one set of paths for each entity.

Everything is derived from the entity's configuration. What the paths do is in
``services/operations/``; here are addresses, bodies, headers and their documentation.
"""

from blossomer.api.documents.router import documents_router

__all__ = ["documents_router"]
