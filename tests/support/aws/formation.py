"""The emulator ministack with all that our templates need of CloudFormation: ``python -m tests.support.aws.formation``.

ministack does not know ``Fn::ForEach`` and some types of resources: loops are unrolled as ``stack.py`` does, and those
types become resources with a made-up id. The first resource of a type can be made to fail:
UITEST_TEST_FAILS=AWS::CloudFront::Distribution.
What the stack keeps is kept (ministack deletes it), a change set has no resources whose condition is false, a build of
CodeBuild pushes the images that ours pushes, and the answer to DeleteChangeSet is as botocore wants it. All else is its
own: change sets, events, rollbacks, other services.
"""

import json
import os
import runpy
import uuid
from contextvars import ContextVar
from typing import Any

from ministack.services import cloudformation, codebuild, ecr
from ministack.services.cloudformation import changesets, engine, handlers, provisioners, stacks

from tests.support.aws.stack import _expanded

UNKNOWN = (
    "AWS::CloudFront::OriginAccessControl",
    "AWS::CloudFront::ResponseHeadersPolicy",
    "AWS::CodeBuild::ReportGroup",
    "AWS::CodePipeline::Pipeline",
)
KEPT = ("AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::ECR::Repository")
DELETING = ContextVar("DELETING", default=False)
"""Whether a whole stack is being deleted, and not what a rollback deletes."""

_parse = engine._parse_template
_delete_stack = stacks._delete_stack_async
_start_build = codebuild._start_build
_delete_change_set = changesets._delete_change_set
_resolve_for_change_set = changesets._resolve_props_for_diff
_update_resource = provisioners._update_resource


def parse(body: str) -> dict[str, Any]:
    """The template without loops."""
    template: dict[str, Any] = _parse(body)
    template["Resources"] = dict(_expanded(template.get("Resources", {})))
    return template


def present_resources(template: dict[str, Any], params: dict[str, Any], *stack: str) -> dict[str, Any]:
    """The resources that a change set compares: those whose condition holds, where ministack takes all."""
    resolved: dict[str, Any] = _resolve_for_change_set(template, params, *stack)
    holds = engine._evaluate_conditions(template, params) if template else {}
    present = {
        name: resource
        for name, resource in resolved.get("Resources", {}).items()
        if holds.get(resource.get("Condition"), True)
    }
    return {**resolved, "Resources": present}


def create(logical: str, _properties: dict[str, Any], _stack: str) -> tuple[str, dict[str, Any]]:
    """A resource that is nothing but an id."""
    name = f"{logical}-{uuid.uuid4().hex[:8]}"
    return name, {"Id": name}


def failing_once(create: Any) -> Any:
    """The creation of a type of resource, which fails the first time."""
    failures: list[str] = []

    def create_or_fail(logical: str, *words: Any) -> Any:
        if failures:
            return create(logical, *words)
        failures.append(logical)
        raise ValueError(f"{logical} is refused by the test")

    return create_or_fail


def keeping(delete: Any) -> Any:
    """A deletion that does nothing with the whole stack."""
    return lambda *words: None if DELETING.get() else delete(*words)


async def delete_stack(*words: Any) -> None:
    """Delete a stack but for what it keeps."""
    DELETING.set(True)
    await _delete_stack(*words)


def start_build(data: dict[str, Any]) -> Any:
    """A build that has pushed its images, but for a first one that UITEST_TEST_FIRST_BUILD says never ends."""
    repository = data["projectName"].removesuffix("-Base")
    given = {variable["name"]: variable["value"] for variable in data.get("environmentVariablesOverride", ())}
    answer = _start_build(data)
    if os.environ.get("UITEST_TEST_FIRST_BUILD") == "never ends" and len(codebuild._builds) == 1:
        [build] = codebuild._builds.values()
        build["buildStatus"] = "IN_PROGRESS"
        return codebuild.json_response({"build": build})
    ecr._images.setdefault(repository, [])
    for tag in ("base", given["BASE_TAG"], "current"):
        ecr._put_image({"repositoryName": repository, "imageManifest": json.dumps(data), "imageTag": tag})
    return answer


def update_project(physical: str, old: dict[str, Any], new: dict[str, Any], stack: str) -> Any:
    """An update of a CodeBuild project, which ministack can only create."""
    project = provisioners._RESOURCE_HANDLERS["AWS::CodeBuild::Project"]
    project["delete"](physical, old)
    return project["create"](physical, new, stack)


def update_resource(
    kind: str, physical: str, old: dict[str, Any], new: dict[str, Any], stack: str, logical: str, attributes: Any = None
) -> Any:
    """An update that keeps the attributes of a nested stack's resources, which ministack forgets."""
    known = cloudformation._stacks[stack]["_resources"][logical]["Attributes"]
    return _update_resource(kind, physical, old, new, stack, logical, attributes or known)


def delete_change_set(params: dict[str, Any]) -> Any:
    """With the element in which botocore looks for the result."""
    status, headers, body = _delete_change_set(params)
    ours = b"<DeleteChangeSetResult/><ResponseMetadata>"
    return status, headers, body.replace(b"<ResponseMetadata>", ours) if status == 200 else body


def main() -> None:
    """Serve until killed."""
    for module in (changesets, engine, handlers, stacks):
        module._parse_template = parse
    for kind in UNKNOWN:
        provisioners._RESOURCE_HANDLERS[kind] = {"create": create, "delete": lambda *_: None}
    for kind in KEPT:
        handler = provisioners._RESOURCE_HANDLERS[kind]
        provisioners._RESOURCE_HANDLERS[kind] = {**handler, "delete": keeping(handler["delete"])}
    handlers._delete_stack_async = stacks._delete_stack_async = delete_stack
    handlers._ACTION_HANDLERS["DeleteChangeSet"] = delete_change_set
    provisioners._RESOURCE_HANDLERS["AWS::CodeBuild::Project"]["update"] = update_project
    changesets._resolve_props_for_diff = present_resources
    codebuild._start_build = start_build
    provisioners._update_resource = update_resource
    if kind := os.environ.get("UITEST_TEST_FAILS"):
        handler = provisioners._RESOURCE_HANDLERS[kind]
        provisioners._RESOURCE_HANDLERS[kind] = {**handler, "create": failing_once(handler["create"])}
    runpy.run_module("ministack", run_name="__main__")


if __name__ == "__main__":
    main()
