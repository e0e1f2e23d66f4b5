"""Selenium without its modules for BiDi, until one is used. Each test is a process of its own, as imports last."""

import subprocess
import sys

import pytest

BEGIN = """
import inspect, sys
from uitest.compat import selenium_bidi
selenium_bidi.import_late()
selenium_bidi.import_late()
LATE = "selenium.webdriver.common.bidi."
def loaded(): return sorted(name for name in sys.modules if name.startswith(LATE))
"""


def output(code: str) -> str:
    """What a program prints that begins with ``BEGIN``."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", BEGIN + code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_modules_for_bidi_are_imported_when_they_are_used() -> None:
    """The driver's module imports none, else it is as always; what it makes of a class is that class's."""
    output("""
from selenium import webdriver
from selenium.webdriver.remote import webdriver as module
assert webdriver.Chrome and loaded() == []
assert module.__loader__ is module.__spec__.loader and type(module.__loader__).__name__ == "SourceFileLoader"
assert "class WebDriver" in inspect.getsource(module.WebDriver)
from selenium.webdriver.common.bidi.session import Session
assert type(module.Session(None)) is Session and module.Session is Session
from selenium.webdriver.common.bidi.script import Script
assert inspect.isclass(Script)
assert __import__ is selenium_bidi.builtins.__import__ and __import__.__name__ == "__import__"
""")


def test_suite_that_imports_them_itself_gets_them() -> None:
    """In Selenium 4.40 the package has then imported the driver's module before, from 4.52 on it has not."""
    output("""
from selenium.webdriver.common.bidi.session import Session
from selenium.webdriver.remote import webdriver as module
assert type(module.Session(None)) is Session and module.Session is Session
""")


@pytest.mark.parametrize(
    ("problem", "expected"),
    [("class Derived(Script): pass", "Derived"), ("raise ImportError('no such')", "ImportError")],
)
def test_module_that_does_not_get_along_is_imported_as_it_is(problem: str, expected: str) -> None:
    """It may need a class at once; what fails for another reason fails as always."""
    assert expected in output(f"""
import importlib.util
class Source:
    def create_module(self, spec): return None
    def exec_module(self, module):
        exec("from selenium.webdriver.common.bidi.script import Script\\n{problem}", module.__dict__)
spec = importlib.util.spec_from_loader(selenium_bidi.USER, selenium_bidi.LateImports(Source()))
module = importlib.util.module_from_spec(spec)
try:
    spec.loader.exec_module(module)
    print(module.Derived.__name__, module.Script.__name__)
except ImportError as exc:
    print(type(exc).__name__)
assert selenium_bidi.builtins.__import__.__name__ == "__import__"
""")
