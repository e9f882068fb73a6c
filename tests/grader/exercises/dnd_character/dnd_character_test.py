import unittest
from dnd_character import Character, modifier


class T(unittest.TestCase):
    def test_m(self):
        self.assertEqual(modifier(3), -4)

    def test_a(self):
        self.assertIn(Character().ability(), range(3, 19))

    def test_c(self):
        C = Character()
        self.assertIs(C.strength in range(3, 19), True)
        self.assertEqual(C.hitpoints, 10 + modifier(C.constitution))
        self.assertEqual(C.strength, C.strength)
