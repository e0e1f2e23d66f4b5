"""Secrets of a real run: in a page, its address, its console, an error, and the address under test."""

from tests.e2e.conftest import Project
from uitest.model import Module

SECRET = "hunter2-is-no/secret"


def test_no_file_holds_a_secret(project: Project) -> None:
    """Neither the site nor the artifacts nor the JUnit file nor the forms to take away."""
    project.cases("""
def test_leaks(driver, base_url):
    secret = os.environ["SHOP_PASSWORD"]
    driver.get(f"{base_url}/?key=" + secret.replace("/", "%2F"))
    driver.execute_script("document.body.append(arguments[0]); console.error(arguments[0])", secret)
    driver.execute_script("return fetch('/?again=' + encodeURIComponent(arguments[0])).then(() => 1)", secret)
    raise AssertionError(f"{secret} was refused by https://me:s3cr3t@shop.example/")
""")
    project.modules(Module("m", ("test_it::test_leaks",)))
    environ = {"SHOP_PASSWORD": SECRET}
    words = (
        "run",
        "--run-id",
        "r",
        "--trace",
        "retain-on-failure",
        "--mask",
        "SHOP_PASSWORD",
        "--url",
        f"{project.url}/?token={SECRET}",
    )
    project.run(*words, code=1, environ=environ)
    forms = ("--single-file", "out/r.html", "--allure", "out/allure", "--csv", "out/r.csv", "--markdown", "out/r.md")
    project.run("report", "r", *forms, environ=environ)
    kept = {path: path.read_bytes() for path in project.folder.rglob("*") if path.is_file() and path.suffix != ".py"}
    kept = {path: data for path, data in kept.items() if "uitest.db" not in path.name}
    names = {path.name for path in kept}
    assert {"trace.js", "console.log", "network.log", "page.html.txt", "junit.xml", "r.html", "r.csv", "r.md"} <= names
    for path, data in kept.items():
        for secret in (SECRET, SECRET.replace("/", "%2F"), "s3cr3t"):
            assert secret.encode() not in data, path
    [attempt] = project.rows("r")["test_it::test_leaks"].attempts
    assert attempt.error == "AssertionError: *** was refused by https://me:***@shop.example/"


def test_a_value_instead_of_a_name(project: Project) -> None:
    """Is refused, and not repeated in the message."""
    project.cases("def test_a(): pass")
    project.modules(Module("m", ("test_it::test_a",)))
    said = project.run("run", "--mask", SECRET, code=2).stderr
    assert "name 1 of --mask" in said
    assert SECRET not in said
