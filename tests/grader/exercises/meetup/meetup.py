from datetime import date
import calendar


class MeetupDayException(ValueError):
    def __init__(self, message):
        self.message = message


def meetup(year, month, week, dow):
    days = [
        d
        for d in calendar.Calendar().itermonthdates(year, month)
        if d.month == month and d.strftime("%A") == dow
    ]
    if week == "last":
        return days[-1]
    if week == "teenth":
        return next(d for d in days if 13 <= d.day <= 19)
    try:
        return days["first second third fourth fifth".split().index(week)]
    except IndexError:
        raise MeetupDayException("That day does not exist.")
