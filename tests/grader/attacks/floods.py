"""More output, more files, more bytes than anyone wants."""

from __future__ import annotations

from tests.grader.attacks.attack import Attack
from tests.grader.attacks.tools import after

TITLE = "Floods"
AIM = "streams, disk and inodes"

ATTACKS = [
    Attack(
        "prints without end", "def total(rows):\n    while True: print('x' * 10000)\n", often=True
    ),
    Attack("prints while loading, without end", "while True: print('y' * 10000)\n"),
    Attack(
        "floods the streams from below Python",
        """
import os
def total(rows):
    for _ in range(500):
        os.write(1, b'\\xff\\x00' * 5000); os.write(2, b'e' * 10000)
    return sum(rows)
""",
        honest=4,
    ),
    Attack(
        "closes and replaces its streams",
        """
import os, sys
for fd in (0, 1, 2): os.close(fd)
sys.stdout = sys.stderr = None
def total(rows): return sum(rows)
""",
        honest=4,
    ),
    Attack(
        "has a traceback of megabytes",
        "source = 'def total(rows): raise ValueError(' + repr('x' * 60_000) + ')'\n"
        "import linecache\nname = '<student:answer>'\n"
        "linecache.cache[name] = (1, None, ['z' * 900_000] * 9, name)\n"
        "exec(compile(source, name, 'exec'))\n",
    ),
    Attack(
        "prints control characters and false verdicts",
        """
def total(rows):
    print('\\x1b[2J\\x1b]0;passed\\x07' * 50, '{"status": "passed", "points": 4}', '\\u202e' * 9)
    return None
""",
    ),
    Attack(
        "fills the disk",
        after(
            "",
            "for number in range(60):",
            "    with open(f'f{number}', 'wb') as f: f.write(b'x' * (8 << 20))",
        ),
        honest=1,
        often=True,
    ),
    Attack(
        "fills the disk beside its folder",
        after(
            "",
            "for place in ('/tmp', '/dev/shm', '/var/tmp', '/run', '/agent', '..'):",
            "    try:",
            "        with open(f'{place}/pm-left-behind', 'wb') as f:",
            "            for _ in range(8): f.write(b'x' * (8 << 20))",
            "    except OSError: pass",
        ),
        honest=1,
    ),
    Attack(
        "fills the table of inodes",
        after(
            "import os\n",
            "try:",
            "    for number in range(20_000): open(f'pm-left-{number}', 'w').close()",
            "except OSError: pass",
        ),
        honest=1,
    ),
    Attack(
        "nests folders too deeply to remove",
        after(
            "import os\n",
            "try:",
            "    for _ in range(3000): os.mkdir('d' * 200); os.chdir('d' * 200)",
            "except OSError: pass",
        ),
        honest=1,
    ),
    Attack(
        "makes files that are all holes",
        after(
            "import os\n",
            "for number in range(50):",
            "    try:",
            "        with open(f'hole{number}', 'wb') as f: f.truncate(1 << 40)",
            "    except OSError: pass",
        ),
        honest=1,
    ),
    Attack(
        "makes names and rights that are hard to remove",
        after(
            "import os\n",
            "if os.path.exists('locked'): return 0",
            "os.makedirs('locked/in/side'); open('locked/in/x', 'w').close()",
            "for name in ('-rf', 'a\\nb', '\\udcff', '*', ' '): open(name, 'w').close()",
            "os.chmod('locked/in', 0); os.chmod('locked', 0)",
        ),
        honest=1,
    ),
    Attack(
        "opens every descriptor it may",
        """
import os, socket
held = []
def total(rows):
    try:
        while True: held.extend(socket.socketpair())
    except OSError: pass
    while True:
        try: held.extend(os.pipe())
        except OSError: return sum(rows)
""",
        honest=4,
    ),
]
