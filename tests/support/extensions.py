"""Packages that extend uitest: the examples beside the tests, and small ones that a test makes."""

from pathlib import Path

EXAMPLES = Path(__file__).parents[1] / "extensions"
"""To be put on PYTHONPATH: modules and the metadata of their distributions, as pip would install them."""


def install(folder: Path, name: str, group: str, entry: str, text: str = "") -> None:
    """Put a distribution with one entry point (``NAME = MODULE:FACTORY``) and one module into a folder."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{group}]\n{entry}\n")
    (folder / f"{name}.py").write_text(text)
