import unittest, pytest
from log_levels import LogLevel, parse, members, alias


class T(unittest.TestCase):
    @pytest.mark.task(taskno=1)
    def test_parse(self):
        for variant, (msg, lvl) in enumerate([("[TRC]: x", "TRC"), ("[DBG]", "DBG")], start=1):
            with self.subTest(f"variation #{variant}", input=msg):
                self.assertEqual(parse(msg).value, lvl)

    @pytest.mark.task(taskno=2)
    def test_id(self):
        self.assertIs(parse("[DBG]"), LogLevel.Debug)
        self.assertEqual(parse("[XXX]"), LogLevel.Unknown)

    def test_members(self):
        self.assertEqual(members(LogLevel)[0], ("Trace", "TRC"))

    def test_alias(self):
        self.assertEqual(alias(), LogLevel.Warn)
        self.assertIs(LogLevel.Warn, LogLevel.Warning)

    def test_len(self):
        self.assertEqual(len(LogLevel), 4)
        self.assertEqual([m.name for m in LogLevel], ["Trace", "Debug", "Warning", "Unknown"])
        self.assertIsInstance(LogLevel.Trace, LogLevel)
        self.assertEqual(LogLevel["Trace"].name, "Trace")
        self.assertIn(LogLevel.Trace, LogLevel)
        self.assertEqual(LogLevel.__members__["Debug"].value, "DBG")

    def test_bad(self):
        with self.assertRaises(ValueError):
            LogLevel("zz")
        with self.assertRaises(KeyError):
            LogLevel["zz"]

    def test_dict(self):
        self.assertEqual({LogLevel.Trace: 1}[LogLevel.Trace], 1)
