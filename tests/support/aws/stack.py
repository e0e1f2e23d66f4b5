"""The templates as an account would have them: nested stacks entered, every intrinsic function replaced by its value.

Values that only AWS knows (ids, domains) are made up; names and ARNs are those that AWS makes of the properties. An
intrinsic function, a reference or a parameter that cannot be resolved is an error: so is one that does not exist.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[3] / "buildspecs"
REGION, ACCOUNT = "eu-west-1", "123456789012"
PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::URLSuffix": "amazonaws.com",
}
NOTHING = object()
"""What ``AWS::NoValue`` is: the property, or the item of a list, is left out."""

ARNS = {
    "AWS::Lambda::Function": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{{FunctionName}}",
    "AWS::Logs::LogGroup": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{{LogGroupName}}:*",
    "AWS::SQS::Queue": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{{QueueName}}",
    "AWS::SNS::Topic": f"arn:aws:sns:{REGION}:{ACCOUNT}:{{TopicName}}",
    "AWS::StepFunctions::StateMachine": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{{StateMachineName}}",
    "AWS::DynamoDB::Table": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{{TableName}}",
    "AWS::S3::Bucket": "arn:aws:s3:::{id}",
    "AWS::IAM::Role": f"arn:aws:iam::{ACCOUNT}:role/{{id}}",
    "AWS::IAM::ManagedPolicy": f"arn:aws:iam::{ACCOUNT}:policy/{{id}}",
}
NAMES = {
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::ECR::Repository": "RepositoryName",
}
"""What ``Ref`` answers with; an ARN for these:"""
REF_IS_ARN = {"AWS::SNS::Topic", "AWS::StepFunctions::StateMachine", "AWS::IAM::ManagedPolicy"}


SOURCES = ("github", "codecommit", "s3")
CONNECTION = f"arn:aws:codeconnections:{REGION}:{ACCOUNT}:connection/c"
PULL_REQUESTS = f"{CONNECTION}-of-pull-requests"
WORDS = {
    "SourceRepository": "shop/site",
    "ConnectionArn": CONNECTION,
    "Name": "shop",
    "ArtifactsBucket": "shop-artifacts",
}
IMAGE = {"ImageUri": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/shop@sha256:0"}


def whole(source: str = "github", **more: Any) -> "Stack":
    """The stack with everything in it."""
    pull_requests = {"PullRequestConnectionArn": PULL_REQUESTS} if source == "github" else {}
    monitoring = {"MonitoringUrl": "https://shop.example/start"}
    return deploy("pipeline.yaml", {**WORDS, **IMAGE, **pull_requests, **monitoring, "SourceKind": source, **more})


class _Loader(yaml.CSafeLoader):
    """YAML with CloudFormation's short forms."""


def _short_form(loader: yaml.CSafeLoader, suffix: str, node: yaml.Node) -> Any:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        return {name: value.split(".", 1) if suffix == "GetAtt" else value}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {name: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _short_form)


@cache
def load(name: str) -> dict[str, Any]:
    """A template as it is written, short forms made long."""
    template: dict[str, Any] = yaml.load((FOLDER / name).read_text(), _Loader)  # noqa: S506  (a SafeLoader)
    return template


@dataclass
class Stack:
    """One stack, resolved."""

    name: str
    template: dict[str, Any]
    parameters: dict[str, Any]
    resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Those whose condition holds: ``Type`` and ``Properties``."""
    nested: dict[str, "Stack"] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)

    def find(self, kind: str) -> dict[str, dict[str, Any]]:
        """Properties of all resources of a type, here and in nested stacks, by stack and logical id."""
        properties = {
            f"{self.name}.{name}": resource["Properties"]
            for name, resource in self.resources.items()
            if resource["Type"] == kind
        }
        for stack in self.nested.values():
            properties |= stack.find(kind)
        return properties

    @property
    def variables(self) -> dict[str, dict[str, str]]:
        """Environment variables of each CodeBuild project, by the project's name within its template."""
        return {
            name.partition(".")[2]: {
                item["Name"]: item["Value"] for item in about["Environment"]["EnvironmentVariables"]
            }
            for name, about in self.find("AWS::CodeBuild::Project").items()
        }


def deploy(name: str, parameters: Mapping[str, Any], stack: str = "root") -> Stack:
    """The stack of a template. Raises KeyError for whatever is not there."""
    template = load(name)
    declared = template.get("Parameters", {})
    unknown = set(parameters) - set(declared)
    if unknown:
        raise KeyError(f"{name} has no parameters {sorted(unknown)}")
    missing = [
        parameter for parameter, about in declared.items() if "Default" not in about and parameter not in parameters
    ]
    if missing:
        raise KeyError(f"{name} needs {missing}")
    defaults = {parameter: about["Default"] for parameter, about in declared.items() if "Default" in about}
    created = Stack(stack, template, {**defaults, **parameters})
    resolver = _Resolver(created)
    for logical in resolver.bodies:
        resolver.resource(logical)
    created.outputs = {
        output: resolver.value(about["Value"])
        for output, about in template.get("Outputs", {}).items()
        if resolver.holds(about.get("Condition"))
    }
    return created


