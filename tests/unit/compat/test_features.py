"""The self-check: asked once, remembered for a program that passed, and told in one warning."""

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from uitest.compat import features
from uitest.compat.features import Feature

PACKAGE = Feature("selenium", "something", "it is done otherwise")
PROGRAM = Feature("Chrome", "something", "it is done otherwise")


@pytest.fixture(autouse=True)
def anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process that knows nothing yet, with a cache of its own."""
    monkeypatch.setenv("UITEST_CACHE", str(tmp_path / "cache"))
    features.forget()
    yield
    features.forget()


class Check:
    """Counts how often it is made."""

    def __init__(self, *, passes: bool = True) -> None:
        self.passes, self.made = passes, 0

    def __call__(self) -> bool:
        return self.ask()

    def ask(self) -> bool:
        self.made += 1
        return self.passes


def make(check: Check, feature: Feature, version: str | None = None) -> bool:
    return features.works(feature, lambda: check.ask(), version)


def broken() -> bool:
    raise AttributeError("a name is gone")


def test_passed_check_is_made_once_in_a_process() -> None:
    """A package's check, which is nowhere remembered."""
    check = Check()
    assert all([make(check, PACKAGE), make(check, PACKAGE)])
    assert check.made == 1
    features.forget()
    assert make(check, PACKAGE)
    assert check.made == 2


def test_passed_check_of_a_program_is_remembered_for_its_version() -> None:
    """Other processes do not make it again, other versions do."""
    check = Check()
    assert make(check, PROGRAM, "1.2")
    features.forget()
    assert make(check, PROGRAM, "1.2")
    assert check.made == 1
    assert make(check, PROGRAM, "1.3")
    assert check.made == 2


def test_failed_check_is_made_again_by_the_next_process() -> None:
    """The machine may have been the reason."""
    check = Check(passes=False)
    with pytest.warns(UserWarning, match=r"^Chrome 1\.2 does not behave as uitest knows it \(something\): it is done"):
        assert not make(check, PROGRAM, "1.2")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not make(check, PROGRAM, "1.2")
    assert check.made == 1
    features.forget()
    check.passes = True
    assert make(check, PROGRAM, "1.2")


def test_check_that_raises_has_failed() -> None:
    """The warning names the version that is installed, and is there for a run as well."""
    with pytest.warns(UserWarning, match=r"^selenium \d+\.\d+.* does not behave") as caught:
        assert not features.works(PACKAGE, broken)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        features.warn(PACKAGE)
    assert features.take_warnings() == [str(caught[0].message)]
    assert len(caught) == 1
    assert features.take_warnings() == []


def test_warnings_as_errors_stop_nothing() -> None:
    """A suite that has made errors of all warnings runs without the feature too."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not features.works(PACKAGE, broken)
    assert len(features.take_warnings()) == 1


@pytest.mark.parametrize("home", ["file", "none"])
def test_check_without_a_cache_is_made_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str) -> None:
    """The check is made each time."""
    if home == "file":
        (tmp_path / "cache").touch()
    else:
        monkeypatch.delenv("UITEST_CACHE")
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
        monkeypatch.setattr(Path, "home", _no_home)
    check = Check()
    assert make(check, PROGRAM, "1.2")
    features.forget()
    assert make(check, PROGRAM, "1.2")
    assert check.made == 2


def _no_home() -> Path:
    raise RuntimeError("Could not determine home directory.")
