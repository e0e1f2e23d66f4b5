"""How property tests run here; apart from ``builders``, because hypothesis takes a second to import."""

import re

from hypothesis import settings
from hypothesis import strategies as st

quick = settings(deadline=None, max_examples=60, database=None, print_blob=True)
"""No time limit, as the machine may be busy, no files left behind; a failure prints how to repeat it."""

ids = st.text(min_size=1, max_size=300)
"""Ids of modules, cases and runs: any text."""

SAFE = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*")
"""A name that is no path, no hidden file and needs no quotes in an address."""
