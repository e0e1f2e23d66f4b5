"""How property tests run here; apart from ``builders``, because hypothesis takes a second to import."""

from hypothesis import settings

quick = settings(deadline=None, max_examples=60, database=None)
"""No time limit, as the machine may be busy, and no files left behind."""
