"""Something for the next submission, or for the same student's next one."""

from __future__ import annotations

from tests.grader.attacks.attack import Attack
from tests.grader.attacks.problems import LEFT
from tests.grader.attacks.tools import SYSCALL, after

TITLE = "Leaving something behind"
AIM = "the next submission, which the same or another student sends"

ATTACKS = [
    Attack(
        "leaves files wherever it can write",
        after(
            "import os\n",
            "more = ['/dev/mqueue', '/run/lock', '/var/lock', os.path.expanduser('~')]",
            "for place in ('/tmp', '/dev/shm', '/var/tmp', '/run', '/', '..', *more):",
            "    try:",
            f"        with open(place + '/{LEFT}', 'w') as f: f.write('{LEFT}')",
            f"        os.mkdir(place + '/{LEFT}-folder'); os.mkfifo(place + '/{LEFT}-pipe')",
            f"        os.symlink('/etc/passwd', place + '/{LEFT}-link')",
            "    except OSError: pass",
            result="sum(rows)",
        ),
        honest=4,
        often=True,
    ),
    Attack(
        "changes the files that it was given",
        after(
            "import os\n",
            "for name in os.listdir('.'): open(name, 'a').write('pm-left-behind')",
            "for name in ('random', 'sitecustomize', 'usercustomize', 'conftest', 'grader'):",
            "    open(name + '.py', 'w').write('raise SystemExit')",
            result="sum(rows)",
        ),
        honest=4,
    ),
    Attack(
        "poisons compiled modules",
        """
import os, sys
def total(rows):
    own = os.path.dirname(sys.modules['msgpack'].__file__)
    for path in [*sys.path, os.path.dirname(os.__file__), own]:
        for name in ('', '__pycache__'):
            folder = os.path.join(path, name)
            try:
                os.makedirs(folder, exist_ok=True)
                for module in ('random', 'pm-left-behind'):
                    for ending in ('.cpython-311.pyc', '.py', '.pth'):
                        open(os.path.join(folder, module + ending), 'x').write('raise SystemExit')
            except OSError: pass
    return sum(rows)
""",
        honest=4,
    ),
    Attack(
        "poisons the interpreter's own state",
        """
import builtins, gc, os, sys, types
builtins.left = 'pm-left-behind'; sys.left = builtins.left; os.environ['PM_LEFT'] = builtins.left
for _ in range(1000): sys.intern(builtins.left + str(_))
sys.modules['pm_left'] = types.ModuleType('pm_left'); gc.disable(); sys.setswitchinterval(1e-9)
types.FunctionType.__call__
def total(rows): return sum(rows)
""",
        honest=4,
    ),
    Attack(
        "keeps shared memory and semaphores",
        """
from multiprocessing import resource_tracker, shared_memory
resource_tracker.register = lambda *a: None
held = []
def total(rows):
    try:
        held.append(shared_memory.SharedMemory('pm-left-behind', create=True, size=4096))
        held[-1].buf[:14] = b'pm-left-behind'
    except OSError: pass
    return sum(rows)
""",
        honest=4,
    ),
    Attack(
        "keeps System V objects",
        after(
            SYSCALL,
            "for key in range(0x5a8, 0x5b0):",
            "    libc.shmget(key, 65536, 0o1666); libc.msgget(key, 0o1666)",
            "    libc.semget(key, 2, 0o1666)",
            "libc.shmget(0, 65536, 0o1666)",
            result="sum(rows)",
        ),
        honest=4,
        often=True,
    ),
    Attack(
        "schedules work for later",
        """
import os, signal
def total(rows):
    signal.setitimer(signal.ITIMER_REAL, 1000); signal.alarm(1000)
    for place in ('/var/spool/cron/root', '/etc/cron.d/pm-left-behind', '/etc/ld.so.preload'):
        try: open(place, 'w').write('* * * * * root touch /tmp/pm-left-behind')
        except OSError: pass
    return sum(rows)
""",
        honest=4,
    ),
    Attack(
        "leaves a lock, a watch and a mark on what it shares",
        """
import fcntl, os
held = []
def total(rows):
    for place in ('.', '/', '/tmp', os.path.dirname(os.__file__)):
        try:
            held.append(os.open(place, os.O_RDONLY))
            fcntl.flock(held[-1], fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.setxattr(place, 'user.left', b'pm-left-behind'); os.utime(place, (1, 1))
        except OSError: pass
    return sum(rows)
""",
        honest=4,
    ),
]
