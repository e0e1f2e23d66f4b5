"""``uitest watch``: runs cases again when files change."""

import click

from uitest.cli.watching.changes import check_package


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[PYTEST'S ARGUMENTS]...")
def watch(words: tuple[str, ...]) -> None:
    """Run cases with pytest, and again those that a changed file is about.

    These are the cases in the file, and in all files that import it, such as a page object. Browsers are kept between
    sessions. At a terminal, keys run all or failed cases again, filter, and open the trace of a failed case.
    """
    check_package()
    from uitest.cli.watching.watcher import Watcher  # pytest and Selenium take long to import

    Watcher(words).run()
