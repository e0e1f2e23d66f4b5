"""The status site in real browsers, driven by the project's own plugin code."""
