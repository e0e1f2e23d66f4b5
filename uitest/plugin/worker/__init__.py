"""Runs a pytest session as the worker of a run: claims attempts, judges and reports them."""
