"""What a student with a terminal and a browser can do at the pages: nothing."""

import re
import socket
from urllib.parse import urlsplit

import pytest

from pythonmastery_ext.panel.routes import PAGES
from tests.counterparts.hub import ACCESS, SIGNED_IN, SUBMIT, TEACH
from tests.panel.furniture import EVIL
from tests.panel.office import PREFIX, text

#: An address for each page of an admin.
ADMINS = sorted(
    re.sub(r"\(([a-z-]+)\|[^)]*\)", r"\1", pattern)
    .replace(r"(\d+)", "1")
    .replace("([a-z]{1,20})", "submit")
    .replace("([a-z_]{1,20})", "tutor")
    .replace("([a-z0-9~-]{1,80})", "double")
    for pattern, _ in PAGES
    if pattern.startswith("admin")
)


def test_each_page_has_an_address_to_try():
    assert len(ADMINS) >= 18
    assert not [address for address in ADMINS if re.search(r"[(){}\\|]", address)]


@pytest.mark.parametrize("role", ["student", "instructor"])
def test_every_admins_page_is_closed_to_everybody_else(desk, role):
    browser = desk.browser(f"mallory-{role}", role)
    browser.get("admin")
    before = desk.sql("select count(*) from audit_event where kind <> 'user.created'")
    for address in ADMINS:
        for answer in (browser.get(address), browser.post(address, enabled="false", role="admin")):
            assert answer.status_code in (403, 405), (address, answer.status_code)
            assert "student-1" not in answer.text
    assert desk.sql("select count(*) from audit_event where kind <> 'user.created'") == before


def test_a_token_opens_no_page_whoever_it_belongs_to(desk):
    admins = desk.hub.token("grace", scopes=(ACCESS, SUBMIT, TEACH, "custom:pythonmastery:admin"))
    for word in ("token", "Bearer"):
        headers = {"Authorization": f"{word} {admins}"}
        page = desk.http.get(f"{desk.root}{PREFIX}admin", headers=headers)
        assert page.status_code == 302
    page = desk.http.get(f"{desk.root}{PREFIX}admin?token={admins}")
    assert page.status_code == 302
    assert "/hub/api/oauth2/authorize" in page.headers["Location"]


def test_a_cookie_opens_nothing_in_the_api(desk, admin):
    answer = admin.http.get(desk.address("admin/limits"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "not_signed_in")


def test_a_write_without_the_token_of_its_form_is_refused(desk, admin):
    grace = admin.xsrf
    other = desk.browser("other-admin", "admin")
    other.get("admin/features")
    for given in ({}, {"_xsrf": ""}, {"_xsrf": "x" * 40}, {"_xsrf": other.xsrf}, {"_xsrf": "é"}):
        page = admin.post("admin/features/tutor", guarded=False, enabled="false", **given)
        assert page.status_code == 403, given
        assert "load it again" in text(page)
    assert admin.xsrf == grace
    assert desk.sql("select count(*) from feature where name = 'tutor' and not enabled") == [(0,)]


@pytest.mark.parametrize("lost", ["_xsrf", "another session"])
def test_a_form_from_before_the_cookies_changed_is_refused_and_stops_nothing(desk, lost):
    browser = desk.browser("back-again", "admin")
    browser.get("admin/features")
    kept = {c.name: c.value for c in browser.http.cookies.jar if c.path == PREFIX}
    assert {"_xsrf", "service-pythonmastery"} <= kept.keys()
    sent = {**kept, "jupyterhub-session-id": "another"}
    sent.pop(lost, None)
    answer = desk.http.post(
        f"{desk.root}{PREFIX}admin/features/tutor",
        data={"_xsrf": kept["_xsrf"], "enabled": "false"},
        headers={"Cookie": "; ".join(f"{name}={value}" for name, value in sent.items())},
    )
    assert answer.status_code == 403
    assert browser.get("admin/features").status_code == 200
    assert desk.sql("select count(*) from feature where name = 'tutor' and not enabled") == [(0,)]


def test_a_page_of_the_same_address_cannot_fetch_ours(admin):
    """In development a student's notebook has the address of the service."""
    for mode in ("cors", "same-origin", "no-cors"):
        page = admin.get("admin/people", headers={"Sec-Fetch-Mode": mode})
        assert page.status_code == 403, mode
        assert "student-1" not in page.text


def test_no_other_page_frames_ours_and_no_script_of_others_runs(desk, admin):
    pages = [admin.get("admin/people"), admin.get("admin/nowhere"), desk.browser("s").get("admin")]
    assert [page.status_code for page in pages] == [200, 404, 403]
    for page in pages:
        rules = dict(
            rule.split(" ", 1) for rule in page.headers["Content-Security-Policy"].split("; ")
        )
        assert rules["frame-ancestors"] == "'none'"
        assert rules["script-src"] == rules["style-src"] == "'self'"
        assert rules["base-uri"] == "'none'"
        assert page.headers["X-Frame-Options"] == "DENY"
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "same-origin"
        assert "Server" not in page.headers
        assert not re.search(r"<script(?! src=)|style=|\son\w+=(?=[\"'])", page.text)


@pytest.mark.parametrize(
    "address", ["people", "people?q=student-2", "sessions", "problems", "limits", "requests"]
)
def test_names_labels_and_titles_are_only_text(admin, address):
    page = admin.get(f"admin/{address}")
    assert EVIL not in page.text
    if address in ("people", "sessions", "problems"):
        assert "&lt;img src=x" in page.text


def test_what_is_typed_into_a_filter_comes_back_as_text(admin):
    for path in ("people?q=", "audit?person=", "audit?target=", "limits?person=", "problems?q="):
        page = admin.get(f'admin/{path}"><script>alert(1)</script>')
        assert "<script>alert" not in page.text


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/hub/logout",
        f"{PREFIX}../../hub/logout",
        "javascript:alert(1)",
        f"https://evil.example{PREFIX}admin",
    ],
)
def test_after_a_write_nobody_is_sent_elsewhere(desk, admin, back):
    number = desk.person("student-8")
    page = admin.post(f"admin/limits/{number}/submit/reset", follow=False, back=back)
    assert page.status_code == 303
    assert page.headers["Location"] == PREFIX


