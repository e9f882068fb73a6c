"""Where a sign-in comes back to: pages of ours, and no other place of the hub or of the world."""

import pytest

from pythonmastery_ext.panel.sign_in import HubSignIn

BASE = "/services/pythonmastery/"


@pytest.fixture
def sign_in():
    return HubSignIn(api_url="http://127.0.0.1:9/hub/api", api_token="none", base_url=BASE)


@pytest.mark.parametrize("address", [BASE, BASE + "admin/people?after=a%2Fb", BASE + "teach?q=.."])
def test_a_page_of_ours_is_come_back_to(sign_in, address):
    assert sign_in.own_page(address) == address


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "https://evil.example/services/pythonmastery/",
        "//evil.example/services/pythonmastery/",
        "/hub/logout",
        BASE + "../../hub/logout",
        BASE + "%2e%2e/%2E%2E/hub/logout",
        BASE + ".%2e/.%2e/hub/logout",
        BASE + "%252e%252e/hub/logout",
        BASE + "..%5c..%5chub",
        BASE + "%5C%2e%2e",
        BASE + "\\evil.example",
        BASE + "%0d%0aSet-Cookie:a=b",
        BASE + "admin\r\nSet-Cookie: a=b",
        BASE + "admin\t",
        BASE + "a" * 2000,
    ],
)
def test_any_other_place_is_not(sign_in, address):
    assert sign_in.own_page(address) == BASE
