"""What is uploaded for a deployment: templates, with names of local files replaced by those of their copies. Pure.

The templates are our own, so plain text is replaced and no parser for YAML is needed; a test parses the results.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files

from uitest.errors import UsageError

MAIN = "pipeline.yaml"
STATE_MACHINE = "state_machine.asl.json"

BODY_LIMIT = 1024 * 1024
"""Bytes of a template in S3. One in a request may have 51,200, and none that is nested can be in a request."""
VALUE_LIMIT = 4096
"""Bytes of a parameter's value."""

NESTED = re.compile(r"^( +TemplateURL: )([\w-]+\.yaml)$", re.MULTILINE)
DEFINITION = re.compile(rf"^( +DefinitionS3Location: )\.\./lambda_runner/{re.escape(STATE_MACHINE)}$", re.MULTILINE)
BUILDSPEC = re.compile(r"(?<=: )buildspecs/([\w-]+\.yml)(?=\}?$)", re.MULTILINE)

SET_HERE = {
    "Name": "NAME",
    "ImageUri": "the image it builds",
    "ArtifactsBucket": "NAME",
    "CasesFolder": "--cases",
    "Section": "the configuration file",
    "ExistingStorage": "what an earlier stack left",
}
"""Parameters of the main template that the command sets, and from what."""

Read = Callable[[str], str]


def read_file(name: str) -> str:
    """A template, buildspec or the state machine, from this package."""
    package = "lambda_runner" if name == STATE_MACHINE else "uitest.buildspecs"
    return (files(package) / name).read_text()


@dataclass(frozen=True)
class Upload:
    """A file for the bucket; its key contains a hash of its content, so that only changed templates are updates."""

    key: str
    body: bytes


@dataclass(frozen=True)
class Package:
    """Everything that is uploaded."""

    url: str
    """Address of the main template."""
    uploads: tuple[Upload, ...]
    main: str
    """The text of the main template."""


def package(bucket: str, endpoint: str, read: Read = read_file) -> Package:
    """The main template and all that it refers to.

    ``endpoint`` is that of S3 in the region. Raises UsageError for a template that AWS would not take for its size.
    """
    uploads: dict[str, Upload] = {}

    def add(name: str, text: str) -> Upload:
        body = text.encode()
        if len(body) > BODY_LIMIT:
            raise UsageError(f"the template {name} has {len(body)} bytes, CloudFormation takes {BODY_LIMIT}; split it")
        upload = Upload(f"templates/{hashlib.sha256(body).hexdigest()[:16]}/{name}", body)
        uploads[upload.key] = upload
        return upload

    def url(upload: Upload) -> str:
        return f"{endpoint.rstrip('/')}/{bucket}/{upload.key}"

    def packaged(name: str) -> Upload:
        text = BUILDSPEC.sub(lambda match: json.dumps(read(match[1])), read(name))
        if DEFINITION.search(text):
            place = json.dumps({"Bucket": bucket, "Key": add(STATE_MACHINE, read(STATE_MACHINE)).key})
            text = DEFINITION.sub(lambda match: match[1] + place, text)
        return add(name, NESTED.sub(lambda match: match[1] + url(packaged(match[2])), text))

    main = packaged(MAIN)
    return Package(url(main), tuple(uploads.values()), main.body.decode())


@dataclass(frozen=True)
class Parameter:
    """A parameter of the main template."""

    name: str
    description: str
    required: bool
    default: str = ""
    max_length: int | None = None
    """In characters; None for CloudFormation's own limit only."""


def parameters(text: str) -> dict[str, Parameter]:
    """Those of a template, by name, without those that the command sets."""
    section = re.search(r"^Parameters:\n(.*?)^\S", text, re.MULTILINE | re.DOTALL)
    parameters_by_name = {}
    for name, body in re.findall(r"^  (\w+):\n((?:    .*\n)+)", section[1] if section else "", re.MULTILINE):
        described = re.search(r'^    Description: "?(.*?)"?$', body, re.MULTILINE)
        allowed = re.search(r"^    AllowedValues: \[(.*)\]$", body, re.MULTILINE)
        description = described[1] if described else ", ".join(allowed[1].split(", ")) if allowed else ""
        default = re.search(r'^    Default: "?(.*?)"?$', body, re.MULTILINE)
        longest = re.search(r"^    MaxLength: (\d+)$", body, re.MULTILINE)
        if name not in SET_HERE:
            parameters_by_name[name] = Parameter(
                name,
                description,
                default is None,
                default[1] if default else "",
                int(longest[1]) if longest else None,
            )
    return parameters_by_name


def parse_parameters(arguments: Sequence[str], known: Mapping[str, Parameter]) -> dict[str, str]:
    """KEY=VALUE words as a dictionary. Raises UsageError for an unknown or repeated key, or a word without ``=``."""
    given: dict[str, str] = {}
    for argument in arguments:
        key, equals, value = argument.partition("=")
        if not equals:
            raise UsageError(f"--parameter {argument!r} is not KEY=VALUE")
        if key in SET_HERE:
            raise UsageError(f"--parameter {key} is set by uitest deploy from {SET_HERE[key]}; leave it out")
        if key not in known:
            near = get_close_matches(key, known, 1, 0)
            raise UsageError(f"--parameter {key} does not exist; the nearest is {near[0]}, all are: {', '.join(known)}")
        if key in given:
            raise UsageError(f"--parameter {key} is given twice")
        if len(value.encode()) > VALUE_LIMIT:
            raise UsageError(f"--parameter {key} has {len(value.encode())} bytes, CloudFormation takes {VALUE_LIMIT}")
        longest = known[key].max_length
        if longest is not None and len(value) > longest:
            raise UsageError(f"--parameter {key} has {len(value)} characters, the pipeline takes {longest}; shorten it")
        given[key] = value
    return given


def merge_parameters(
    given: Mapping[str, str], previous: Mapping[str, str], known: Mapping[str, Parameter]
) -> dict[str, str]:
    """The values of a deployment: those given, else those of the last one. Raises UsageError for missing ones."""
    merged = {name: value for name, value in previous.items() if name in known} | dict(given)
    missing = [known[name] for name in known if known[name].required and name not in merged]
    if missing:
        wanted = " ".join(f"--parameter {parameter.name}=..." for parameter in missing)
        explained = "; ".join(f"{parameter.name}: {parameter.description}" for parameter in missing)
        raise UsageError(f"the first deployment needs {wanted} ({explained})")
    return merged
