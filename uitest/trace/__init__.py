"""Records the trace of a case: every command that it sent, with snapshots and screenshots of the page in between.

``recorder`` wraps a case's driver, ``page_observer`` looks at its pages. Pure modules describe commands
(``command_text``), fold repeated ones into steps (``steps``), and limit time (``budget``) and size (``recording``).
"""
