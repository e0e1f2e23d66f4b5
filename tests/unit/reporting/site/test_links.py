"""Addresses: relative where possible, quoted, never able to run code."""

from pathlib import Path

import pytest

from uitest.reporting.site import artifacts_url
from uitest.reporting.site.links import artifact_href, image_origin, is_absolute, safe_href


@pytest.mark.parametrize(
    ("site", "artifacts", "expected"),
    [
        ("out/site", "out/artifacts", "../artifacts/"),
        ("out", "out/artifacts", "artifacts/"),
        ("site", "site", "./"),
        ("site", "my files", "../my%20files/"),
        ("s3://b/site", "s3://b/artifacts", "../artifacts/"),
        ("s3://b", "s3://b/artifacts/x/", "artifacts/x/"),
        ("s3://b/a/b", "s3://b", "../../"),
        ("s3://b/site", "s3://other/pre fix", "https://other.s3.amazonaws.com/pre%20fix/"),
        ("s3://b/site", "s3://dotted.name", "https://s3.amazonaws.com/dotted.name/"),
        ("site", "s3://other/a", "https://other.s3.amazonaws.com/a/"),
    ],
)
def test_artifacts_url_is_relative_within_one_place(site: str, artifacts: str, expected: str) -> None:
    """The address is relative between folders and within a bucket, else absolute."""
    assert artifacts_url(site, artifacts) == expected


def test_artifacts_in_a_folder_of_a_site_on_s3() -> None:
    """The best that can be said is where the files are on this machine."""
    assert artifacts_url("s3://b/site", "art") == Path("art").absolute().as_uri() + "/"


def test_folder_name_with_a_colon_stays_a_relative_link() -> None:
    """A folder named like a scheme stays a relative address."""
    assert not is_absolute(artifacts_url("site", "site/javascript:x"))


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("../a/", "../../../a/run/key/2/page%20%231.html"),
        ("https://cdn.example/a/", "https://cdn.example/a/run/key/2/page%20%231.html"),
        ("/a/", "/a/run/key/2/page%20%231.html"),
    ],
)
def test_artifact_href_starts_at_the_site_root(base: str, expected: str) -> None:
    """A relative address starts at the site's root; names are quoted."""
    assert artifact_href(base, "../../", "run", "key", 2, "page #1.html") == expected


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//x", "", "http://[x", "https:"]
)
def test_unsafe_addresses_are_no_links(url: str) -> None:
    """Only http and https with a host become links."""
    assert safe_href(url) is None


def test_images_of_another_host_are_allowed_by_name() -> None:
    """The policy names the host of absolute artifacts, and nothing for relative ones."""
    assert image_origin("https://b.s3.amazonaws.com/x/") == "https://b.s3.amazonaws.com"
    assert image_origin("../artifacts/") == ""
