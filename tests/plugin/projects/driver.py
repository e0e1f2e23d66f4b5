"""What a case can expect of its driver in every engine (see test_driver.py)."""

import os
from pathlib import Path

import pytest
from selenium.common.exceptions import NoAlertPresentException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.wait import WebDriverWait

PAGE = os.environ["PAGES"] + "/page.html"


@pytest.fixture(params=["one", "two"])
def word(request):
    return request.param


def test_alias(driver, selenium, uitest_browser):
    assert driver is selenium
    assert isinstance(driver, WebDriver)
    assert uitest_browser in type(driver).__name__.lower()


@pytest.mark.case("tc001")
@pytest.mark.nondestructive
def test_marked(driver):
    driver.get(PAGE)
    button = driver.find_element(By.ID, "button")
    button.click()
    assert button.text == "pressed"


@pytest.mark.parametrize("number", [1, 2])
def test_parametrised(driver, word, number):
    driver.get(PAGE)
    driver.find_element(By.ID, "text").send_keys(f"{word} {number}")
    assert driver.find_element(By.ID, "text").get_property("value") == f"{word} {number}"


def test_upload(driver, tmp_path):
    chosen = tmp_path / "chosen.txt"
    chosen.write_text("text")
    driver.get(PAGE)
    driver.find_element(By.ID, "file").send_keys(str(chosen))
    assert driver.execute_script("return document.getElementById('file').files[0].name") == "chosen.txt"


def test_download(driver, uitest_browser, request):
    if uitest_browser == "webkit":
        pytest.skip("WebKit cannot be told where to download to")
    folder = request.getfixturevalue("downloads")
    driver.get(PAGE)
    driver.find_element(By.ID, "download").click()
    WebDriverWait(driver, 10).until(lambda _: [path.name for path in Path(folder).iterdir()] == ["data.bin"])
    assert (folder / "data.bin").read_text() == "0123456789"


def test_dialog_in_the_way(driver):
    driver.get(PAGE)
    driver.execute_script("setTimeout(() => alert('in the way'), 0)")
    wait = WebDriverWait(driver, 10, ignored_exceptions=[NoAlertPresentException])
    assert wait.until(lambda driver: driver.switch_to.alert.text) == "in the way"
    driver.switch_to.alert.accept()
    assert driver.title == "Page"


def test_fails(driver):
    driver.get(PAGE)
    driver.execute_script("console.error('boom')")
    assert driver.title == "Another", "fails on purpose"


def test_fails_without_a_browser(driver):
    driver.quit()
    pytest.fail("fails on purpose")
