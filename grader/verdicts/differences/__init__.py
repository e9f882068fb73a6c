"""How what came out differs from what was wanted, told by what the two are.

Pure, and bounded in time whatever it is given. Objects of the student are never compared here, only
shown: their code has no say in it.
"""

from grader.verdicts.differences.comparing import MAX_PARTS, difference

__all__ = ["MAX_PARTS", "difference"]
