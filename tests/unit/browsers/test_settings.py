"""What a browser is asked to be."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.properties import quick
from uitest.browsers import options
from uitest.browsers.settings import Settings, explicit, parse_size
from uitest.errors import UsageError

sides = st.integers(50, 10_000)


@quick
@given(sides, sides)
def test_size_is_text_or_a_pair(width: int, height: int) -> None:
    """A size is written WIDTHxHEIGHT or given as a pair."""
    assert parse_size(f"{width}x{height}") == parse_size(f"{width}X{height}") == (width, height)
    assert parse_size([width, height]) == (width, height)


@pytest.mark.parametrize(
    "value", ["", "800", "800x", "x600", "800x600x2", "axb", "49x600", "800x10001", 800, None, [1]]
)
def test_wrong_size_is_refused_in_one_line(value: Any) -> None:
    """Everything else is refused in one line that says how to write it."""
    with pytest.raises(UsageError, match=r"^window size [^\n]*$"):
        parse_size(value)


def test_changes_add_to_lists_and_replace_the_rest() -> None:
    """Lists and mappings are added to, the rest is replaced; the original stays as it is."""
    suite = Settings(arguments=("--a",), preferences={"x": 1, "y": 1}, capabilities={"c": 1}, locale="de")
    case = suite.narrowed(
        {"arguments": ["--b"], "preferences": {"y": 2}, "capabilities": {"d": 2}, "window_size": "800x600"}
    )
    assert case == Settings(
        arguments=("--a", "--b"),
        preferences={"x": 1, "y": 2},
        capabilities={"c": 1, "d": 2},
        locale="de",
        window_size=(800, 600),
    )
    assert suite.arguments == ("--a",)
    assert suite.narrowed({}) == suite


@pytest.mark.parametrize(
    "changes",
    [{"windowsize": "1x1"}, {"grid": "http://grid"}, {"arguments": "--a"}, {"window_size": 3}, {"headless": True}],
)
def test_unknown_or_misshapen_setting_is_refused(changes: dict[str, Any]) -> None:
    """A name that is no setting, or a value of the wrong shape, is a usage error."""
    with pytest.raises(UsageError):
        Settings().narrowed(changes)


def test_described_device_has_its_own_size() -> None:
    """A described device has its own size."""
    assert Settings(window_size=(800, 600), mobile="Pixel 7").viewport == (800, 600)
    assert Settings(mobile={"deviceMetrics": {"width": 390, "height": 844}}).viewport == (390, 844)
    assert Settings(window_size=(800, 600), mobile={"userAgent": "phone"}).viewport == (800, 600)


def test_empty_variable_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty variable is as good as none."""
    monkeypatch.setenv("UITEST_CHROME", "")
    assert explicit("chrome") is None
    monkeypatch.setenv("UITEST_CHROME", "/opt/chrome")
    assert explicit("chrome") == "/opt/chrome"


def test_unknown_engine_or_device_is_refused() -> None:
    """Unknown engines and device names that only Chrome knows are usage errors."""
    with pytest.raises(UsageError, match="unknown browser 'opera'"):
        options("opera", Settings())
    with pytest.raises(UsageError, match="'Pixel 7' is a name of Chrome's"):
        options("firefox", Settings(mobile="Pixel 7"))


def test_machine_arguments_are_for_local_browsers_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are added for browsers that run here, and for no others."""
    monkeypatch.setenv("UITEST_CHROME_ARGUMENTS", " --no-zygote  --single-process ")
    monkeypatch.setenv("UITEST_CHROME", "/bin/true")
    here, elsewhere = options("chrome", Settings()), options("chrome", Settings(grid="http://127.0.0.1:4444"))
    assert {"--no-zygote", "--single-process"} <= set(here.arguments)
    assert "--no-zygote" not in elsewhere.arguments


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"arguments": 5}, "arguments takes a list of strings"),
        ({"arguments": "--x"}, "arguments takes a list of strings"),
        ({"arguments": None}, "arguments takes a list of strings"),
        ({"preferences": ["a"]}, "preferences takes a mapping"),
        ({"capabilities": "a"}, "capabilities takes a mapping"),
        ({"locale": 5}, "locale takes a language tag"),
        ({"mobile": 5}, "mobile takes a device"),
        ({"mobile": {"deviceMetrics": {"width": "wide"}}}, "width and height in pixels"),
        ({"mobile": {"deviceMetrics": 5}}, "width and height in pixels"),
        ({"window_size": None}, "window size None"),
        ({"headless": []}, "is none of"),
    ],
)
def test_value_of_the_wrong_shape_is_refused_with_the_option(changes: dict[str, Any], message: str) -> None:
    """A usage error that names the option, whatever was written into the marker."""
    with pytest.raises(UsageError, match=message):
        Settings().narrowed(changes)
