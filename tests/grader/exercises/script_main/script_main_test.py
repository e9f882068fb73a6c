from script_main import add, fact


def run_tests():
    assert add(1, 2) == 3
    assert fact(5) == 120
    print("All tests passed!")


if __name__ == "__main__":
    run_tests()
