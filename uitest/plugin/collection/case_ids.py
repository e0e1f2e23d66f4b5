"""Ids of cases, and the modules that tests belong to.

A case id is the text of ``@pytest.mark.case``, else ``<file stem>::<function>``, with ``[<params>]`` if the test is
parametrised. If several files have the same stem, equal ids begin with the file's path below the case folder instead:
``<folder>/<file stem>::<function>``, a form that is accepted for every test. The engine, which is another parameter of
the test, is not part of the id.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pytest

from uitest.plugin.collection.browser_parameter import PARAMETER

CASE_ID = pytest.StashKey[str]()

FOLDER = pytest.StashKey[Path]()
"""The folder to which the paths of ids are relative."""


def base_ids(definition: pytest.Item) -> tuple[str, ...]:
    """The ids of a test without parameters: that of its mark, else the short one and the one with its path.

    Raises pytest.UsageError for a mark without a proper id.
    """
    mark = definition.get_closest_marker("case")
    if mark is None:
        names = definition.nodeid.split("[")[0].split("::")[1:]
        path = Path(definition.path)
        return tuple(
            dict.fromkeys("::".join([stem, *names]) for stem in (path.stem, _path_below(path, definition.config)))
        )
    if len(mark.args) != 1 or not isinstance(mark.args[0], str) or not mark.args[0].strip():
        raise pytest.UsageError(
            f'{definition.nodeid}: @pytest.mark.case takes one text, as in @pytest.mark.case("tc001")'
        )
    return (mark.args[0],)


def file_id(path: Path, config: pytest.Config) -> str:
    """The id of a case that stands for a whole file whose tests are unknown: its path, with the suffix."""
    return _path_below(path, config) + path.suffix


def is_file_id(case: str) -> bool:
    """Whether a case stands for a whole file."""
    return case.endswith(".py") and "::" not in case


def _path_below(path: Path, config: pytest.Config) -> str:
    """A file's path without its suffix, from the one folder that pytest was given, else from the root folder."""
    if FOLDER not in config.stash:
        folder = config.rootpath
        if len(config.args) == 1:
            argument = config.invocation_params.dir / config.args[0].partition("::")[0]
            folder = Path(os.path.normpath(argument))  # like pytest, which keeps symbolic links
        config.stash[FOLDER] = folder if folder.is_dir() else folder.parent
    path = path.with_suffix("")
    return (path.relative_to(config.stash[FOLDER]) if config.stash[FOLDER] in path.parents else path).as_posix()


def _with_params(base: str, item: pytest.Item) -> str:
    callspec = getattr(item, "callspec", None)
    if callspec is None:
        return base
    params: str = callspec.id
    has_params = bool(params) or item.name.endswith("[]")  # an empty id counts, a hidden one does not
    if PARAMETER in callspec.params:
        params, separator, _ = params.rpartition("-")  # labels of engines have no hyphen
        has_params = bool(separator)
    return f"{base}[{params}]" if has_params else base


def case_id(item: pytest.Item) -> str:
    """The id of a collected test."""
    return item.stash.get(CASE_ID, None) or _with_params(base_ids(item)[0], item)


def module_name(item: pytest.Item) -> str:
    """The module of a test where modules are discovered: that of its mark, else its file's path below the case folder.

    The path is without suffix, and the whole path, so that another file of this name does not change it. Raises
    pytest.UsageError for a mark without a proper name.
    """
    mark = item.get_closest_marker("module")
    if mark is None:
        return _path_below(Path(item.path), item.config)
    if len(mark.args) != 1 or not isinstance(mark.args[0], str) or not mark.args[0].strip():
        raise pytest.UsageError(
            f'{item.nodeid}: @pytest.mark.module takes one text, as in @pytest.mark.module("checkout")'
        )
    return mark.args[0]


@dataclass(frozen=True)
class Ids:
    """The ids of the tests of a session.

    ``own`` has each test's id in order, ``accepted`` maps every id that names exactly one test to that test's own id,
    ``ambiguous`` maps each short id of several tests to their ids.
    """

    own: Sequence[str]
    accepted: Mapping[str, str]
    ambiguous: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, items: Sequence[pytest.Item]) -> Self:
        """The ids of these tests. Raises pytest.UsageError for a mark without a proper id."""
        forms = [tuple(_with_params(base, item) for base in base_ids(item)) for item in items]
        files: dict[str, dict[Path, str]] = {}
        for item, names in zip(items, forms, strict=True):
            if item.get_closest_marker("case") is None:
                files.setdefault(names[0], {})[Path(item.path)] = names[-1]
        ambiguous = {short: sorted(paths.values()) for short, paths in files.items() if len(paths) > 1}
        own = [names[-1] if names[0] in ambiguous else names[0] for names in forms]
        accepted = {names[-1]: mine for names, mine in zip(forms, own, strict=True)}
        accepted.update({mine: mine for mine in own})  # a test's own id wins over another one's longer form
        return cls(own, accepted, {short: paths for short, paths in ambiguous.items() if short not in accepted})


IDS = pytest.StashKey[Ids]()
"""The ids of a session, including tests that were deselected later."""


def ambiguity(case: str, candidates: Sequence[str]) -> str:
    """The error message for an id that several tests have."""
    return f"{case!r} names {len(candidates)} tests; use the id of one of them: {', '.join(candidates)}"
