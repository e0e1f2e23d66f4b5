"""Builds the addresses on the pages: relative where possible, quoted, and only with schemes that cannot run code."""

import os.path
import posixpath
from pathlib import Path
from urllib.parse import quote, urlsplit

from uitest.short_text import safe_name


def run_folder(run_id: str) -> str:
    """The folder of a run below the site's root."""
    return f"runs/{safe_name(run_id)}"


def artifacts_url(site_spec: str, artifacts_spec: str) -> str:
    """The address of the artifacts from the site's root, with a slash at the end.

    It is relative between two folders and within one bucket, so that both can be moved or put behind a CDN together;
    else absolute: ``https:`` for a bucket, ``file:`` for a folder.
    """
    site, artifacts = _bucket(site_spec), _bucket(artifacts_spec)
    if artifacts is None:
        if site is not None:
            return _with_slash(Path(artifacts_spec).absolute().as_uri())
        relative = os.path.relpath(artifacts_spec, site_spec).replace(os.sep, "/")
        return _with_slash(quote(relative))
    bucket, prefix = artifacts
    if site is not None and site[0] == bucket:
        return _with_slash(quote(posixpath.relpath("/" + prefix, "/" + site[1])))
    # Path style: a certificate for *.s3.amazonaws.com does not cover bucket names with dots.
    host = f"s3.amazonaws.com/{bucket}" if "." in bucket else f"{bucket}.s3.amazonaws.com"
    return _with_slash(f"https://{host}/{quote(prefix)}")


def _bucket(spec: str) -> tuple[str, str] | None:
    if not spec.startswith("s3://"):
        return None
    bucket, _, prefix = spec.removeprefix("s3://").partition("/")
    return bucket, prefix.strip("/")


def _with_slash(url: str) -> str:
    return url if url.endswith("/") else url + "/"


def is_absolute(url: str) -> bool:
    """Whether the address does not depend on the site's root."""
    return url.startswith("/") or bool(urlsplit(url).scheme)


def artifact_href(artifacts: str, root: str, run_id: str, key: str, number: int, name: str) -> str:
    """The link to one artifact from a page; ``root`` leads from the page to the site's root (``../../``)."""
    base = artifacts if is_absolute(artifacts) else root + artifacts
    return f"{base}{safe_name(run_id)}/{key}/{number}/{quote(name)}"


def image_origin(artifacts: str) -> str:
    """The origin that a Content-Security-Policy must allow besides 'self' for screenshots; empty if none."""
    parts = urlsplit(artifacts)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else ""


def safe_href(url: str) -> str | None:
    """The address if its scheme is ``http`` or ``https``, which cannot run code, else None."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None
