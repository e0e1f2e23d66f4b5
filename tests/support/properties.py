"""How property tests run here; apart from ``builders``, because hypothesis takes a second to import."""

from hypothesis import settings

quick = settings(deadline=None, max_examples=60, database=None, print_blob=True)
"""No time limit, as the machine may be busy, no files left behind; a failure prints how to repeat it."""
