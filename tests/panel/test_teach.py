"""The pages for those who teach: the class, one learner's work, and where it is hard."""

import re
import time
from uuid import uuid4

import pytest

from pythonmastery_ext.panel.navigation import TEACH
from tests.api.course import RIGHT, SECRET, WRONG
from tests.counterparts.hub import SUBMIT
from tests.panel.office import PREFIX, Browser, Office, text


@pytest.fixture
def teacher(desk: Office) -> Browser:
    browser = desk.browser("tess", "instructor")
    assert browser.get("teach").status_code == 200
    return browser


def send(desk: Office, token: str, code: str) -> str:
    """The id of the attempt, graded."""
    draft = {"key": str(uuid4()), "kind": "submit", "code": code}
    _, attempt = desk.api(token, "POST", "problems/double/attempts", draft)
    deadline = time.monotonic() + 60
    while desk.api(token, "GET", f"attempts/{attempt['id']}")[1]["status"] == "waiting":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return str(attempt["id"])


@pytest.fixture(scope="module")
def work(desk: Office) -> tuple[int, str, str]:
    """A learner with a wrong and a right attempt."""
    token = desk.hub.token("learner-lou", scopes=(SUBMIT,))
    desk.api(token, "GET", "problems/double")
    attempts = send(desk, token, WRONG + "# <script>\n"), send(desk, token, RIGHT)
    return desk.person("learner-lou"), *attempts


@pytest.mark.parametrize("path", sorted(TEACH))
def test_an_instructor_sees_each_page_and_a_student_none(desk, teacher, path):
    page = teacher.get(path)
    assert page.status_code == 200, text(page)
    assert TEACH[path] in page.text
    assert "Administration" not in page.text
    student = desk.browser("sam").get(path)
    assert student.status_code == 403
    assert "for people who run the course" in text(student)


def test_an_instructor_begins_at_the_sections_and_has_no_page_of_the_admin(teacher):
    assert str(teacher.get("").url).endswith(f"{PREFIX}teach")
    assert teacher.get("admin/people").status_code == 403


def test_the_first_page_says_how_a_problem_is_published(teacher, admin):
    said = text(teacher.get("teach"))
    assert "pythonmastery validate" in said
    assert "start the service again" in said
    assert 'teach#publish"' in admin.get("admin/problems").text


def test_the_class_is_a_table_of_learners_and_problems(work, teacher):
    person, _, _ = work
    page = teacher.get("teach/sections/numbers")
    assert re.search(
        rf'<th scope="row"><a href="[^"]+teach/learners/{person}">learner-lou', page.text
    )
    (row,) = re.findall(r"<tr>(?:(?!</tr>).)*learner-lou.*?</tr>", page.text, re.DOTALL)
    said = " ".join(re.sub(r"<[^>]+>", " ", row).split())
    assert "solved, 2 submissions, best 100 %" in said
    assert said.count("not opened") == 2
    assert "<img src=x" not in page.text
    assert 'role="alert"' not in page.text
    assert 'aria-sort="ascending"' in page.text
    assert 'aria-sort="descending"' in teacher.get("teach/sections/numbers?sort=-done").text
    assert teacher.get("teach/sections/nowhere").status_code == 404


def test_the_class_comes_in_pages(desk, teacher):
    desk.sql(
        "insert into user_progress (user_id, section_id) select u.id, s.id from app_user u, section"
        " s where s.slug = 'later' and u.username like 'student-%%'"
    )
    first = teacher.get("teach/sections/later")
    link = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert link is not None
    second = teacher.http.get(link[1].replace("&amp;", "&"))
    names = [re.findall(r">(student-\d+)</a></th>", page.text) for page in (first, second)]
    assert len(names[0]) == 50
    assert names[0] + names[1] == sorted(names[0] + names[1])


def test_a_look_at_a_learners_work_is_recorded(desk, work, teacher):
    person, wrong, _ = work
    page = teacher.get(f"teach/learners/{person}")
    assert "solved" in text(page)
    assert "2 of 2" not in text(page)
    who = desk.person("tess")
    assert desk.recorded("learner.viewed")[0] == (who, person, None, {})
    assert f"attempts/{wrong}" in page.text
    shown = teacher.get(f"teach/learners/{person}/attempts/{wrong}")
    assert "# &lt;script&gt;" in shown.text
    assert "return None" in shown.text
    assert str(SECRET) not in shown.text
    assert desk.recorded("learner.viewed")[0] == (who, person, wrong, {})


