"""The learner's own data: saved as a file, and the account erased and kept again."""

import zipfile

from playwright.sync_api import expect

from tests.ui.test_access import serious


def test_my_data_is_saved_and_the_account_is_erased_and_kept(desk):
    name = desk.server.call("GET", "status")["learner"]["username"]
    desk.command("pythonmastery:my-data")
    mine = desk.page.get_by_role("tabpanel", name="My Data")

    with desk.page.expect_download(timeout=60_000) as saved:
        mine.get_by_role("button", name="Download my data").click()
    with zipfile.ZipFile(saved.value.path()) as archive:
        assert name in archive.read("app_user.jsonl").decode()
    assert saved.value.suggested_filename == "pythonmastery-data.zip"
    expect(mine).to_contain_text("You saved the copy that you asked for on")

    mine.get_by_role("button", name="Erase my account…").click()
    box = mine.get_by_role("textbox", name=f"Type your user name, {name}, to confirm")
    expect(box).to_be_focused()
    button = mine.get_by_role("button", name="Erase my account", exact=True)
    box.fill(f"not {name}")
    expect(button).to_have_attribute("aria-disabled", "true")
    assert serious(desk.page, ["#pythonmastery-my-data"]) == []
    box.fill(name)
    try:
        box.press("Enter")
        expect(mine).to_contain_text("Until then you can change your mind.")
        keep = mine.get_by_role("button", name="Keep my account")
        expect(keep).to_be_focused()
        desk.theme("JupyterLab Dark")
        assert serious(desk.page, ["#pythonmastery-my-data"]) == []
        keep.press("Enter")
        expect(mine).to_contain_text("Your account stays: you took it back.")
    finally:
        found = desk.server.call("GET", "me/erasure")["erasure"]
        if found and found["state"] == "cooling":
            desk.server.call("DELETE", "me/erasure")
