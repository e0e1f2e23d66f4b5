"""Contexts of Firefox beside geckodriver."""
