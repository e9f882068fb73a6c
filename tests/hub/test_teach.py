"""The teaching pages in Chromium, through the real hub and its proxy."""

import pytest
from playwright.sync_api import expect

from pythonmastery_ext.panel.navigation import TEACH
from tests.hub.test_panel import WIDER, broken


@pytest.mark.parametrize("width", [1280, 320])
def test_an_instructor_walks_along_every_page_and_axe_finds_nothing(visit, width):
    visitor = visit("instructor")
    visitor.page.set_viewport_size({"width": width, "height": 800})
    visitor.page.emulate_media(color_scheme="dark" if width == 320 else "light")
    visitor.open_pages("/teach")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Sections")
    for title in TEACH.values():
        menu = visitor.page.get_by_role("navigation", name="Pages")
        menu.get_by_role("link", name=title, exact=True).click()
        expect(visitor.page.get_by_role("heading", level=1)).to_have_text(title)
        assert visitor.page.evaluate(WIDER) == [], title
        assert visitor.complaints == []
        part = None if width == 1280 or title == "Sections" else "main"
        assert broken(visitor.page, part) == [], title
        # Axe reads the styles in ways that our policy forbids.
        visitor.complaints.clear()
    visitor.open_pages("/teach")
    visitor.page.get_by_role("table").get_by_role("link").first.click()
    expect(visitor.page.get_by_role("table")).to_contain_text("Section")
    assert broken(visitor.page) == []
    visitor.complaints.clear()