class _Resolver:
    def __init__(self, stack: Stack) -> None:
        self._stack, self._template = stack, stack.template
        self.bodies = dict(_expanded(self._template["Resources"]))

    def resource(self, logical: str) -> dict[str, Any] | None:
        """Resolved, and remembered; None if its condition does not hold."""
        body = self.bodies[logical]
        if not self.holds(body.get("Condition")):
            return None
        if logical not in self._stack.resources:
            properties = self.value(body.get("Properties", {}))
            self._stack.resources[logical] = {**body, "Properties": properties}
            if body["Type"] == "AWS::CloudFormation::Stack":
                given = properties.get("Parameters", {})
                self._stack.nested[logical] = deploy(properties["TemplateURL"], given, logical)
        return self._stack.resources[logical]

    def holds(self, condition: str | None) -> bool:
        return condition is None or bool(self.value(self._template["Conditions"][condition]))

    def value(self, node: Any) -> Any:
        if isinstance(node, list):
            return [item for item in map(self.value, node) if item is not NOTHING]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            name, argument = next(iter(node.items()))
            if name == "Ref":
                return self._ref(argument)
            if name == "Condition" and isinstance(argument, str):
                return self.holds(argument)
            if name.startswith("Fn::"):
                return getattr(self, "_" + name.removeprefix("Fn::").lower())(argument)
        resolved = {name: self.value(item) for name, item in node.items()}
        return {name: item for name, item in resolved.items() if item is not NOTHING}

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NOTHING
        if name in ("AWS::StackName", "AWS::StackId"):
            return f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{self._stack.name}/{self._stack.name}-id"
        if name in PSEUDO:
            return PSEUDO[name]
        if name in self._stack.parameters:
            return self._stack.parameters[name]
        kind = self.bodies[name]["Type"]
        if kind in REF_IS_ARN:
            return self._getatt([name, "Arn"])
        return self._properties(name)[NAMES[kind]] if kind in NAMES else self._id(name)

    def _getatt(self, path: list[str]) -> Any:
        name, attribute = path
        resource = self.resource(name)
        assert resource is not None, f"{self._stack.name} refers to {name}, which is not there"
        if attribute.startswith("Outputs."):
            return self._stack.nested[name].outputs[attribute.removeprefix("Outputs.")]
        if attribute == "Arn":
            return ARNS[resource["Type"]].format(id=self._id(name), **resource["Properties"])
        if attribute == "RepositoryUri":
            return f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{resource['Properties']['RepositoryName']}"
        return resource["Properties"].get(attribute, f"{self._id(name)}.{attribute.lower()}")

    def _properties(self, name: str) -> dict[str, Any]:
        resource = self.resource(name)
        assert resource is not None, f"{self._stack.name} refers to {name}, which is not there"
        properties: dict[str, Any] = resource["Properties"]
        return properties

    def _id(self, name: str) -> str:
        return f"{self._stack.name}-{name}".lower()

    def _sub(self, argument: Any) -> str:
        text, more = argument if isinstance(argument, list) else (argument, {})
        values = {name: self.value(value) for name, value in more.items()}

        def resolve(match: re.Match[str]) -> str:
            name = match[1]
            if name in values:
                return str(values[name])
            return str(self._getatt(name.split(".", 1)) if "." in name else self._ref(name))

        return re.sub(r"\$\{([^}!]+)\}", resolve, text)

    def _if(self, argument: list[Any]) -> Any:
        condition, yes, no = argument
        return self.value(yes if self.holds(condition) else no)

    def _equals(self, argument: list[Any]) -> bool:
        left, right = map(self.value, argument)
        return str(left) == str(right)

    def _and(self, argument: list[Any]) -> bool:
        return all(map(self.value, argument))

    def _not(self, argument: list[Any]) -> bool:
        return not self.value(argument[0])

    def _findinmap(self, argument: list[Any]) -> Any:
        name, first, second = map(self.value, argument)
        return self._template["Mappings"][name][first][second]

    def _select(self, argument: list[Any]) -> Any:
        return self.value(argument[1])[argument[0]]

    def _split(self, argument: list[Any]) -> list[str]:
        return str(self.value(argument[1])).split(argument[0])


def _expanded(resources: Mapping[str, Any]) -> Any:
    """Loops of ``AWS::LanguageExtensions`` unrolled."""
    for name, body in resources.items():
        if not name.startswith("Fn::ForEach::"):
            yield name, body
            continue
        variable, values, block = body
        for value in values:
            for logical, resource in block.items():
                yield logical.replace(f"${{{variable}}}", value), _filled(resource, variable, value)


def _filled(node: Any, variable: str, value: str) -> Any:
    if isinstance(node, dict):
        if node == {"Ref": variable}:
            return value
        return {name: _filled(item, variable, value) for name, item in node.items()}
    if isinstance(node, list):
        return [_filled(item, variable, value) for item in node]
    return node.replace(f"${{{variable}}}", value) if isinstance(node, str) else node
