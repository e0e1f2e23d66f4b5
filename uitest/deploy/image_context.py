"""What images are built from: this installation of uitest as a wheel, the Dockerfiles, and the user's repository.

The wheel is made of the files that are running, whether they were installed from a wheel or from a checkout: the image
runs the same uitest as the command that deploys it, and nothing has to be published anywhere.
"""

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.metadata import PackageNotFoundError
from importlib.metadata import distribution as installed
from importlib.resources import files
from pathlib import Path

from uitest import distribution
from uitest.deploy.project_files import Project
from uitest.errors import UsageError

PACKAGES = ("uitest", "lambda_runner", "uitest.buildspecs", "uitest.status_site")
"""Packages with folders of their own: a checkout has the last two beside ``uitest`` and not in it."""
STEM = f"{distribution.NAME.replace('-', '_')}-{distribution.VERSION}"
"""How the names of a wheel and of its metadata begin."""
SKIPPED = ("__pycache__",)
SAME_TIME = (2020, 1, 1, 0, 0, 0)
"""Of all files in archives, so that the same content is the same archive."""
PROJECT = "project"
"""Folder of the context that holds the user's repository."""
REQUIREMENTS = "requirements"
"""Folder of the context with the files that pip reads for requirements.txt, so that their layer can be reused."""
CASES_DOCKERFILE = "cases.Dockerfile"
PROGRAMS = (b"#!", b"\x7fELF")
"""How files begin that can be executed. Sources that come as a zip file may have lost their modes."""


def base_files() -> dict[str, bytes]:
    """The files of the base image by their names in the context."""
    package = files("lambda_runner")
    names = ("Dockerfile", "constraints.txt", "browsers.sh", "entrypoint.sh")
    return {**{file: (package / file).read_bytes() for file in names}, f"{STEM}-py3-none-any.whl": wheel()}


def project_context(project: Project) -> dict[str, bytes]:
    """The files of the image with cases by their names in the context, beside those of the base."""
    dockerfile = (files("lambda_runner") / CASES_DOCKERFILE).read_text()
    return {
        CASES_DOCKERFILE: dockerfile.replace("ARG CASES=cases\n", f"ARG CASES={json.dumps(project.cases)}\n").encode(),
        **{f"{REQUIREMENTS}/{name}": content for name, content in project.requirements().items()},
        **{f"{PROJECT}/{name}": content for name, content in project.files.items()},
    }


def digest(context: Mapping[str, bytes]) -> str:
    """A name for a context's content."""
    summary = "".join(f"{name} {hashlib.sha256(context[name]).hexdigest()}\n" for name in sorted(context))
    return hashlib.sha256(summary.encode()).hexdigest()[:16]


def archive(context: Mapping[str, bytes]) -> bytes:
    """The context as a zip file."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as file:
        for name in sorted(context):
            info = zipfile.ZipInfo(name, SAME_TIME)
            info.external_attr = mode(context[name]) << 16
            file.writestr(info, context[name], zipfile.ZIP_DEFLATED)
    return output.getvalue()


def write(context: Mapping[str, bytes], folder: Path) -> None:
    """Write the context's files into a folder."""
    for name, content in context.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(mode(content))


def mode(content: bytes) -> int:
    """The mode of a file with this content."""
    return 0o755 if content.startswith(PROGRAMS) else 0o644


def wheel() -> bytes:
    """This installation as a wheel. Raises UsageError if it is none, but a folder on the path."""
    content: dict[str, bytes] = {}
    for package in PACKAGES:
        folder = Path(str(import_module(package).__path__[0]))
        content |= {f"{package.replace('.', '/')}/{name}": data for name, data in _tree(folder)}
    try:
        about = installed(distribution.NAME)
    except PackageNotFoundError as exc:
        raise UsageError(f"{distribution.NAME} runs without being installed; install it with pip") from exc
    metadata = about.read_text("METADATA") or about.read_text("PKG-INFO") or ""  # the latter in a checkout
    info = f"{STEM}.dist-info"
    content[f"{info}/METADATA"] = metadata.encode()
    content[f"{info}/entry_points.txt"] = (about.read_text("entry_points.txt") or "").encode()
    content[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: uitest\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    record = "".join(f"{name},sha256={_hash(data)},{len(data)}\n" for name, data in sorted(content.items()))
    content[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    return archive(content)


def _hash(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def _tree(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Names and contents of all files below a folder, hidden ones and caches left out."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        hidden = any(part.startswith(".") or part in SKIPPED for part in name.parts)
        if path.is_file() and not hidden:
            yield name.as_posix(), path.read_bytes()
