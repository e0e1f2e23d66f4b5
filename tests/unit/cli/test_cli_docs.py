"""README and reference against ``--help``: what is shown exists, and what exists is shown."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest

from uitest.cli import command
from uitest.config import RunSettings, check_executor

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text()
REFERENCE = (ROOT / "docs" / "reference.md").read_text()
PAGES = (README, *(path.read_text() for path in sorted((ROOT / "docs").glob("*.md"))))


def commands(group: click.Command = command, prefix: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command by its words: ``modules load``."""
    if not isinstance(group, click.Group):
        yield prefix, group
        return
    context = click.Context(group)
    for name in group.list_commands(context):
        nested = group.get_command(context, name)
        assert nested is not None
        yield from commands(nested, f"{prefix} {name}".strip())


KNOWN = dict(commands())


def options(command: click.Command) -> set[str]:
    """Long options of a command."""
    context = click.Context(command)
    return {name for param in command.get_params(context) for name in param.opts if name.startswith("--")}


def shown(text: str) -> list[str]:
    """Calls of ``uitest`` in fenced blocks, continued lines joined."""
    blocks = re.findall(r"^```[^\n]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    calls = (re.match(r"\s*(?:\$ |- )?(?:\.venv/bin/)?(uitest [a-z].*)", line) for line in lines)
    return [match[1] for match in calls if match]


@pytest.mark.parametrize("call", sorted({call for page in PAGES for call in shown(page)}))
def test_every_call_that_is_shown_exists(call: str) -> None:
    """Its command and each of its options."""
    words = shlex.split(call.replace("[", "").replace("]", ""), comments=True)[1:]
    words = words[: words.index("--")] if "--" in words else words
    name = next((name for name in (" ".join(words[:2]), words[0]) if name in KNOWN), None)
    if name is None:
        assert any(known.startswith(words[0] + " ") for known in KNOWN), f"no command {words[0]!r}"
        return
    used = {word.partition("=")[0] for word in words if word.startswith("--")}
    assert used <= options(KNOWN[name]) | {"--help"}


@pytest.mark.parametrize("call", shown((ROOT / "docs" / "aws-checklist.md").read_text()))
def test_call_of_the_checklist_is_accepted(call: str) -> None:
    """Its values are parsed, and a run in AWS has its tables and places; no call needs what the list has not made."""
    words = shlex.split(call)[1:]
    name = next(name for name in (" ".join(words[:2]), words[0]) if name in KNOWN)
    values = KNOWN[name].make_context(name, words[len(name.split()) :]).params
    if name == "run":
        known = {field.name for field in fields(RunSettings)} & values.keys()
        check_executor(RunSettings(**{field: values[field] for field in known}), values["store"])
    assert name != "modules sync" or values["discover"] or values["file"]


@pytest.mark.parametrize("name", KNOWN)
def test_every_command_is_shown(name: str) -> None:
    """The reference names it with all of its options."""
    assert f"uitest {name}" in REFERENCE
    missing = sorted(
        option for option in options(KNOWN[name]) - {"--help"} if not re.search(rf"{option}\b(?!-)", REFERENCE)
    )
    assert not missing, f"docs/reference.md does not name {missing} of uitest {name}"


def test_commands_without_a_store_are_named() -> None:
    """The sentence on ``--store`` and ``--section`` names each command that does not take both, and which take one."""
    match = re.search(
        r"All but (.*?)\s+take `--store SPEC` and `--section NAME`; (.*?) take\s+`--section", REFERENCE, re.DOTALL
    )
    assert match is not None
    without, section_only = (set(re.findall(r"`([\w-]+)`", names)) for names in match.groups())
    taken = {name: {"--store", "--section"} & options(known) for name, known in KNOWN.items()}
    assert without == {name for name, both in taken.items() if len(both) < 2}
    assert section_only == {name for name, both in taken.items() if both == {"--section"}}


def test_options_of_run_have_variables() -> None:
    """UITEST_ and the option's name, for each but --dry-run, and --verbose, which has UITEST_LOG."""
    variables = {
        param.opts[0]: param.envvar
        for param in KNOWN["run"].params
        if isinstance(param, click.Option) and not {"--dry-run", "--verbose"}.intersection(param.opts)
    }
    assert variables == {name: "UITEST_" + name.strip("-").replace("-", "_").upper() for name in variables}
