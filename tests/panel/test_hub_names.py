"""Names that the hub tells, as somebody with the service's token may spell them."""

import pytest

from tests.panel.office import Office

PERSON = {"github_id": 4711, "login": "odd"}


@pytest.mark.parametrize("name", ["a%00b", "%00", "a" * 256])
def test_a_name_that_the_database_cannot_keep_is_refused(desk: Office, name: str):
    for verb, body in (("PUT", PERSON), ("DELETE", None)):
        status, told = desk.api(desk.hub.service_token, verb, f"hub/people/{name}", body)
        assert (status, told["error"]["fields"][0]["field"]) == (422, "name")


def test_an_address_of_a_picture_with_a_nul_is_refused(desk: Office):
    odd = {**PERSON, "avatar_url": "https://x/\0"}
    status, told = desk.api(desk.hub.service_token, "PUT", "hub/people/odd", odd)
    assert (status, told["error"]["fields"][0]["field"]) == (422, "avatar_url")
