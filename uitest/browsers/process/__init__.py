"""Finds, starts, guards, hands over and ends browser and driver processes."""
