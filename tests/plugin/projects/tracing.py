"""A case that fails after a bit of everything a trace shows, and others that must not notice that they are recorded."""

import os
from itertools import count

import pytest
from selenium.common.exceptions import (
    NoSuchElementException,
    NoSuchWindowException,
    UnexpectedAlertPresentException,
)
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

PAGE = os.environ["PAGES"] + "/page.html"

FORM = (
    "document.body.innerHTML = '<style>#text{color:rgb(1,2,3)}</style><form><input id=text>"
    "<input id=pin type=password></form>"
    "<p id=late></p><img src=nowhere.png onerror=alert>'; console.warn('a line to keep');"
    "fetch('data.bin').then(answer => answer.text());"
    "fetch('orders', {method: 'POST', headers: {'Authorization': 'Bearer me', 'X-Asked': 'asked words'},"
    " body: JSON.stringify({password: 'hush-hush', order: 'ordered words'})});"
    "setTimeout(() => { document.getElementById('late').textContent = 'late words'; }, 400);"
)


def test_fails(driver):
    driver.get(PAGE)
    driver.execute_script(FORM)
    driver.find_element(By.ID, "text").send_keys("typed words")
    driver.find_element(By.ID, "pin").send_keys(str(4710 + 1))  # the case itself is in the trace
    polls = count(1)  # twice at least, also where the words are there before the first time
    WebDriverWait(driver, 10).until(lambda d: d.find_element(By.ID, "late").text == "late words" and next(polls) > 1)
    driver.find_element(By.CSS_SELECTOR, "form").find_element(By.ID, "text").clear()
    driver.find_element(By.ID, "text").send_keys(os.environ["TRACED_SECRET"])
    with pytest.raises(NoSuchElementException):
        driver.find_element(By.ID, "nowhere")
    assert driver.title == "Another page"


def test_passes(driver):
    driver.get(PAGE)
    assert driver.title == "Page"


def test_dialogs(driver):
    driver.get(PAGE)
    button = driver.find_element(By.ID, "button")
    driver.execute_script("arguments[0].onclick = () => { document.title = String(confirm('sure?')); }", button)
    button.click()
    assert driver.switch_to.alert.text == "sure?"
    driver.switch_to.alert.accept()
    WebDriverWait(driver, 10).until(lambda d: d.title == "true")
    button.click()
    with pytest.raises(UnexpectedAlertPresentException):
        driver.find_element(By.ID, "text").send_keys("x")
    WebDriverWait(driver, 10).until(lambda d: d.title == "false")
    assert driver.find_element(By.ID, "text").get_property("value") == ""


def test_frames_and_windows(driver):
    driver.get(PAGE)
    first = driver.current_window_handle
    driver.execute_script("document.body.insertAdjacentHTML('beforeend', '<iframe id=inner src=page.html></iframe>')")
    driver.switch_to.frame(driver.find_element(By.ID, "inner"))
    driver.find_element(By.ID, "button").click()
    assert driver.find_element(By.ID, "button").text == "pressed"
    driver.switch_to.default_content()
    assert driver.find_element(By.ID, "button").text == "press"
    driver.switch_to.new_window("tab")
    driver.get(PAGE)
    driver.find_element(By.ID, "button").click()
    driver.close()
    with pytest.raises(NoSuchWindowException):
        driver.find_element(By.ID, "button")
    driver.switch_to.window(first)
    assert driver.find_element(By.ID, "button").text == "press"


def test_other_commands(driver, tmp_path):
    driver.implicitly_wait(0.2)
    driver.get(PAGE)
    file = tmp_path / "upload.txt"
    file.write_text("words")
    driver.find_element(By.ID, "file").send_keys(str(file))
    assert driver.execute_script("return document.getElementById('file').files[0].name") == "upload.txt"
    assert driver.execute_async_script("const done = arguments[0]; setTimeout(() => done(7), 20);") == 7
    ActionChains(driver).click(driver.find_element(By.ID, "text")).send_keys("ab").perform()
    assert driver.find_element(By.ID, "text").get_property("value") == "ab"
    driver.refresh()
    assert driver.find_elements(By.ID, "nowhere") == []
