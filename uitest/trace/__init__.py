"""The trace of a case: every command that it sent, and how the page looked in between.

``recorder`` stands between a case and its driver; what commands mean (``command_text``), which of them are one step
(``steps``), what there is time (``budget``) and room (``recording``) for is decided by pure functions beside it.
"""
