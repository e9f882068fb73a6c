import unittest
from functools import partial
from react import InputCell, ComputeCell


class ReactTest(unittest.TestCase):
    def test_input(self):
        self.assertEqual(InputCell(10).value, 10)

    def test_set(self):
        i = InputCell(4)
        i.value = 20
        self.assertEqual(i.value, 20)

    def test_compute(self):
        i = InputCell(1)
        o = ComputeCell([i], lambda inputs: inputs[0] + 1)
        self.assertEqual(o.value, 2)
        i.value = 3
        self.assertEqual(o.value, 4)

    def test_cb(self):
        i = InputCell(1)
        o = ComputeCell([i], lambda inputs: inputs[0] + 1)
        obs = []
        cb = self.callback_factory(obs)
        o.add_callback(cb)
        i.value = 3
        self.assertEqual(obs[-1], 4)

    def test_remove(self):
        i = InputCell(11)
        o = ComputeCell([i], lambda inputs: inputs[0] + 1)
        a, b = [], []
        c1 = self.callback_factory(a)
        c2 = self.callback_factory(b)
        o.add_callback(c1)
        o.add_callback(c2)
        i.value = 31
        o.remove_callback(c1)
        o.remove_callback(c1)
        i.value = 41
        self.assertEqual(len(a), 1)
        self.assertEqual(b, [32, 42])

    def callback_factory(self, observer):
        def callback(observer, value):
            observer.append(value)

        return partial(callback, observer)
