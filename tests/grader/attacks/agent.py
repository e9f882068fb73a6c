"""What lies beside the student's code in its own process: the agent, its codec, its handles."""

from __future__ import annotations

from tests.grader.attacks.attack import Attack
from tests.grader.attacks.tools import AGENT, SEARCH

TITLE = "The agent in the student's process"
AIM = "whatever the agent knows of the tests, and the answers that it sends"

ATTACKS = [
    Attack(
        "looks for tests in frames and in the garbage collector",
        SEARCH
        + """
import gc
def total(rows):
    frame = sys._getframe()
    while frame:
        tell(frame.f_locals, 'locals'); tell(frame.f_globals, 'globals'); frame = frame.f_back
    gc.unfreeze()
    for o in gc.get_objects():
        if isinstance(o, (dict, list, tuple, bytes, str)): tell(str(o)[:100000], 'object')
    return 0
""",
        honest=1,
        often=True,
    ),
    Attack(
        "reads every module and every thread's frames",
        SEARCH
        + """
def total(rows):
    for name, module in list(sys.modules.items()):
        tell(str(vars(module))[:200000], name)
    for frame in sys._current_frames().values():
        while frame:
            tell(frame.f_code.co_consts, 'constants'); tell(frame.f_locals, 'frame')
            frame = frame.f_back
    return 0
""",
        honest=1,
    ),
    Attack(
        "traces and profiles the agent",
        SEARCH
        + """
import threading
def watch(frame, event, arg):
    tell(frame.f_locals, frame.f_code.co_name); tell(arg, event)
    return watch
def total(rows):
    sys.settrace(watch); sys.setprofile(watch)
    threading.settrace(watch); threading.setprofile(watch)
    return 0
""",
        honest=1,
    ),
    Attack(
        "listens to audit events",
        SEARCH
        + """
def heard(event, args):
    tell(args, event)
sys.addaudithook(heard)
def total(rows): return 0
""",
        honest=1,
    ),
    Attack(
        "patches the agent's codec",
        """
import sys
for name, module in list(sys.modules.items()):
    if name.startswith(('grader', 'msgpack')):
        for key in list(vars(module)):
            if 'encode' in key.lower() or key == 'packb':
                try: setattr(module, key, lambda *a, **k: b'')
                except Exception: pass
def total(rows): return 0
""",
        honest=1,
        often=True,
    ),
    Attack(
        "replaces modules by its own",
        """
import sys, types
class Own(types.ModuleType):
    def __getattr__(self, name): return lambda *a, **k: b''
def total(rows): return 0
for name in ('msgpack', 'grader.wire.codec', 'grader.wire.values', 'json', 'unittest', 'operator',
             'struct'):
    sys.modules[name] = Own(name)
""",
        honest=1,
    ),
    Attack(
        "answers every call with the agent's own hand",
        AGENT
        + """
msgpack = sys.modules['msgpack']
agent = the('Agent')[0]
type(agent.operations).run = lambda self, message: msgpack.packb(['ok', True, None, {}])
def total(rows): return 0
""",
    ),
    Attack(
        "says that its result is the argument",
        AGENT
        + """
msgpack = sys.modules['msgpack']
agent = the('Agent')[0]
old = type(agent.operations).run
def run(self, message):
    if message[0] != 'call': return old(self, message)
    return msgpack.packb(['ok', None, 0, {0: []}])
type(agent.operations).run = run
def total(rows): return 0
""",
    ),
    Attack(
        "asks the tests' side for more than there is",
        AGENT
        + SEARCH
        + """
agent = the('Agent')[0]
def total(rows):
    for number in range(20):
        for message in (('back', 'get', number, '__globals__'), ('back', 'call', number, [], {}),
                        ('back', 'special', number, '__dict__', []), ('back', 'await', number),
                        ('back', 'next', number), ('back', 'set', number, 'x', 1)):
            try: tell(agent.ask(*message), message)
            except Exception as error: tell(error, message)
    return 0
""",
        honest=1,
    ),
    Attack(
        "asks for input, with prompts of a megabyte",
        """
def total(rows):
    while True:
        try: input('x' * 900_000)
        except EOFError: pass
""",
    ),
    Attack(
        "asks for hidden input",
        "def total(rows): return int(input('secret? ') or 0)\n",
    ),
    Attack(
        "warns without end",
        """
import warnings
def total(rows):
    while True: warnings.warn('x' * 200_000)
""",
    ),
    Attack(
        "warns with a warning of its own class",
        """
import warnings
class Mine(UserWarning):
    __eq__ = lambda self, other: True
    __hash__ = None
    def __str__(self): raise SystemExit
def total(rows):
    warnings.warn(Mine('x')); warnings.showwarning(1, 2, 3, 4)
    return 0
""",
        honest=1,
    ),
    Attack(
        "says that it needed no memory, or a negative one",
        AGENT
        + """
agent = the('Agent')[0]
type(agent.operations).do_usage = lambda self: -(1 << 62)
def total(rows): return sum(rows)
""",
        honest=4,
    ),
]
