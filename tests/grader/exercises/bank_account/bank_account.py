import threading


class BankAccount:
    def __init__(self):
        self._open = False
        self._b = 0
        self._l = threading.Lock()

    def get_balance(self):
        if not self._open:
            raise ValueError("account not open")
        return self._b

    def open(self):
        if self._open:
            raise ValueError("account already open")
        self._open = True
        self._b = 0

    def deposit(self, a):
        with self._l:
            if not self._open:
                raise ValueError("account not open")
            if a <= 0:
                raise ValueError("amount must be greater than 0")
            self._b += a

    def withdraw(self, a):
        with self._l:
            if a > self._b:
                raise ValueError("amount must be less than balance")
            self._b -= a

    def close(self):
        if not self._open:
            raise ValueError("account not open")
        self._open = False
