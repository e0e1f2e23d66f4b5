import pytest


@pytest.mark.parametrize("way", ["mouse", "keyboard"])
def test_sorting(tools_page, way):
    sort = tools_page.sort_by if way == "mouse" else tools_page.sort_with_keyboard
    sort("Tool")
    assert tools_page.column(0)[:2] == ["Apple picker", "Cordless drill"]


def test_cheapest(tools_page):
    assert tools_page.sort_by("Fee a day").column(1)[0] == "0.50"


def test_opens(tools_page):
    assert tools_page.driver.title.startswith("Tools")
