"""An execution's input, read as the options of ``uitest run``."""

from pathlib import Path
from typing import Any

import pytest

from lambda_runner.checkout import PROJECT
from lambda_runner.steps.execution_input import read
from tests.support.builders import make_run
from uitest.config import RunSettings
from uitest.errors import UsageError
from uitest.executors.aws.event import Invocation

MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:uitest"
LEAST = {"url": "https://shop.example/", "store": "dynamodb:m,s", "artifacts": "s3://b/a", "site": "s3://b"}


@pytest.fixture(autouse=True)
def _variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """A function without settings of its own."""
    for name in ("UITEST_URL", "UITEST_STORE", "UITEST_ARTIFACTS", "UITEST_SITE", "UITEST_MODULES"):
        monkeypatch.delenv(name, raising=False)


def test_input_defaults_are_those_of_the_command_line() -> None:
    """And the executor is this one."""
    order = read(LEAST, MACHINE)
    assert (order.modules, order.browsers, order.url, order.store) == (
        (),
        ("chrome",),
        "https://shop.example",
        "dynamodb:m,s",
    )
    assert (order.settings.executor, order.settings.state_machine) == ("stepfunctions", MACHINE)
    assert (order.settings.retries, order.settings.max_concurrency, order.run_id) == (0, 100, None)


def test_lists_are_json_or_separated_by_commas() -> None:
    """As JSON has them, and with commas."""
    for names in (["a", "b,c"], "a,b,c"):
        order = read({**LEAST, "modules": names, "browser": ["firefox,chrome"]}, MACHINE)
        assert (order.modules, order.browsers) == (("a", "b", "c"), ("firefox", "chrome"))


def test_facts_beside_the_options_are_kept() -> None:
    """The version under test, and the section that workers use."""
    facts = {"commit": "0123abc", "branch": "main", "section": "nightly"}
    settings = read({**LEAST, **facts}, MACHINE).settings
    assert {name: getattr(settings, name) for name in facts} == facts
    assert Invocation.of(make_run(settings=settings.to_json()), "s").words() == ("--uitest-section=nightly",)


FILE = """
retries = 1
workers = 3
[nightly]
retries = 2
case-timeout = 40
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The image's repository, with a configuration file."""
    (tmp_path / "uitest.toml").write_text(FILE)
    monkeypatch.setenv(PROJECT, str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("project")
def test_file_in_the_image_fills_what_neither_input_nor_variable_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the section that the input names, and without what the state machine decides."""
    settings = read(LEAST, MACHINE).settings
    assert (settings.retries, settings.case_timeout, settings.workers) == (
        1,
        RunSettings.case_timeout,
        RunSettings.workers,
    )
    nightly = {**LEAST, "section": "nightly"}
    settings = read(nightly, MACHINE).settings
    assert (settings.retries, settings.case_timeout, settings.section) == (2, 40, "nightly")
    monkeypatch.setenv("UITEST_RETRIES", "3")
    assert read(nightly, MACHINE).settings.retries == 3
    assert read({**nightly, "retries": 4}, MACHINE).settings.retries == 4


@pytest.mark.usefixtures("project")
def test_section_that_the_file_in_the_image_does_not_have_is_refused() -> None:
    """The message names those that there are; an empty section is none."""
    with pytest.raises(UsageError, match=r"uitest\.toml has no section 'nightli' .did you mean 'nightly'"):
        read({**LEAST, "section": "nightli"}, MACHINE)
    assert read({**LEAST, "section": ""}, MACHINE).settings.retries == 1


def test_values_are_never_taken_for_options() -> None:
    """Whatever a text begins with."""
    assert read({**LEAST, "run_id": "--dry-run"}, MACHINE).run_id == "--dry-run"


def test_variables_of_the_function_fill_what_the_input_leaves_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """An input need not say where things are."""
    for name in ("store", "artifacts", "site"):
        monkeypatch.setenv(f"UITEST_{name.upper()}", LEAST[name])
    monkeypatch.setenv("UITEST_MODULES", "a,b")
    order = read({"url": "https://shop.example"}, MACHINE)
    assert (order.store, order.settings.site, order.modules) == ("dynamodb:m,s", "s3://b", ("a", "b"))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"retries": 11}, "--retries.* 11 is not in the range"),
        ({"retries": "--version"}, "--retries"),
        ({"max_concurrency": 0}, "--max-concurrency"),
        ({"browser": "opera"}, "unknown browser 'opera'"),
        ({"browser": 7}, "unknown browser '7'"),
        ({"url": "javascript:alert(1)"}, "is not the address of a site"),
        ({"url": None}, "the address of the site under test is missing"),
        ({"store": "sqlite:x"}, "cannot reach the store 'sqlite:x'"),
        ({"artifacts": "shots"}, "--artifacts must be in a bucket"),
        ({"headed": True}, "--headed applies to this machine only"),
        ({"fail_on_flaky": "yes"}, "'fail_on_flaky' in the execution's input must be true or false"),
        ({"modules": [7]}, "'modules' in the execution's input must be a text, not 7"),
        ({"section": 7}, "'section' in the execution's input must be a text"),
        ({"commit": 7}, "'commit' in the execution's input must be a text"),
        ({"help": True}, "unknown 'help'"),
        ({"executor": "local"}, "unknown 'executor'; known are"),
        ({"dry_run": True}, "unknown 'dry_run'"),
        ({"max_starts_per_second": 3}, "a state machine does not support"),
        ({"topic": "mine"}, "--topic takes the ARN"),
    ],
)
def test_bad_input_is_refused_in_one_line(given: dict[str, Any], message: str) -> None:
    """One line that says what is wrong."""
    with pytest.raises(UsageError, match=message):
        read({**LEAST, **given}, MACHINE)
