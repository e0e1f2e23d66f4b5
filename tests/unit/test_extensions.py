"""What other packages bring along, and what is said of one that is broken."""

from pathlib import Path

import pytest

from tests.support.extensions import install
from uitest import extensions
from uitest.errors import StoreError, UsageError
from uitest.run.reporters import Reporter
from uitest.storage.files import open_place
from uitest.storage.stores import open_store

GROUP = extensions.REPORTERS

SOUND = "class Sound:\n    def update(self, run, rows, now): pass\n    def finish(self, run, rows, now): pass\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where packages are installed."""
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_factory_makes_what_its_group_is_for(folder: Path) -> None:
    """It is found by the name in front of the equals sign."""
    install(folder, "sound_one", GROUP, "lines = sound_one:Sound", SOUND)
    extensions.check(GROUP, "lines")
    assert type(extensions.make(GROUP, "lines", Reporter)).__name__ == "Sound"
    assert extensions.names(GROUP) == ["lines"]


def test_unknown_name_is_told_with_those_that_are_known(folder: Path) -> None:
    """Nothing is made."""
    assert extensions.make(GROUP, "lines", Reporter) is None
    with pytest.raises(UsageError, match=r"^no installed package offers 'lines' to uitest\.reporters; .*: none$"):
        extensions.check(GROUP, "lines")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("import nowhere_to_be_found", "ModuleNotFoundError: No module named 'nowhere_to_be_found'"),
        ("this is no python", "SyntaxError"),
        ("", "AttributeError"),
        ("def make(): return {}['key\\nof two lines']", "KeyError"),
        ("def make(argument): pass", "TypeError"),
        ("def make(): return 5", "what it makes lacks update, finish"),
    ],
)
def test_broken_extension_is_one_line_with_its_distribution(folder: Path, text: str, why: str) -> None:
    """Whatever is wrong with it, and when."""
    name = f"broken_{abs(hash(text))}"
    install(folder, name, GROUP, f"lines = {name}:make", text)
    with pytest.raises(UsageError) as refused:
        extensions.make(GROUP, "lines", Reporter)
    message = str(refused.value)
    assert message.startswith(f"uitest.reporters: 'lines' of {name} 1.0 is broken: ")
    assert why in message
    assert "\n" not in message


def test_two_packages_with_one_name_are_both_named(folder: Path) -> None:
    """Nobody could say which one is meant."""
    install(folder, "one_of_two", GROUP, "lines = one_of_two:Sound", SOUND)
    install(folder, "two_of_two", GROUP, "lines = two_of_two:Sound", SOUND)
    with pytest.raises(UsageError, match=r"'lines' is offered by one_of_two 1\.0 and two_of_two 1\.0"):
        extensions.make(GROUP, "lines", Reporter)


def test_own_words_of_an_extension_are_kept(folder: Path) -> None:
    """It knows best what is wrong with what users wrote."""
    text = "from uitest.types import StoreError\ndef make(path): raise StoreError(f'no such shelf: {path}')"
    install(folder, "shelves", extensions.STORES, "shelf = shelves:make", text)
    with pytest.raises(StoreError, match="no such shelf: a:b"):
        open_store("shelf:a:b")


@pytest.mark.parametrize("spec", ["nobody:x", "sqlite:"])
def test_store_that_nobody_offers(spec: str) -> None:
    """Is what it was before there were extensions."""
    with pytest.raises(UsageError, match="is neither sqlite:PATH nor dynamodb"):
        open_store(spec)


@pytest.mark.parametrize("spec", ["nobody://x", "s3://", "s3:///x"])
def test_place_that_nobody_offers(spec: str) -> None:
    """The same for files."""
    with pytest.raises(UsageError, match="is neither a folder nor s3"):
        open_place(spec)
