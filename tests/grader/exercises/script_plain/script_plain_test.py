from script_plain import add

cases = [((1, 2), 3), ((0, 0), 0)]
for args, want in cases:
    got = add(*args)
    assert got == want, f"add{args} should be {want}, got {got}"
try:
    add(1, "a")
except TypeError:
    pass
else:
    assert False, "should raise"
with open(__file__) as f:
    assert "cases" in f.read()
print("ok")
