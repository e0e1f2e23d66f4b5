"""Suites as other teams write them; ``tests/e2e/suites/test_suites.py`` copies each to an empty folder and runs it."""

collect_ignore_glob = ["*/*"]
