"""The script that installs the image's browsers, with stand-ins for apt-get that have some versions."""

import subprocess
from pathlib import Path

import pytest

from tests.unit.tools.test_distributions import ROOT

APT = """#!/bin/sh
# Has the versions that match no pattern in the file "gone", and writes down what is installed.
for word in "$@"; do
    if grep -qxF -e "$word" gone; then echo "E: Version not found" >&2; exit 100; fi
done
[ "$2" = -s ] || echo "$*" >> installed
"""
PINS = ("156.*", "153.*", "2.50.*")


@pytest.mark.parametrize(
    ("gone", "packages", "messages"),
    [
        ("", {"chromium=156.*", "chromium-driver=156.*", "firefox-esr=153.*", "webkit2gtk-driver=2.50.*"}, []),
        (
            "chromium-driver=156.*",
            {"chromium", "chromium-driver", "firefox-esr=153.*", "webkit2gtk-driver=2.50.*"},
            ["note: the mirror does not have chromium 156.*, with which this uitest was tested; its newest is taken"],
        ),
    ],
)
def test_version_that_the_mirror_has_no_more_is_replaced_by_its_newest(
    tmp_path: Path, gone: str, packages: set[str], messages: list[str]
) -> None:
    """Of all packages of that browser, with a line about it; the others keep their version."""
    (tmp_path / "apt-get").write_text(APT)
    (tmp_path / "apt-get").chmod(0o755)
    (tmp_path / "gone").write_text(f"{gone}\n")
    script = ROOT / "lambda_runner" / "browsers.sh"
    done = subprocess.run(
        ["sh", str(script), *PINS], cwd=tmp_path, env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    [line] = (tmp_path / "installed").read_text().splitlines()
    assert packages < set(line.split())
    assert done.stderr.splitlines() == messages


def test_nothing_to_install_is_an_error(tmp_path: Path) -> None:
    """A mirror without the browser at all ends the build."""
    (tmp_path / "apt-get").write_text("#!/bin/sh\necho 'E: Unable to locate package' >&2\nexit 100\n")
    (tmp_path / "apt-get").chmod(0o755)
    script = ROOT / "lambda_runner" / "browsers.sh"
    words = ["sh", str(script), *PINS]
    done = subprocess.run(words, env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, text=True, check=False)
    assert done.returncode == 100
    assert "Unable to locate package" in done.stderr
