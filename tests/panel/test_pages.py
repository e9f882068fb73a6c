"""Every page of the admin, as one that looks and as one that tries to."""

import pytest

from pythonmastery_ext.panel.navigation import ADMIN
from tests.panel.office import text

PAGES = sorted(ADMIN)


@pytest.mark.parametrize("path", PAGES)
def test_an_admin_sees_each_page(admin, path):
    page = admin.get(path)
    assert page.status_code == 200, text(page)
    assert ADMIN[path] in page.text
