"""Tests of what runs in the function."""
