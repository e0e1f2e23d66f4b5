"""Options for pytest that tests start in processes of their own."""

FEW_PLUGINS = "-p no:hypothesispytest -p no:pytest-bdd"
"""Leaves out what is installed for the tests themselves: importing it takes half of the time in which pytest starts."""

WITH_BDD = "-p pytest-bdd"
"""After ``FEW_PLUGINS``: for suites that need it."""
