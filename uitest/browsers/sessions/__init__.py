"""Assigns browsers to cases, and isolates the cases."""
