"""Failures of real cases in every engine: whose they are, what is shown of them, and which are one error."""

import itertools
import json

import pytest

from tests.e2e.conftest import Project
from uitest.model import BROWSERS, Verdict
from uitest.reporting.site.grouping import attempt_key
from uitest.reporting.site.index import outcomes_name

pytestmark = pytest.mark.slow

CASES = '''
import random, socket, itertools
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as EC
from selenium.webdriver.support.ui import WebDriverWait

PAGE = """data:text/html,<title>Shop</title><h1>House rules</h1><p id=end>The end</p><i id=price>1.50</i>
<button id=under>under</button><div style='position:fixed;inset:0' id=over></div>
<script>setTimeout(() => document.title = 'Shop!')</script>"""

@pytest.fixture
def page(driver):
    driver.get(PAGE.replace("\\n", ""))
    return driver

def same(actual, expected):
    assert actual == expected

def basket(driver):
    return driver.find_element(By.ID, "buy")

def wait(driver):
    return WebDriverWait(driver, 0.2)

def test_no_button__from_a_case(page):
    page.find_element(By.ID, "buy").click()

def test_no_button__from_a_page_object(page):
    basket(page).click()

def test_no_button__by_css(page):
    page.find_element(By.CSS_SELECTOR, "#buy")

def test_no_link(page):
    page.find_element(By.LINK_TEXT, "Pay")

def test_no_row(page):
    page.find_element(By.TAG_NAME, "body").find_element(By.XPATH, "//tr[2]")

def test_never_visible__one(page):
    wait(page).until(EC.visibility_of_element_located((By.ID, "late")))

def test_never_visible__other(page):
    WebDriverWait(page, 0.3).until(EC.visibility_of_element_located((By.ID, "late")))

def test_never_clickable(page):
    wait(page).until(EC.element_to_be_clickable((By.ID, "absent")))

def test_never_titled(page):
    wait(page).until(lambda driver: driver.title == "Cart")

def test_never_two(page):
    wait(page).until(lambda driver: len(driver.find_elements(By.ID, "price")) == 2)

def test_heading(page):
    same(page.find_element(By.TAG_NAME, "h1").text, "Nope")

def test_end(page):
    same(page.find_element(By.ID, "end").text, "Fin")

def test_price(page):
    same(page.find_element(By.ID, "price").text, "0.00")

def test_status__one():
    same(404, 200)

def test_status__other():
    same(404, 200)

def test_count():
    same(0, 1)

def test_told():
    assert 4 == 5, "wrong total"

def test_told_otherwise():
    assert 3 == 5, "wrong total"

def test_covered(page):
    page.find_element(By.ID, "under").click()

def test_stale(page):
    heading = page.find_element(By.TAG_NAME, "h1")
    page.refresh()
    heading.text

def test_dialog(page):
    page.execute_script("alert('Stop')")
    page.title

def test_script(page):
    page.execute_script("undefined.shop()")

@pytest.fixture
def broken(page):
    raise RuntimeError("no data")

def test_fixture__one(broken):
    pass

def test_fixture__other(broken):
    pass

ORDERS = {}

def order(name):
    return ORDERS[name]

def test_no_order():
    order("first")

def test_no_customer():
    order("customer")

def test_unknown_id__one():
    lookup()

def test_unknown_id__other():
    lookup()

def lookup():
    raise LookupError(f"order {random.randrange(10**6)} is unknown")

def test_own_connection():
    socket.create_connection(("127.0.0.1", 1), timeout=2)
'''


def test_failures_of_every_engine_are_grouped_by_cause_and_shown_from_the_case(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    """Failures with one cause have one key in every engine, no two causes share one; tracebacks are the suite's."""
    project.cases(CASES)
    project.run("run", "--browser", ",".join(BROWSERS), "--workers", "2", "--run-id", "r1", code=1)
    with project.store() as store:
        failures = [(row.job, row.attempts) for row in store.jobs("r1")]
    assert len(failures) >= 60
    for job, attempts in failures:
        assert [attempt.verdict for attempt in attempts] == [Verdict.FAILED], (
            job,
            [attempt.error for attempt in attempts],
        )
        detail = attempts[0].detail or ""
        assert detail.lstrip().startswith(("def ", "@pytest", "driver", "page", "actual", "name", "broken", "base")), (
            detail
        )
        assert "/uitest/" not in detail, detail
        assert str(attempts[0].failed_at).startswith("cases/test_it.py:")
        assert not str(attempts[0].error).endswith(":")
    labelled = [
        (job.case.partition("__")[0], attempt_key(attempts[0]), f"{job.case} in {job.browser}")
        for job, attempts in failures
    ]
    pairs = list(itertools.combinations(labelled, 2))
    grouped = [(first, second) for first, second in pairs if first[1] == second[1]]
    related = [(first, second) for first, second in pairs if first[0] == second[0]]
    right = [(first, second) for first, second in grouped if first[0] == second[0]]
    precision, recall = len(right) / len(grouped), len(right) / len(related)
    with capsys.disabled():
        print(f"\n{len(labelled)} failures: precision {precision:.3f}, recall {recall:.3f}")
    wrong = [pair for pair in grouped if pair[0][0] != pair[1][0]] + [
        pair for pair in related if pair[0][1] != pair[1][1]
    ]
    assert precision == recall == 1.0, json.dumps(wrong, indent=1)
    outcomes = json.loads((project.folder / ".uitest/site" / outcomes_name("r1")).read_text())["jobs"]
    assert {entry[2] for entry in outcomes.values()} == {key for _, key, _ in labelled}
