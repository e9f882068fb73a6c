import unittest
from datetime import date
from meetup import meetup, MeetupDayException


class T(unittest.TestCase):
    def test_a(self):
        self.assertEqual(meetup(2013, 5, "teenth", "Monday"), date(2013, 5, 13))

    def test_b(self):
        with self.assertRaises(MeetupDayException) as err:
            meetup(2015, 2, "fifth", "Monday")
        self.assertEqual(type(err.exception), MeetupDayException)
        self.assertEqual(err.exception.args[0], "That day does not exist.")
