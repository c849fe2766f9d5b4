"""Files that a plan can be taken away in, and one that can be read back.

Pure functions over documents, which are dicts as in ``entities/document.py``. Everything is derived
from ``EntityConfig``. The door is ``formats.py``: ``FORMATS`` and ``export``; reading is
``portable.read_plan``.
"""
