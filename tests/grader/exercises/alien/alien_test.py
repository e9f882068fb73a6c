import unittest, pytest

try:
    from alien import new_aliens_collection
except ImportError as err:
    raise ImportError("\n\nMISSING FUNCTION") from err
try:
    from alien import Alien
except ImportError as err:
    raise ImportError("\n\nMISSING CLASS --->") from err


class ClassesTest(unittest.TestCase):
    @pytest.mark.task(taskno=1)
    def test_alien_has_correct_initial_coordinates(self):
        alien = Alien(2, -1)
        error_message = f"got {alien.x_coordinate}"
        self.assertEqual((2, -1), (alien.x_coordinate, alien.y_coordinate), msg=error_message)

    def test_unique(self):
        a, b = Alien(10, 3), Alien(-6, 2)
        self.assertEqual(a.x_coordinate, 10)
        self.assertNotEqual((a.x_coordinate), (b.x_coordinate))

    def test_hit(self):
        a = Alien(2, 2)
        a.hit()
        self.assertEqual(a.health, 2)
        for _ in range(5):
            a.hit()
        self.assertFalse(a.is_alive())
        self.assertLessEqual(a.health, 0)

    def test_attr(self):
        self.assertTrue(hasattr(Alien(0, 0), "health"))
        self.assertFalse(hasattr(Alien(0, 0), "zzz"))
        self.assertTrue(hasattr(Alien, "teleport"))

    def test_none(self):
        self.assertIsNone(Alien(7, 3).collision_detection(Alien(7, 2)))

    def test_class_var(self):
        Alien.total_aliens_created = 0
        aliens = [Alien(-2, 6)]
        self.assertEqual(1, Alien.total_aliens_created, msg="x")
        self.assertEqual(aliens[0].total_aliens_created, 1)
        aliens.extend([Alien(3, 5), Alien(-5, -5)])
        self.assertEqual(Alien.total_aliens_created, 3)
        self.assertEqual(aliens[0].total_aliens_created, 3)

    def test_coll(self):
        objs = new_aliens_collection([(-2, 6), (1, 5)])
        for o, p in zip(objs, [(-2, 6), (1, 5)]):
            self.assertIsInstance(o, Alien)
            self.assertEqual((o.x_coordinate, o.y_coordinate), p)

    def test_doc(self):
        self.assertEqual(Alien.__doc__, "Create an Alien.")
        self.assertEqual(Alien.__name__, "Alien")
