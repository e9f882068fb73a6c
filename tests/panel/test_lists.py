"""Finding people: by login, by name, by address; sorted, and page after page."""

import re

import pytest

from tests.panel.office import text

LINK = re.compile(r'href="([^"]+)">Next page')


def logins(page):
    return re.findall(r'admin/people/\d+">([^<]+)</a></td>', page.text)


def pages(admin, path):
    """All rows, by following the link to the next page."""
    found, steps = [], 0
    page = admin.get(path)
    while True:
        found += logins(page)
        steps += 1
        link = LINK.search(page.text)
        if link is None:
            return found, steps
        page = admin.http.get(link[1].replace("&amp;", "&"))
        assert page.status_code == 200


@pytest.mark.parametrize("sort", ["login", "-login", "since", "-since", "role", "-role"])
def test_each_person_is_on_one_page_in_each_order(desk, admin, sort):
    found, steps = pages(admin, f"admin/people?sort={sort}")
    everybody = {name for (name,) in desk.sql("select username from app_user")}
    assert len(found) == len(set(found))
    assert set(found) == everybody
    assert steps >= 3
    if sort.endswith("login"):
        order = desk.sql("select username from app_user order by username")
        names = [name for (name,) in order]
        assert found == (names[::-1] if sort.startswith("-") else names)


def test_the_table_says_how_it_is_sorted(admin):
    page = admin.get("admin/people?sort=-since").text
    assert page.count("aria-sort") == 1
    assert 'aria-sort="descending"><a' in re.sub(r"\s*\n\s*", "", page)
    assert "<caption" in page


def test_a_login_is_found_by_its_beginning(admin):
    found, _ = pages(admin, "admin/people?q=student-11")
    assert set(found) == {"student-11", *(f"student-11{n}" for n in range(10))}
    assert logins(admin.get("admin/people?q=STUDENT-120")) == ["student-120"]
    assert logins(admin.get("admin/people?q=%25")) == []


async def test_a_name_is_found_by_its_words_and_not_by_its_old_ones(desk, admin, sealed):
    await sealed()
    assert len(logins(admin.get("admin/people?q=lovelace"))) > 20
    assert len(logins(admin.get("admin/people?q=LOVELACE+ada"))) > 20
    assert logins(admin.get("admin/people?q=love")) == []
    assert logins(admin.get("admin/people?q=zoë")) != []
    changed = desk.person("student-5")
    desk.sql("update app_user set display_name = 'Emmy Noether' where id = %s", changed)
    await sealed()
    assert logins(admin.get("admin/people?q=noether")) == ["student-5"]
    assert "student-5" not in pages(admin, "admin/people?q=lovelace")[0]


async def test_an_address_is_found_as_a_whole(desk, admin, sealed):
    changed = desk.person("student-9")
    desk.sql("update app_user set email = 'Nine@Example.org' where id = %s", changed)
    await sealed()
    assert logins(admin.get("admin/people?q=nine@example.org")) == ["student-9"]
    assert logins(admin.get("admin/people?q=nine@example")) == []
    assert "Nine@Example.org" in text(admin.get(f"admin/people/{changed}"))
    assert "Nine@Example.org" not in admin.get("admin/people").text


def test_only_a_role(admin):
    page = admin.get("admin/people?role=admin&q=student-1")
    assert "Nobody like that has come here." in text(page)


def test_events_are_found_by_person_kind_target_and_day(desk, admin):
    page = text(admin.get("admin/audit?person=student-1&kind=privacy.erasure.requested"))
    assert "privacy/requests/" in page
    number = desk.person("student-1")
    assert "privacy.erasure.requested" in text(admin.get(f"admin/audit?person={number}"))
    ((target,),) = desk.sql(
        "select target from audit_event where learner_id = %s and actor_id is not null", number
    )
    assert target in text(admin.get(f"admin/audit?target={target}"))
    assert "No such event." in text(admin.get("admin/audit?since=2020-01-01&until=2020-01-02"))


@pytest.mark.parametrize(
    ("address", "field", "typed"),
    [
        ("audit?since=never", "since", "never"),
        ("audit?since=2026-09-02&until=2026-09-01", "until", "2026-09-01"),
        *((f"{page}?person=nemo", "person", "nemo") for page in ("audit", "limits", "requests")),
        ("sessions?person=nemo", "person", "nemo"),
    ],
)
def test_a_filter_that_is_wrong_is_told_beside_its_field(admin, address, field, typed):
    page = admin.get(f"admin/{address}")
    assert page.status_code == 422
    assert f'id="{field}-problem"' in page.text
    assert f'value="{typed}"' in page.text
    assert "<table" not in page.text


def test_the_queues_page_tells_of_workers_of_other_machines(desk, admin):
    desk.sql(
        "insert into grader_worker (id, host, pid, version, concurrency, state, why)"
        " values (gen_random_uuid(), 'far-away', 7, '0.1.0', 4, 'broken', 'No bubblewrap here.')"
    )
    page = text(admin.get("admin/queue"))
    assert "far-away, process 7" in page
    assert "No bubblewrap here." in page
    assert "ready" in page


def test_tokens_are_counted_by_day_model_and_person(admin):
    page = text(admin.get("admin/tutor"))
    assert "gemini-flash-latest" in page
    assert "student-1" in page
    assert "built-in help" in page
