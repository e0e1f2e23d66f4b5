"""Suites as other teams write them; each is copied to an empty folder and run there (``tests/e2e/test_suites.py``)."""

collect_ignore_glob = ["*/*"]
