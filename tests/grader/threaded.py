"""Problems on concurrency, as they are published: solutions whose threads wait for one another."""

from __future__ import annotations

IN_ORDER = """
import threading, time

class Foo:
    def __init__(self):
        self.one, self.two = threading.Event(), threading.Event()
    def first(self, printFirst):
        printFirst()
        self.one.set()
    def second(self, printSecond):
        self.one.wait()
        printSecond()
        self.two.set()
    def third(self, printThird):
        self.two.wait()
        printThird()
"""
ALTERNATELY = """
class FooBar:
    def __init__(self, n):
        self.n = n
        self.left, self.right = threading.Semaphore(1), threading.Semaphore(0)
    def foo(self, printFoo):
        for _ in range(self.n):
            self.left.acquire()
            printFoo()
            self.right.release()
    def bar(self, printBar):
        for _ in range(self.n):
            self.right.acquire()
            printBar()
            self.left.release()
"""
ZERO_EVEN_ODD = """
class ZeroEvenOdd:
    def __init__(self, n):
        self.n, self.at = n, 1
        self.turn, self.changed = "zero", threading.Condition()
    def _print(self, kind, following, number):
        with self.changed:
            self.changed.wait_for(lambda: self.turn == kind)
            self.print(number)
            self.turn = following
            self.changed.notify_all()
    def zero(self, printNumber):
        for n in range(1, self.n + 1):
            self.print = printNumber
            self._print("zero", "odd" if n % 2 else "even", 0)
    def even(self, printNumber):
        for n in range(2, self.n + 1, 2): self._print("even", "zero", n)
    def odd(self, printNumber):
        for n in range(1, self.n + 1, 2): self._print("odd", "zero", n)
"""
WATER = """
class H2O:
    def __init__(self):
        self.h, self.o = threading.Semaphore(2), threading.Semaphore(1)
        self.molecule = threading.Barrier(3)
    def hydrogen(self, releaseHydrogen):
        with self.h:
            self.molecule.wait()
            releaseHydrogen()
            self.molecule.wait()
    def oxygen(self, releaseOxygen):
        with self.o:
            self.molecule.wait()
            releaseOxygen()
            self.molecule.wait()
"""
BOUNDED = """
import collections

class BoundedQueue:
    def __init__(self, most):
        self.most, self.items = most, collections.deque()
        self.changed = threading.Condition()
    def put(self, item):
        with self.changed:
            self.changed.wait_for(lambda: len(self.items) < self.most)
            self.items.append(item)
            self.changed.notify_all()
    def get(self):
        with self.changed:
            self.changed.wait_for(lambda: self.items)
            self.changed.notify_all()
            return self.items.popleft()
    def size(self):
        return len(self.items)

def work(todo, results, lock):
    while (item := todo.get()) is not None:
        with lock:
            results.append(item * item)
"""
COUNTER = """
class Counter:
    def __init__(self):
        self.value, self.lock = 0, threading.Lock()
    def increment(self):
        with self.lock:
            value = self.value
            time.sleep(0.002)
            self.value = value + 1

class Cache:
    def __init__(self, compute):
        self.compute, self.known, self.lock = compute, {}, threading.Lock()
    def get(self, key):
        with self.lock:
            if key not in self.known:
                self.known[key] = self.compute(key)
            return self.known[key]

class Philosophers:
    def __init__(self):
        self.forks = [threading.Lock() for _ in range(5)]
    def eat(self, number, times, bite):
        first, second = sorted((number, (number + 1) % 5))
        for _ in range(times):
            with self.forks[first], self.forks[second]:
                bite(number)
"""
OWN_THREADS = """
import concurrent.futures
import threading
import time

def in_background(f, *args):
    thread = threading.Thread(target=f, args=args, daemon=True)
    thread.start()

def tell(done):
    in_background(lambda: (time.sleep(0.02), done.set()))

def put_all(queue, items):
    in_background(lambda: [queue.put(item) for item in items])

def later(seconds, f):
    threading.Timer(seconds, f).start()

def parallel(f, items):
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        return list(pool.map(f, items))

_own = threading.local()
def remember(value):
    _own.value = value
def remembered():
    return getattr(_own, "value", None)
def thread_of():
    return threading.get_ident()
def check(number):
    print("checked", number)
    if number % 2: raise ValueError(number)
    return number
class Slow:
    def __init__(self): self.steps = []
    def run(self, sleep):
        self.steps.append("begun")
        sleep()
        self.steps.append("ended")
"""
CLASSES = IN_ORDER + ALTERNATELY + ZERO_EVEN_ODD + WATER + BOUNDED + COUNTER

