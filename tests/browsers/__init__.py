"""Real browsers, driven without pytest in between."""
