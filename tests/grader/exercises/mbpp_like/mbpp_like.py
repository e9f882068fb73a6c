def sum(a, b):
    return __import__("builtins").sum(
        i for i in range(1, min(a, b) + 1) if a % i == 0 and b % i == 0
    )
