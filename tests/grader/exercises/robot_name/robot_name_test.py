import unittest, random
from robot_name import Robot


class T(unittest.TestCase):
    name_re = r"^[A-Z]{2}\d{3}$"

    def test_has_name(self):
        self.assertRegex(Robot().name, self.name_re)

    def test_sticks(self):
        r = Robot()
        r.name
        self.assertEqual(r.name, r.name)

    def test_reset(self):
        seed = "Totally random."
        random.seed(seed)
        robot = Robot()
        name = robot.name
        random.seed(seed)
        robot.reset()
        name2 = robot.name
        self.assertNotEqual(name, name2)
        self.assertRegex(name2, self.name_re)
