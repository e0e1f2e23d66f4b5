"""Packaging of templates, and parameters as they are given."""

import json
import re
from typing import Any

import pytest
import yaml

from tests.support.aws.stack import FOLDER, _Loader, load
from uitest.deploy import templates
from uitest.deploy.templates import MAIN, STATE_MACHINE, Parameter
from uitest.errors import UsageError

ENDPOINT = "https://s3.eu-west-1.amazonaws.com"
KNOWN = templates.parameters(templates.read_file(MAIN))


def strings(node: Any) -> set[str]:
    """Every text in a parsed template."""
    if isinstance(node, dict):
        return {text for pair in node.items() for item in pair for text in strings(item)}
    if isinstance(node, list):
        return {text for item in node for text in strings(item)}
    return {node} if isinstance(node, str) else set()


def test_no_local_file_is_left() -> None:
    """Nested templates and the state machine are uploaded, buildspecs are inside, and all else is as it was written."""
    package = templates.package("bucket", ENDPOINT)
    files = {upload.key.rpartition("/")[2]: upload for upload in package.uploads}
    assert set(files) == {path.name for path in FOLDER.glob("*.yaml")} | {STATE_MACHINE}
    assert package.url == f"{ENDPOINT}/bucket/{files[MAIN].key}"
    assert package.main.encode() == files[MAIN].body
    assert len(files[MAIN].body) <= 51_200, "a dry run sends it in a request"
    addresses = {f"{ENDPOINT}/bucket/{upload.key}" for upload in package.uploads}
    used = set()
    for name, upload in files.items():
        if name == STATE_MACHINE:
            assert json.loads(upload.body)["StartAt"]
            continue
        packaged = yaml.load(upload.body, _Loader)  # noqa: S506  (a SafeLoader)
        added = strings(packaged) - strings(load(name))
        for text in added:
            if text in addresses:
                used.add(text)
            elif text.startswith("# "):
                assert yaml.safe_load(text)["version"] == 0.2, "a buildspec"
            else:
                assert text in ("Bucket", "Key", "bucket", files[STATE_MACHINE].key), name
        lost = strings(load(name)) - strings(packaged)
        assert all(re.fullmatch(r"[\w-]+\.yaml|buildspecs/[\w-]+\.yml|\.\./lambda_runner/\S+", text) for text in lost)
    assert used == addresses - {package.url, f"{ENDPOINT}/bucket/{files[STATE_MACHINE].key}"}


def test_only_what_has_changed_has_another_key() -> None:
    """And all that refers to it: CloudFormation updates nested stacks whose address changes."""

    def changed(name: str) -> str:
        return templates.read_file(name) + ("# changed\n" if name == "alarms.yaml" else "")

    before, after = (
        {upload.key for upload in templates.package("b", ENDPOINT, read).uploads}
        for read in (templates.read_file, changed)
    )
    assert {key.rpartition("/")[2] for key in after - before} == {"alarms.yaml", MAIN}


def test_template_that_is_too_large_is_refused() -> None:
    """Is refused here, with its size."""
    with pytest.raises(UsageError, match=r"alarms\.yaml has \d+ bytes, CloudFormation takes 1048576"):
        templates.package(
            "b", ENDPOINT, lambda name: templates.read_file(name) + "#" * (2**20 * (name == "alarms.yaml"))
        )


def test_parameters_are_those_of_the_main_template() -> None:
    """Those of the main template but for what the command sets, as a parser of YAML reads them."""
    declared = load(MAIN)["Parameters"]
    assert set(KNOWN) == set(declared) - set(templates.SET_HERE)
    assert set(templates.SET_HERE) < set(declared)
    for name, parameter in KNOWN.items():
        assert parameter.required == ("Default" not in declared[name]), name
        assert parameter.description == declared[name].get(
            "Description", ", ".join(declared[name].get("AllowedValues", ()))
        )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["Modules"], "'Modules' is not KEY=VALUE"),
        (["Moduls=a"], "Moduls does not exist; the nearest is Modules"),
        (["Modules=a", "Modules=b"], "Modules is given twice"),
        (["Name=a"], "Name is set by uitest deploy from NAME"),
        (["Modules=" + "a" * 4097], "Modules has 4097 bytes, CloudFormation takes 4096"),
    ],
)
def test_wrong_parameters_are_told_with_the_fix(words: list[str], message: str) -> None:
    """Are told with what to do."""
    with pytest.raises(UsageError, match=re.escape(message)):
        templates.parse_parameters(words, KNOWN)


def test_values_of_the_last_deployment_are_kept() -> None:
    """Those given, else those of the last deployment that the template still has; the first one needs the rest."""
    assert templates.parse_parameters(["Modules=a=b", "SourceBranch="], KNOWN) == {"Modules": "a=b", "SourceBranch": ""}
    known = {"A": Parameter("A", "what it is", required=True), "B": Parameter("B", "", required=False)}
    assert templates.merge_parameters({"B": "2"}, {"A": "1", "B": "1", "Old": "x"}, known) == {"A": "1", "B": "2"}
    with pytest.raises(UsageError, match=r"needs --parameter A=\.\.\. \(A: what it is\)"):
        templates.merge_parameters({"B": "2"}, {}, known)


def test_value_that_is_longer_than_the_pipeline_takes_is_refused() -> None:
    """Before anything is deployed; the longest one is accepted."""
    longest = KNOWN["Modules"].max_length
    assert longest is not None
    assert templates.parse_parameters([f"Modules={'m' * longest}"], KNOWN) == {"Modules": "m" * longest}
    with pytest.raises(UsageError, match=f"Modules has {longest + 1} characters, the pipeline takes {longest}"):
        templates.parse_parameters([f"Modules={'m' * (longest + 1)}"], KNOWN)
