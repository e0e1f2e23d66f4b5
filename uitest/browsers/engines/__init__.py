"""One package for each engine, with its start and its isolation of cases."""
