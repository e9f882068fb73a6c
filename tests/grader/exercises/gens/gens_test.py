import itertools, unittest, pytest
from gens import *


class T(unittest.TestCase):
    def test_send(self):
        g = echo()
        self.assertEqual(next(g), 0)
        self.assertEqual(g.send("a"), 1)
        with self.assertRaises(StopIteration) as c:
            g.send(None)
        self.assertEqual(c.exception.value, ["a"])

    def test_avg(self):
        g = avg()
        next(g)
        self.assertEqual([g.send(x) for x in (1, 2, 3)], [1, 1.5, 2])

    def test_inf(self):
        self.assertEqual(list(itertools.islice(fibs(), 8)), [0, 1, 1, 2, 3, 5, 8, 13])
        self.assertEqual(take(fibs(), 3), [0, 1, 1])
        self.assertEqual(take(itertools.count(5), 2), [5, 6])

    def test_evens(self):
        self.assertEqual(list(evens(range(6))), [0, 2, 4])
        self.assertEqual(list(evens(x for x in [1, 2])), [2])
        self.assertEqual(list(evens(iter([4]))), [4])

    def test_chunks(self):
        self.assertEqual(list(chunks([1, 2, 3], 2)), [[1, 2], [3]])
        self.assertEqual(consume(i * i for i in range(4)), 14)

    def test_cm(self):
        out = []
        with tag("b", out) as n:
            self.assertEqual(n, "b")

    def test_cm_err(self):
        with pytest.raises(ValueError):
            with tag("b", []):
                raise ValueError("x")

    def test_timer(self):
        with Timer() as t:
            pass
        self.assertEqual(t.log, ["in", "out"])

    def test_close(self):
        g = closing()
        next(g)
        g.close()
        self.assertEqual(list(g), [])

    def test_flat(self):
        self.assertEqual(list(flat([1, [2, (3, [4])]])), [1, 2, 3, 4])
        self.assertEqual(sorted(pairs({"b": 1, "a": 2})), [("a", 2), ("b", 1)])
