import math

assert is_lower("InValid") == "invalid"
assert find_t(1) == True
assert not find_t(9)
assert math.isclose(ratio([1, 2]), 1.5)
assert ratio([1, 2]) == 1.5, "msg"
for n in range(3):
    assert find_t(n, range(3))
