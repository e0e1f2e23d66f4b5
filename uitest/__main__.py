"""``python -m uitest`` is the ``uitest`` command."""

from uitest.cli import main

main()
