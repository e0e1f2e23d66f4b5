"""``python -m uitest`` runs the ``uitest`` command."""

from uitest.cli import main

main()
