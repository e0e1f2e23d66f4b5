"""Differential fuzzing: the same program on our sides and on plain Selenium has to end the same.

``python -m tests.fuzz`` searches for differences; ``test_sample`` runs a fixed part of that search.
"""
