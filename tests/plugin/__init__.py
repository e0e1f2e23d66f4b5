"""The pytest plugin, proven with small projects that pytest runs in a process of its own."""
