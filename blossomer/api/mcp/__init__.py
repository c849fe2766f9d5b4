"""The tools that AI clients call at ``/mcp``: the operations of the REST API, by another protocol.

Speaks the Model Context Protocol over streamable HTTP with the official SDK. ``door.py`` is the
HTTP side, ``server.py`` the protocol's, ``tools.py`` says which tools there are, and
``arguments.py`` what each takes. All of it is derived from the registry of entities.
"""

from blossomer.api.mcp.door import McpDoor, mcp_router

__all__ = ["McpDoor", "mcp_router"]