def test_a_sign_in_that_another_browser_began_is_not_ended_here(desk):
    """A link with somebody else's code would sign the victim in as the attacker."""
    attacker = desk.browser("attacker", "student")
    way = attacker.get("admin", follow=False)
    agreed = attacker.http.get(way.headers["Location"])
    link = agreed.headers["Location"]
    victim = desk.browser("victim", "admin")
    page = victim.http.get(link)
    assert page.status_code == 403
    assert "service-pythonmastery" not in victim.http.cookies


def test_a_sign_in_comes_back_to_our_pages_only(desk):
    browser = desk.browser("wanderer", "student")
    page = browser.http.get(f"{desk.root}{PREFIX}admin?next=https://evil.example/")
    browser.http.cookies.set(SIGNED_IN, "wanderer")
    end = browser.http.get(page.headers["Location"], follow_redirects=True)
    assert str(end.url).startswith(f"{desk.root}{PREFIX}admin")


@pytest.mark.parametrize(
    "path",
    [
        "people?after=!!!",
        "people?after=WzFd",
        "people?after=WyJhIiwgbnVsbF0",
        "people?sort=password&after=",
        "people/999999999999999999",
        "people?q=%00",
        "people?q=%25%5C_",
        "audit?since=yesterday",
        "audit?person=nobody-at-all",
        "limits?person=%27%20or%201=1",
        "problems/none-like-this",
        "people/%2e%2e/admin",
        "people/%252e%252e/admin",
        "people?q=%ff%fe",
        "people?q=" + "x" * 5000,
        "people?q=%22%27%5C%00%25_%5B",
        "people?sort=" + "-" * 3000,
        "people?after=" + "A" * 5000,
        "people?role=%27;drop table app_user",
        "people?q=a&q=b&sort=login&sort=-login",
        "sessions?person=%5Cu0000",
        "limits?person=99999999999999999999999999",
        "requests?person=-1",
        "audit?since=9999999-01-01",
        "audit?since=0001-01-01&until=9999-12-31",
        "audit?kind=%25&target=%25%5C",
        "problems?q=%25%5C%27",
        "problems?after=WyJcdTAwMDAiLCAxXQ",
    ],
)
def test_what_nobody_would_ask_is_refused_or_harmless(desk, admin, path):
    page = admin.get(f"admin/{path}")
    assert page.status_code in (200, 400, 404, 422), text(page)


@pytest.mark.parametrize("verb", ["HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "ODD"])
def test_other_verbs_do_nothing_at_a_page(desk, admin, verb):
    number = desk.person("student-9")
    for path in ("admin/people", f"admin/people/{number}/lock", "teach", "nowhere"):
        answer = admin.http.request(verb, PREFIX + path, headers={"X-XSRFToken": admin.xsrf})
        assert answer.status_code in (403, 404, 405), path
        assert "student-" not in answer.text
    assert desk.sql("select suspended_at from app_user where id = %s", number) == [(None,)]


def test_another_name_of_the_host_leads_nowhere_else(desk):
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    for path in ("admin", "oauth_callback", "pythonmastery/api/v1/status", "static/own/nothing"):
        page = desk.http.get(f"{desk.root}{PREFIX}{path}", headers=headers)
        assert "evil.example" not in str(page.headers) + page.text, path


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 3\r\nTransfer-Encoding: chunked",
        b"Content-Length: 3\r\nContent-Length: 30",
        b"Transfer-Encoding: chunked, identity",
        b"Transfer-Encoding : chunked",
        b"Content-Length: +3",
        b"Content-Length: 99999999999",
    ],
)
def test_nothing_is_hidden_in_the_body_of_another_request(desk, head):
    """What a proxy takes for a body must not be a request of its own here."""
    address = urlsplit(desk.root)
    hidden = f"GET {PREFIX}healthz/ready HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    with socket.create_connection((address.hostname, address.port), timeout=20) as line:
        line.sendall(f"POST {PREFIX}admin HTTP/1.1\r\nHost: x\r\n".encode())
        line.sendall(head + b"\r\n\r\n0\r\n\r\n" + hidden)
        line.shutdown(socket.SHUT_WR)
        told = b""
        while piece := line.recv(65536):
            told += piece
    assert told.count(b"HTTP/1.1 ") <= 1
    assert b"HTTP/1.1 200" not in told


def test_nobodys_words_are_on_an_admins_pages(desk, admin):
    for path in ("tutor", f"people/{desk.person('student-1')}", "audit", "queue", "requests"):
        page = admin.get(f"admin/{path}")
        assert "my secret words" not in page.text
        assert "secret answer" not in page.text
