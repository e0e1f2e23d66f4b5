"""``uitest local-aws``: the whole system in one command, and nothing left of it."""

import signal
import sys
import urllib.error
import urllib.request

import pytest

from tests.e2e.conftest import Project
from tests.support.processes import alive, descendants, eventually

SESSION = """
import os, subprocess, sys, urllib.request
def uitest(*words):
    return subprocess.run([sys.executable, "-m", "uitest", *words]).returncode
assert uitest("modules", "load", "modules.json") == 0
code = uitest("run", "--run-id", "r")
page = urllib.request.urlopen(os.environ["UITEST_SITE_URL"] + "/runs/r/index.html").read().decode()
assert "test_it::test_wrong" in page
print("account", os.environ["AWS_ENDPOINT_URL"], flush=True)
sys.exit(code)
"""


def is_served(url: str) -> bool:
    """Whether anybody answers."""
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310  our own servers
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


@pytest.mark.slow
def test_command_in_the_local_account_runs_with_double_deliveries(project: Project) -> None:
    """Modules, a run in Lambda with every event delivered twice, pages; then the command's exit code, and no trace."""
    project.cases("def test_shop(driver, base_url): driver.get(base_url)\ndef test_wrong(): assert ran('wrong')\n")
    (project.folder / "modules.json").write_text('{"m": ["test_it::test_shop", "test_it::test_wrong"]}')
    (project.folder / "session.py").write_text(SESSION)
    project.environ["AWS_PROFILE"] = "of-somebody-else"
    words = ("local-aws", "--concurrency", "2", "--duplicate", "1", "--", sys.executable, "session.py")
    ended = project.run(*words, code=1)
    assert "up to 2 at once in Lambda function uitest" in ended.stderr
    assert "Status page  http://127.0.0.1:" in ended.stderr
    assert "2 accepted, 2 delivered twice" in ended.stderr
    assert project.ran() == ["wrong"]
    account = ended.stdout.split()[-1]
    assert account.startswith("http://127.0.0.1:")
    assert not is_served(account)
    assert not (project.folder / ".uitest" / "site").exists()


def test_local_account_serves_until_it_is_interrupted(project: Project) -> None:
    """The printed variables lead to what is served; Ctrl-C ends all of it, and its folders."""
    project.cases("")
    scratch = project.folder / "tmp"
    scratch.mkdir()
    process = project.start("local-aws", environ={"TMPDIR": str(scratch)})
    assert process.stdout is not None
    variables = {}
    while "UITEST_MAX_CONCURRENCY" not in variables:
        export, _, name_and_value = process.stdout.readline().strip().partition(" ")
        assert export == "export"
        name, _, value = name_and_value.partition("=")
        variables[name] = value
    urls = [variables["AWS_ENDPOINT_URL"], variables["AWS_ENDPOINT_URL_LAMBDA"], variables["UITEST_SITE_URL"]]
    assert all(map(is_served, urls))
    project.run("modules", "list", environ=variables)
    works = project.run("doctor", "--function", "uitest", "--browser", "chrome", environ=variables).stdout
    assert works.splitlines()[1].split()[:2] == ["chrome", "works"]
    family = descendants(process.pid)
    assert len(family) > 1
    process.send_signal(signal.SIGINT)
    project.end(process, code=130)
    eventually(lambda: not alive(family), "no process is left")
    assert not any(map(is_served, urls))
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "code"), [("exit 7", 7), ("kill -KILL $$", 137), ("kill -TERM $PPID; exec sleep 60", 143)]
)
def test_exit_code_of_the_command_is_passed_on(project: Project, text: str, code: int) -> None:
    """Its exit code, or the signal that ended it; a request to end reaches it."""
    project.cases("")
    project.run("local-aws", "--", "sh", "-c", text, code=code)
