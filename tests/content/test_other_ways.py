"""A learner's own way counts: right solutions that no author's cell foresees pass every test."""

from collections.abc import AsyncIterator

import pytest

from grader.pool import GraderPool
from pythonmastery_ext.curriculum.format import read_problem
from pythonmastery_ext.grading.client import request_for
from tests.content.course import NOTEBOOKS

FILES = {path.stem: path for path in NOTEBOOKS.glob("*/*.ipynb")}
WAYS = [
    ("first-day-total", "day_total = lambda a, b: a - -b"),
    ("vat-on-ticket", "def label_price(net):\n    return round(net * 1.2 * 100)"),
    (
        "boxes-needed",
        "def pack(jars):\n    boxes = 0\n    while jars >= 12:\n        jars -= 12\n"
        "        boxes += 1\n    return boxes, jars",
    ),
    (
        "shift-length",
        "def shift_length(start, end):\n    hours = end // 60 - start // 60\n"
        "    minutes = end % 60 - start % 60\n    if minutes < 0:\n"
        "        hours, minutes = hours - 1, minutes + 60\n    return hours, minutes",
    ),
    ("fuel-cost", "def fuel_cost(km, rate, cents):\n    return int(km * rate * cents / 100 + 0.5)"),
    (
        "fuel-cost",
        "from fractions import Fraction\n\ndef fuel_cost(km, rate, cents):\n"
        "    return round(Fraction(str(rate)) * km * cents / 100)",
    ),
    (
        "meter-units",
        "def energy_bill(text, cents):\n    number = 0\n"
        "    for sign in text.lower().removeprefix('0x'):\n"
        "        number = number * 16 + '0123456789abcdef'.index(sign)\n"
        "    return number // 1000, number // 1000 * cents",
    ),
    (
        "split-tip",
        "from decimal import Decimal\n\ndef split_tip(bill, percent, staff):\n"
        "    return divmod(int(Decimal(bill) * percent / 100), staff)",
    ),
    (
        "typed-quantity",
        "def order_line(quantity, price):\n    euros, cents = price.strip().split('.')\n"
        "    each, count = int(euros) * 100 + int(cents), int(quantity)\n"
        "    return f'{count} x {each} = {count * each}'",
    ),
    (
        "typed-quantity",
        "from decimal import Decimal\n\ndef order_line(quantity, price):\n"
        "    each = Decimal(price) * 100\n"
        "    return f'{int(quantity)} x {each:.0f} = {int(quantity) * each:.0f}'",
    ),
    (
        "overdue-by-customer",
        "def overdue_by_customer(invoices, today):\n    cents = {}\n    for one in invoices:\n"
        "        if not one['paid'] and date.fromisoformat(one['due']) < today:\n"
        "            amount = int(one['amount'].replace('.', ''))\n"
        "            cents[one['customer']] = cents.get(one['customer'], 0) + amount\n"
        "    return {name: Decimal(amount) / 100 for name, amount in cents.items()}",
    ),
    (
        "overdue-by-customer",
        "from collections import Counter\nfrom datetime import datetime\n\n"
        "def overdue_by_customer(invoices, today):\n    owed = Counter()\n"
        "    for one in invoices:\n"
        "        due = datetime.strptime(one['due'], '%Y-%m-%d').date()\n"
        "        if not one['paid'] and due.strftime('%Y%m%d') < today.strftime('%Y%m%d'):\n"
        "            owed[one['customer']] += Decimal(one['amount'])\n    return owed",
    ),
]


@pytest.fixture(scope="module")
async def pool() -> AsyncIterator[GraderPool]:
    pool = GraderPool(kernels=1)
    await pool.start()
    yield pool
    await pool.close()


@pytest.mark.parametrize(("slug", "code"), WAYS)
async def test_another_right_way_passes(pool, slug, code):
    verdict = await pool.grade(request_for("0" * 32, "submit", code, read_problem(FILES[slug])))
    failed = [(test.key, test.status, test.message) for test in verdict.tests]
    assert verdict.status == "passed", (verdict.error, failed)


def test_each_problem_is_tried():
    assert {slug for slug, _ in WAYS} == set(FILES)
