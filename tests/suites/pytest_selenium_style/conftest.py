import pytest


@pytest.fixture
def selenium(selenium):
    selenium.implicitly_wait(3)
    selenium.set_window_size(1200, 800)
    return selenium


@pytest.fixture(scope="session")
def session_capabilities(session_capabilities):
    return {**session_capabilities, "pageLoadStrategy": "normal"}
