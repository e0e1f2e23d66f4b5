"""A pytest session as the worker of a run: which attempt a test is, and what became of it."""
