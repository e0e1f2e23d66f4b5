"""The six flows of ``selenium/test_flows.py`` as a user of Playwright writes them: same steps, same assertions."""

from playwright.sync_api import expect


def test_home_page_leads_on(page, base_url):
    page.goto(f"{base_url}/index.html")
    assert page.title() == "Borrowbox: the neighbourhood tool library"
    assert page.locator("h1").inner_text() == "Borrow the drill, keep the shelf"
    assert page.locator("nav a").all_inner_texts()[:3] == ["Home", "Tools", "Photos"]
    page.get_by_role("link", name="Tools", exact=True).click()
    expect(page).to_have_title("Tools: Borrowbox")


def test_button_shows_the_hours(page, base_url):
    page.goto(f"{base_url}/hours.html")
    assert page.locator("#hours").inner_text() == "Press the button to see when we are open."
    page.locator("#show").click()
    expect(page.locator("#hours")).to_contain_text("Open Tuesday to Saturday")


def test_check_boxes_fill_the_box(page, base_url):
    page.goto(f"{base_url}/pickup.html")
    glasses = page.locator("#glasses")
    manual = page.locator("#manual")
    assert not glasses.is_checked()
    assert manual.is_checked()
    glasses.click()
    manual.click()
    expect(page.locator("#extras")).to_contain_text("In the box: safety glasses.")
    assert glasses.is_checked()


def test_drop_down_names_the_address(page, base_url):
    page.goto(f"{base_url}/pickup.html")
    page.locator("#place").select_option(label="Harbour")
    expect(page.locator("#address")).to_contain_text("We meet at Pier 4, container 7.")


def test_notice_arrives_late(page, base_url):
    page.goto(f"{base_url}/news.html")
    expect(page.locator("#notice")).to_contain_text("The apple picker is back")


def test_login_survives_a_reload(page, base_url):
    page.goto(f"{base_url}/account.html")
    assert page.locator("#who").inner_text() == "Nobody is logged in."
    page.locator("#card").fill("1042")
    page.locator("#pin").fill("2468")
    page.locator("#login button").click()
    expect(page.locator("#who")).to_contain_text("Logged in as Ada.")
    page.reload()
    expect(page.locator("#who")).to_contain_text("Logged in as Ada.")
    assert page.locator("#loans li").all_inner_texts() == ["Cordless drill", "Spirit level"]
