"""What the learner of the browser tests writes."""

from tests.ui.canaries import content

MONEY = "Dates, times and money"
WHO_OWES = "Who owes us money?"
OVERDUE = content("overdue-by-customer")
#: An invoice of today counts as late: one hidden test fails.
OFF_BY_ONE = next(each.source for each in OVERDUE.wrongs if each.key == "w-due-date")
#: Fails a sample test, so that what was expected may be shown.
OVERWRITES = next(each.source for each in OVERDUE.wrongs if each.key == "w-replace")
#: Right, and not one line of it is the author's.
RIGHT = """\
def overdue_by_customer(invoices, today):
    sums = {}
    for bill in invoices:
        late = date.fromisoformat(bill["due"]) < today
        if late and not bill["paid"]:
            who = bill["customer"]
            amount = Decimal(bill["amount"])
            sums[who] = sums.get(who, 0) + amount
    return sums
"""

FIRST_STEPS = "First steps"
TAKINGS = "First-day takings"
TAKINGS_SLUG = "first-day-total"