#: Runs each in a thread; False if one of them is not through after so many seconds.
_RUN = """
import itertools, queue, threading, time
from answer import *

def run(*calls, seconds=3):
    threads = [threading.Thread(target=call, daemon=True) for call in calls]
    for thread in threads: thread.start()
    end = time.monotonic() + seconds
    for thread in threads: thread.join(max(0, end - time.monotonic()))
    return not any(thread.is_alive() for thread in threads)
"""
CLASSES_TEST = (
    _RUN
    + """
def test_in_order():
    for order in itertools.permutations(range(3)):
        foo, out = Foo(), []
        calls = [lambda: foo.first(lambda: out.append(1)),
                 lambda: foo.second(lambda: out.append(2)),
                 lambda: foo.third(lambda: out.append(3))]
        assert run(*[calls[n] for n in order])
        assert out == [1, 2, 3]

def test_alternately():
    both, out = FooBar(8), []
    assert run(lambda: both.bar(lambda: out.append("bar")),
               lambda: both.foo(lambda: out.append("foo")))
    assert out == ["foo", "bar"] * 8

def test_zero_even_odd():
    numbers, out = ZeroEvenOdd(5), []
    assert run(*[lambda f=f: f(out.append) for f in (numbers.even, numbers.odd, numbers.zero)])
    assert out == [0, 1, 0, 2, 0, 3, 0, 4, 0, 5]

def test_water():
    water, out = H2O(), []
    calls = {"H": lambda: water.hydrogen(lambda: out.append("H")),
             "O": lambda: water.oxygen(lambda: out.append("O"))}
    assert run(*[calls[atom] for atom in "OOHHHHHOHHHO"])
    assert all(sorted(out[n:n + 3]) == ["H", "H", "O"] for n in range(0, 12, 3))

def test_bounded():
    q, got = BoundedQueue(2), []
    def put(): [q.put(n) for n in range(12)]
    def get(): [got.append(q.get()) for _ in range(6)]
    assert run(put, get, get)
    assert sorted(got) == list(range(12)) and q.size() == 0

def test_workers():
    todo, results, lock = queue.Queue(), [], threading.Lock()
    for n in [*range(10), None, None, None]: todo.put(n)
    assert run(*[lambda: work(todo, results, lock)] * 3)
    assert sorted(results) == [n * n for n in range(10)]

def test_counter():
    counter = Counter()
    assert run(*[counter.increment] * 8)
    assert counter.value == 8

def test_cache():
    asked, at_once = [], threading.Barrier(8)
    cache = Cache(lambda key: asked.append(key) or key * 2)
    got = []
    def get():
        at_once.wait(2)
        got.append(cache.get(4))
    assert run(*[get] * 8)
    assert got == [8] * 8 and asked == [4]

def test_philosophers():
    table, bites = Philosophers(), []
    assert run(*[lambda n=n: table.eat(n, 3, bites.append) for n in range(5)])
    assert sorted(bites) == sorted([*range(5)] * 3)

def test_after_all():
    assert BoundedQueue(3).size() == 0
"""
)
OWN_THREADS_TEST = (
    _RUN
    + """
from concurrent.futures import ThreadPoolExecutor

def test_event():
    done = threading.Event()
    tell(done)
    assert done.wait(3)

def test_queue():
    q = queue.Queue()
    put_all(q, "abc")
    assert [q.get(timeout=3) for _ in range(3)] == ["a", "b", "c"]

def test_timer():
    called = threading.Event()
    later(0.02, called.set)
    assert called.wait(3)
    where = queue.Queue()
    later(0.01, lambda: where.put(threading.get_ident()))
    assert where.get(timeout=3) != threading.get_ident()

def test_functions_of_the_test_run_at_once():
    at_once, threads = threading.Barrier(4), set()
    def double(n):
        threads.add(threading.get_ident())
        at_once.wait(3)
        return n * 2
    assert parallel(double, range(4)) == [0, 2, 4, 6]
    assert len(threads) == 4

def test_a_function_of_the_test_asks_in_the_thread_that_called_it():
    here = parallel(lambda _: (thread_of(), thread_of()), range(4))
    assert all(first == second for first, second in here)

def test_thread_local():
    remember("main")
    found = []
    def use(n):
        found.append(remembered())
        remember(n)
        found.append(remembered())
    assert run(*[lambda n=n: use(n) for n in range(3)])
    assert sorted(map(str, found)) == ["0", "1", "2", "None", "None", "None"]
    assert remembered() == "main"

def test_threads_are_threads():
    at_once, found = threading.Barrier(3), []
    def ask():
        at_once.wait(3)
        found.append(thread_of())
        at_once.wait(3)
    assert run(ask, ask, ask)
    assert len({*found, thread_of()}) == 4

def test_executor(capsys):
    with ThreadPoolExecutor(4) as pool:
        made = [pool.submit(check, n) for n in range(20)]
    assert [f.result() for f in made if f.exception() is None] == list(range(0, 20, 2))
    assert {type(f.exception()) for f in made[1::2]} == {ValueError}
    assert [f.exception().args for f in made[1::2]] == [(n,) for n in range(1, 20, 2)]
    printed = capsys.readouterr().out.splitlines()
    assert sorted(printed) == sorted(f"checked {n}" for n in range(20))

def test_a_hundred_threads():
    assert run(*[lambda: check(2)] * 100)

def test_a_test_goes_on_while_the_code_waits():
    slow, may_end = Slow(), threading.Event()
    thread = threading.Thread(target=slow.run, args=(lambda: may_end.wait(3),))
    thread.start()
    while slow.steps != ["begun"]: pass
    may_end.set()
    thread.join(3)
    assert slow.steps == ["begun", "ended"]

def test_an_exception_ends_its_thread_only():
    failed = []
    def fail():
        try: check(3)
        except ValueError as error: failed.append(error.args)
    assert run(fail, fail) and failed == [(3,), (3,)]
"""
)
