"""Open tests lend functions and objects of their own."""

from __future__ import annotations

from tests.grader.attacks.open_problem import lent
from tests.grader.attacks.tools import LIAR, SEARCH, WIRE

TITLE = "What open tests lend"
AIM = "the process of the tests, by functions and objects that they show"

ATTACKS = [
    lent(
        "looks through a function of the tests for the process around it",
        "logged",
        SEARCH
        + """
def logged(f):
    for name in ('__globals__', '__builtins__', '__closure__', '__code__', '__wrapped__',
                 '__self__', '__dict__', '__class__', '__func__', '__reduce_ex__', '_pm_ask'):
        try: thing = getattr(f, name)
        except BaseException as error: thing = error
        tell(thing, name)
        for inner in ('co_consts', 'co_filename', 'co_names', 'keys', 'gi_frame', '__globals__'):
            try: tell(getattr(thing, inner), inner)
            except BaseException as error: tell(error, inner)
    def run(*args):
        run.calls += 1
        return f(*args)
    run.calls = 0
    return run
""",
        6,
    ),
    lent(
        "puts other code into a function of the tests",
        "logged",
        """
def wrong(*args): return 8
def logged(f):
    for name in ('__code__', '__defaults__', '__kwdefaults__', '__globals__', '__class__',
                 '__call__', '__dict__', '__get__', '__wrapped__', '__signature__'):
        try: setattr(f, name, wrong.__code__ if name == '__code__' else wrong)
        except BaseException: pass
        try: object.__setattr__(f, name, wrong)
        except BaseException: pass
    f.calls = 1
    return None
""",
        5,
    ),
    lent(
        "names a function of the tests after what has no end",
        "logged",
        """
def logged(f):
    for name in ('__name__', '__qualname__', '__doc__', '__module__', 'kept'):
        for value in ('\\x1b[2J' * 200_000, '\\ud800', 'x\\0y', object(), [], 5, f):
            try: setattr(f, name, value)
            except BaseException: pass
    raise ValueError(f)
""",
        5,
    ),
    lent(
        "gives a function of the tests attributes without end",
        "logged",
        """
def logged(f):
    number = 0
    while True:
        number += 1
        setattr(f, f'kept{number}', 'x' * 100_000)
""",
        5,
    ),
    lent(
        "asks for an attribute by a name that is a liar",
        "logged",
        LIAR
        + WIRE
        + """
class Name(str):
    __eq__ = lambda self, other: True
    __hash__ = lambda self: hash('__code__')
    __getitem__ = startswith = lambda self, *a: 'x'
def logged(f):
    for ask in (Liar(), Name('__globals__'), ['x'], {}, 5, b'calls', None):
        for do in ('get', 'set', 'del', 'shape', 'vars', 'raw', 'copy', 'special', 'kind', 'new'):
            try: f._pm_ask('back', do, f._pm_number, ask, ['value', 1])
            except BaseException: pass
    raise ValueError
""",
        5,
    ),
    lent(
        "does with each thing of the tests what can only be done with another",
        "logged",
        """
def logged(f):
    for number in [0, -1, True, 1.0, None, 'x', 2 ** 70, *range(60)]:
        for do in ('call', 'use', 'next', 'await', 'awaited', 'anext', 'method', 'enter', 'exit',
                   'field', 'send', 'throw', 'close', 'get', 'set', 'del', 'vars', 'raw', 'copy',
                   'special', 'kind', 'new', 'shape', '__init__', 'nothing'):
            for rest in ((), ([], {}), ('__class__', [f]), ('__init__', []), ([f], None), (True,)):
                try: f._pm_ask('back', do, number, *rest)
                except BaseException: pass
    raise ValueError
""",
        5,
    ),
    lent(
        "hands a range of a thousand million over as arguments",
        "logged",
        WIRE
        + """
def logged(f):
    many = ext(15, 0, 10 ** 9, 1)
    for message in (['back', 'call', 1, many, {}], ['back', 'use', 1, many, {}],
                    ['back', 'special', 1, '__eq__', many], ['back', 'method', 1, 'put', many, {}]):
        send(message)
    return None
""",
        5,
    ),
    lent(
        "hands other things over than arguments",
        "logged",
        WIRE
        + """
def logged(f):
    for args in ('abc' * 300_000, {}, 5, None, ext(127, 'g', 1), ext(22, [1], 5), b'x'):
        for names in (None, [], {1: 2}, {'self': 1}, {'x' * 300_000: 1}, ext(21, 'list', {})):
            send(['back', 'call', 1, args, names])
    return None
""",
        5,
    ),
    lent(
        "replaces what an object of the tests is",
        "total",
        LIAR
        + """
class Other:
    seen = 42
    rows = property(lambda self: 42)
def total(box):
    for name, value in (('__class__', Other), ('__dict__', {'seen': 42}), ('__eq__', Liar()),
                        ('__init__', Liar()), ('__getattribute__', Liar()), ('seen', Liar())):
        for put in (setattr, object.__setattr__, lambda *a: a[0]._pm_ask('back', 'set', 1, *a[1:]),
                    lambda box, name, value: vars(box).__setitem__(name, value)):
            try: put(box, name, value)
            except BaseException: pass
    return Liar()
""",
        5,
    ),
    lent(
        "changes an object of the tests while it is being looked at",
        "total",
        """
import threading
def total(box):
    def change():
        number = 0
        while True:
            number += 1
            try:
                vars(box)[f'n{number % 50}'] = number; box.rows.append(number)
                del vars(box)[f'n{(number - 25) % 50}']
            except BaseException: pass
    for _ in range(3): threading.Thread(target=change, daemon=True).start()
    box.rows.clear()
    return sum(box.rows)
""",
        5,
    ),
    lent(
        "fills an object of the tests with itself, twice, sixty times",
        "total",
        """
def total(box):
    for _ in range(60): box.rows = [box.rows, box.rows, box]
    box.seen = box
    return box
""",
        5,
    ),
    lent(
        "copies an object of the tests that it has filled, deeper and deeper",
        "total",
        """
import copy
def total(box):
    held = [box]
    while True:
        box.rows = held[:]
        held.append(copy.deepcopy(box)); held.append(copy.copy(box))
""",
        5,
    ),
]
