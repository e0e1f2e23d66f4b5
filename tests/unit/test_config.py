"""The words of one run, and where their defaults come from."""

from dataclasses import replace

import pytest

from uitest.config import RunSettings, apply_aliases, base_branch, build_url, check_executor, source_version
from uitest.errors import UsageError


def test_settings_survive_the_store() -> None:
    """What is written with a run is what resume reads."""
    settings = RunSettings(cases="c", retries=2, case_timeout=1.5, fail_on_flaky=True, junit="j.xml")
    assert RunSettings.from_json(settings.to_json()) == settings


def test_settings_of_other_versions() -> None:
    """Unknown names are ignored and missing ones get their default."""
    assert RunSettings.from_json({"retries": 1, "from_the_future": True}) == RunSettings(retries=1)


IN_LAMBDA = RunSettings(executor="lambda", artifacts="s3://b/artifacts", site="s3://b")


@pytest.mark.parametrize(
    ("settings", "store", "expected"),
    [
        (IN_LAMBDA, "sqlite:x", "--store dynamodb:"),
        (replace(IN_LAMBDA, artifacts="folder"), "dynamodb:a,b", "--artifacts must be in a bucket"),
        (replace(IN_LAMBDA, site="folder"), "dynamodb:a,b", "--site must be in a bucket"),
        (replace(IN_LAMBDA, headed=True), "dynamodb:a,b", "--headed"),
        (replace(IN_LAMBDA, profile=True), "dynamodb:a,b", "--profile"),
    ],
)
def test_local_paths_are_refused_for_lambda(settings: RunSettings, store: str, expected: str) -> None:
    """What would be lost in its environment is a mistake that is told before anything runs."""
    with pytest.raises(UsageError, match=expected):
        check_executor(settings, store)


BY_STEPS = replace(
    IN_LAMBDA,
    executor="stepfunctions",
    state_machine="arn:aws:states:eu-west-1:123456789012:stateMachine:uitest",
)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (replace(BY_STEPS, state_machine=None), "needs --state-machine with the ARN of one, not None"),
        (replace(BY_STEPS, state_machine="uitest"), "not 'uitest'"),
        (replace(BY_STEPS, state_machine="arn:aws:states:eu-west-1:1:execution:a:b"), "needs --state-machine"),
        (replace(BY_STEPS, max_starts_per_second=2.0), "a state machine does not support"),
        (replace(BY_STEPS, site="folder"), "with --executor stepfunctions, --site must be in a bucket"),
        (replace(BY_STEPS, profile=True), "remove it with --executor stepfunctions"),
        (RunSettings(topic="mine"), "--topic takes the ARN of an SNS topic, not 'mine'"),
        (RunSettings(site_url="javascript:alert(1)"), "--site-url takes an address"),
    ],
)
def test_unsupported_settings_are_refused_for_step_functions(settings: RunSettings, expected: str) -> None:
    """Told before anything runs."""
    with pytest.raises(UsageError, match=expected):
        check_executor(settings, "dynamodb:a,b")


def test_executors_that_have_what_they_need() -> None:
    """Nothing is asked of a run on this machine."""
    check_executor(IN_LAMBDA, "dynamodb:a,b")
    check_executor(BY_STEPS, "dynamodb:a,b")
    check_executor(RunSettings(headed=True, profile=True), "sqlite:x")


def test_names_of_existing_projects() -> None:
    """They stand for ours."""
    environ = {
        "BROWSER": "firefox",
        "WebURL": "http://x",
        "MODULES": "a,b",
        "ModuleTable": "mods",
        "StatusTable": "stat",
        "ArtifactBucket": "shots",
    }
    apply_aliases(environ)
    ours = {name: text for name, text in environ.items() if name.startswith("UITEST_")}
    assert ours == {
        "UITEST_BROWSER": "firefox",
        "UITEST_URL": "http://x",
        "UITEST_MODULES": "a,b",
        "UITEST_STORE": "dynamodb:mods,stat",
        "UITEST_ARTIFACTS": "s3://shots/artifacts",
        "UITEST_SITE": "s3://shots",
    }


def test_uitest_variables_win_over_aliases() -> None:
    """Variables of uitest take precedence over those of an existing project."""
    environ = {
        "BROWSER": "firefox",
        "UITEST_BROWSER": "chrome",
        "ModuleTable": "m",
        "StatusTable": "s",
        "UITEST_STORE": "sqlite:x",
    }
    apply_aliases(environ)
    assert (environ["UITEST_BROWSER"], environ["UITEST_STORE"]) == ("chrome", "sqlite:x")


@pytest.mark.parametrize("environ", [{}, {"ModuleTable": ""}, {"BROWSER": ""}])
def test_empty_names_are_none(environ: dict[str, str]) -> None:
    """A variable that is set to nothing changes nothing."""
    before = dict(environ)
    apply_aliases(environ)
    assert environ == before


@pytest.mark.parametrize("name", ["ModuleTable", "StatusTable"])
def test_one_table_without_the_other(name: str) -> None:
    """Half a store is a mistake: the run would silently go to another one."""
    with pytest.raises(UsageError, match="go together"):
        apply_aliases({name: "x"})


def test_bucket_address_with_a_prefix_is_kept() -> None:
    """A whole address is taken as it is."""
    environ = {"ArtifactBucket": "s3://shots/team"}
    apply_aliases(environ)
    assert (environ["UITEST_ARTIFACTS"], environ["UITEST_SITE"]) == ("s3://shots/team", "s3://shots/team/site")


def test_source_version_of_each_ci_service() -> None:
    """Commit and branch are read from the variables of each CI service."""
    environ = {"CODEBUILD_RESOLVED_SOURCE_VERSION": "abc", "CODEBUILD_WEBHOOK_HEAD_REF": "refs/heads/main"}
    assert source_version(environ) == ("abc", "main")
    assert source_version({"GIT_COMMIT": "def", "GIT_BRANCH": "x"}) == ("def", "x")
    assert source_version({"GIT_BRANCH": "origin/main"}) == (None, "main")
    assert source_version({"GITHUB_HEAD_REF": "change", "GITHUB_REF_NAME": "7/merge"}) == (None, "change")
    assert source_version({}) == (None, None)
    assert source_version({"UITEST_BRANCH": "main", "GIT_BRANCH": "x"}) == (None, "main")


@pytest.mark.parametrize(
    ("environ", "branch"),
    [
        ({"CODEBUILD_WEBHOOK_BASE_REF": "refs/heads/main"}, "main"),
        ({"GITHUB_BASE_REF": "main"}, "main"),
        ({"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "release/2"}, "release/2"),
        ({"CHANGE_TARGET": "main"}, "main"),
        ({"GITHUB_BASE_REF": "", "GITHUB_REF_NAME": "main"}, None),
    ],
)
def test_base_branch_of_each_ci_service(environ: dict[str, str], branch: str | None) -> None:
    """The branch that a pull request is for; none in other builds."""
    assert base_branch(environ) == branch


@pytest.mark.parametrize(
    ("environ", "url"),
    [
        ({"CODEBUILD_BUILD_URL": "https://c.example/1"}, "https://c.example/1"),
        ({"BUILD_URL": "https://j.example/1/"}, "https://j.example/1/"),
        (
            {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "shop/site", "GITHUB_RUN_ID": "7"},
            "https://github.com/shop/site/actions/runs/7",
        ),
        ({"GITHUB_RUN_ID": "7", "BUILD_URL": ""}, None),
    ],
)
def test_build_url_of_each_ci_service(environ: dict[str, str], url: str | None) -> None:
    """The build's address is read from the variables of each CI service."""
    assert build_url(environ) == url
