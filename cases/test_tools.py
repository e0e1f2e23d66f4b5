"""A table that sorts; one test, a case for each column."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as ec

COLUMNS = {
    "tool": (1, "Apple picker", "Wallpaper table"),
    "fee": (2, "0.50", "12.50"),
    "shelf": (3, "0", "12"),
}


@pytest.mark.parametrize("column", COLUMNS)
def test_table_sorts_by(driver, base_url, wait, column):
    """The first press of a heading sorts upwards, the second downwards; numbers sort as numbers."""
    number, lowest, highest = COLUMNS[column]
    heading = (By.CSS_SELECTOR, f"#tools th:nth-child({number})")
    cells = (By.CSS_SELECTOR, f"#tools td:nth-child({number})")
    driver.get(f"{base_url}/tools.html")

    driver.find_element(*heading).find_element(By.TAG_NAME, "button").click()
    wait.until(ec.text_to_be_present_in_element_attribute(heading, "aria-sort", "ascending"))
    upwards = [cell.text for cell in driver.find_elements(*cells)]
    assert (upwards[0], upwards[-1]) == (lowest, highest)

    driver.find_element(*heading).find_element(By.TAG_NAME, "button").click()
    wait.until(ec.text_to_be_present_in_element_attribute(heading, "aria-sort", "descending"))
    assert [cell.text for cell in driver.find_elements(*cells)] == upwards[::-1]
