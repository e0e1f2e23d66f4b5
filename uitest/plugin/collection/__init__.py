"""Turns collected tests into cases: ids, engines, and explanations for missing cases."""
