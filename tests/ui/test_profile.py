"""The learner's profile: saved from the page, with what is wrong beside its field, and followed."""

from uuid import uuid4

from playwright.sync_api import expect

from tests.ui.test_access import serious

#: No other test looks at what was tried there.
ALONE = "meter-units"
MINE = ["#pythonmastery-my-data"]
DEFAULTS = {
    "bio": None,
    "difficulty_preference": "balanced",
    "notification_settings": {"verdicts": True},
}


def test_the_profile_is_saved_and_the_page_follows_it(desk):
    call = desk.server.call
    call("PATCH", "me/profile", DEFAULTS)
    desk.command("pythonmastery:my-data")
    mine = desk.page.get_by_role("tabpanel", name="My Data")
    about = mine.get_by_role("textbox", name="About me")
    save = mine.get_by_role("button", name="Save my profile")
    try:
        about.fill("x" * 2001)
        with desk.forgiven():
            save.press("Enter")
            expect(about).to_have_attribute("aria-invalid", "true")
        expect(about).to_be_focused()
        expect(mine.locator(".pm-problem")).to_contain_text("2000")
        assert serious(desk.page, MINE) == []

        # Sent from elsewhere, so that it is graded while another page is in front.
        draft = {"key": str(uuid4()), "kind": "check", "code": "1 / 0"}
        call("POST", f"problems/{ALONE}/attempts", draft)
        told = desk.page.get_by_role("alert").filter(has_text="was graded: not all tests passed")
        expect(told).to_be_visible()

        about.fill("I count bottles.")
        choice = mine.get_by_role("combobox", name="Problems that are suggested to me")
        choice.select_option("easier")
        mine.get_by_role("checkbox", name="An attempt was graded").uncheck()
        save.press("Enter")
        expect(mine).to_contain_text("Your profile is saved.")
        kept = call("GET", "me/profile")
        assert (kept["bio"], kept["difficulty_preference"]) == ("I count bottles.", "easier")
        assert kept["notification_settings"]["verdicts"] is False
        desk.theme("JupyterLab Dark")
        assert serious(desk.page, MINE) == []
    finally:
        call("PATCH", "me/profile", DEFAULTS)
