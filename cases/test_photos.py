"""Pictures that are there, and one that is not."""

import pytest
from selenium.webdriver.common.by import By


@pytest.mark.case("tc006")
def test_a_missing_photo_is_noticed(driver, base_url):
    """A picture without pixels did not load; its text says what should be there."""
    driver.get(f"{base_url}/photos.html")  # returns after the pictures are loaded, or failed to
    photos = driver.find_elements(By.CSS_SELECTOR, ".photos img")
    missing = [photo.get_attribute("alt") for photo in photos if photo.get_property("naturalWidth") == 0]
    assert len(photos) == 4
    assert missing == ["A cider press (this picture is missing on purpose)"]
