def classify(number):
    if number < 1:
        raise ValueError("Classification is only possible for positive integers.")
    s = sum(d for d in range(1, number) if number % d == 0)
    return "perfect" if s == number else "abundant" if s > number else "deficient"
