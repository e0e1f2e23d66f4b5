"""Runs a plan to its end: submits attempts, polls the store, decides when and how the run ends."""