def test_a_learners_figures_say_as_of_when_and_the_last_days_how_they_worked(desk, work, teacher):
    person, _, _ = work
    desk.sql("refresh materialized view user_performance_summary")
    desk.sql(
        "insert into view_refresh (name, refreshed_at, milliseconds)"
        " values ('user_performance_summary', '2026-02-03 04:05+00', 7)"
        " on conflict (name) do update set refreshed_at = excluded.refreshed_at"
    )
    page = teacher.get(f"teach/learners/{person}")
    assert 'datetime="2026-02-03T04:05' in page.text
    assert "Submissions that count 2; 50 % passed" in text(page)
    # The newer one passed, with one error before it and no help.
    assert re.search(r"Double 100 % \d+ 1 0 100 of 100 (low|medium|high)", text(page)), text(page)
    other = teacher.get(f"teach/learners/{desk.person('student-9')}")
    assert "Nothing was graded in the last 30 days." in text(other)


def test_there_is_no_work_of_nobody_and_no_attempt_under_another_name(desk, work, teacher):
    _, wrong, _ = work
    before = len(desk.recorded("learner.viewed"))
    assert teacher.get("teach/learners/999999").status_code == 404
    other = desk.person("student-1")
    assert teacher.get(f"teach/learners/{other}/attempts/{wrong}").status_code == 404
    assert len(desk.recorded("learner.viewed")) == before


def test_an_author_is_told_why_tests_could_not_be_run_and_the_learner_is_not(desk, teacher):
    token = desk.hub.token("learner-liv", scopes=(SUBMIT,))
    desk.api(token, "GET", "problems/double")
    attempt, why = send(desk, token, WRONG), "tests.py, line 2: no key seventeen"
    page = f"teach/learners/{desk.person('learner-liv')}/attempts/{attempt}"
    assert "wrong with the tests" not in text(teacher.get(page))

    desk.sql(
        "update problem_attempt set error_messages = error_messages"
        " || jsonb_build_object('for_authors', %s::text) where id = %s",
        why,
        attempt,
    )

    assert why in text(teacher.get(page))
    assert "seventeen" not in str(desk.api(token, "GET", f"attempts/{attempt}"))


def test_it_is_shown_where_the_class_is_stuck_and_who(desk, work, teacher):
    desk.sql(
        "insert into problem_progress (user_id, problem_id, submits, best_points, max_points)"
        " select u.id, p.id, 4, 1, 3 from app_user u, problem p"
        " where u.username in ('student-7', 'student-8') and p.slug = 'double-again'"
    )
    desk.sql(
        "insert into problem_stats (problem_id, learners, attempts, passed, solved, first_time,"
        " unaided) select id, 2, 8, 0, 0, 0, 0 from problem where slug = 'double-again'"
        # The chore of the minute may have been there first.
        " on conflict (problem_id) do update set learners = 2, attempts = 8"
    )
    page = teacher.get("teach/hard")
    assert "Double-Again Numbers 2 2 0 % 4.0" in text(page)
    for sort in ("title", "-rate", "tries", "-learners"):
        assert teacher.get(f"teach/hard?sort={sort}").status_code == 200
    stuck = teacher.get("teach/problems/double-again")
    assert "student-7 4 1 of 3" in text(stuck)
    assert "student-8" in text(stuck)
    assert teacher.get("teach/problems/nowhere").status_code == 404


def test_tests_and_questions_are_searched(desk, teacher):
    found = teacher.get(f"teach/tests?value={SECRET}&call=double")
    assert "Large" in text(found)
    wrong = teacher.get("teach/tests?value=%5B%5B")
    assert wrong.status_code == 422
    assert 'id="value-problem"' in wrong.text
    assert "Nobody asked about it." in text(teacher.get("teach/conversations?error=KeyError"))
    wrong = teacher.get("teach/conversations?error=not+a+name&problem=double")
    assert wrong.status_code == 422
    assert 'id="error-problem"' in wrong.text


def test_attempts_are_ordered_to_be_graded_again_in_the_orderers_name(desk, work, teacher):
    page = teacher.post("teach/regrades", problem="double", dry="yes")
    assert "attempts wait for being graded again." in text(page)
    actor, _, number, data = desk.recorded("regrade.ordered")[0]
    assert (actor, data["problem"], data["dry"]) == (desk.person("tess"), "double", True)
    assert str(page.url).endswith(f"teach/regrades/{number}")
    refused = teacher.post("teach/regrades", problem="double", version="9.9.9")
    assert refused.status_code == 422
    assert "has no version &#39;9.9.9&#39;" in refused.text
    assert 'value="9.9.9"' in refused.text
    assert teacher.get("teach/regrades/999999").status_code == 404
    assert desk.browser("sam").post("teach/regrades", problem="double").status_code in (401, 403)
