"""Addresses that somebody kept: what they lead to when it is not there any more."""

import re

import pytest

from tests.panel.office import PREFIX, text

GONE = "begins at the first page"
NEXT = re.compile(r'href="([^"]+)">Next page')


@pytest.fixture
def teacher(desk):
    return desk.browser("tess", "instructor")


@pytest.mark.parametrize("after", ["nonsense", "%E2%82%AC", "WyJhIiwgMSwgMl0", "9" * 3000])
@pytest.mark.parametrize("kept", ["people?q=student-11&sort=-since", "sessions", "limits"])
def test_a_place_that_is_gone_leads_to_the_first_page_with_a_word(admin, kept, after):
    page = admin.get(f"admin/{kept}{'&' if '?' in kept else '?'}after={after}")
    assert page.status_code == 200
    assert str(page.url).endswith(f"{PREFIX}admin/{kept}")
    assert GONE in text(page)
    assert "<tbody" in page.text
    assert GONE not in text(admin.get(f"admin/{kept}"))


def test_a_place_in_an_order_that_is_gone_leads_to_the_first_page(admin):
    link = NEXT.search(admin.get("admin/people?sort=-since").text)
    assert link is not None
    kept = link[1].replace("&amp;", "&").replace("sort=-since", "sort=height")
    page = admin.http.get(kept)
    assert page.status_code == 200
    assert 'aria-sort="ascending"' in page.text
    assert ">First page<" not in page.text


@pytest.mark.parametrize(
    "kept",
    [
        "teach/hard?after=x",
        "teach/sections/numbers?after=x",
        "teach/problems/double?after=x",
        "teach/regrades?after=x",
        "teach/tests?kind=empty_list&after=x",
        "teach/conversations?error=KeyError&after=x",
        "teach/learners/{learner}?before=x",
        "teach/learners/{learner}?before=5f0e7f1c-5d3a-4a52-9d4e-1d7a0f4d7c11",
    ],
)
def test_the_lists_of_those_who_teach_do_the_same(desk, teacher, kept):
    page = teacher.get(kept.format(learner=desk.person("student-77")))
    assert page.status_code == 200, text(page)
    assert GONE in text(page)


def test_a_wrong_filter_beside_it_is_still_told(admin):
    page = admin.get("admin/sessions?person=nemo&after=x")
    assert page.status_code == 422
    assert 'id="person-problem"' in page.text


def test_what_a_list_cannot_be_sorted_by_is_sorted_as_usual(admin, teacher):
    assert 'aria-sort="ascending"' in admin.get("admin/people?sort=height").text
    assert 'aria-sort="descending"' in teacher.get("teach/hard?sort=--").text


@pytest.mark.parametrize(
    ("kept", "way"),
    [
        ("admin/people/99999999", "People"),
        ("admin/people/99999999/lock", "People"),
        ("admin/problems/gone", "Problems"),
        ("admin/nowhere", "Overview"),
        ("teach/problems/gone", "Sections"),
        ("teach/learners/99999999", "Sections"),
        ("teach/regrades/99999999", "Grading again"),
    ],
)
def test_a_page_of_what_is_gone_shows_the_way_to_its_list(admin, kept, way):
    page = admin.get(kept)
    assert page.status_code in (404, 405)
    link = re.search(rf'href="([^"]+)">To “{way}”', page.text)
    assert link is not None, text(page)
    assert admin.http.get(link[1]).status_code == 200


def test_no_other_problem_is_graded_again_in_place_of_one_that_is_gone(desk, teacher):
    page = teacher.get("teach/regrades?problem=gone")
    assert "not in the course any more" in text(page)
    assert "selected" not in page.text.partition("</option>")[2]
    sent = teacher.post("teach/regrades", problem="", version="", dry="yes")
    assert sent.status_code == 422
    assert 'id="problem-problem"' in sent.text


def test_the_filter_by_a_kind_says_that_it_is_on(admin):
    page = admin.get("admin/audit?kind=attempt.submitted")
    assert '<option value="attempt.submitted" selected>' in page.text
