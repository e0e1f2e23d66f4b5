"""Attempts in AWS: Lambda invocations, directly or as the map of a state machine."""
