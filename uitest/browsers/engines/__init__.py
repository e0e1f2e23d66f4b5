"""One package for each engine: how it starts and how it isolates cases."""
