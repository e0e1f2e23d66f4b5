"""Starts a planned run: addresses without secrets, executor, run loop and summary."""
