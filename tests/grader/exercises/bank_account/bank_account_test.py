import sys, threading, time, unittest
from bank_account import BankAccount


class BankAccountTest(unittest.TestCase):
    def test_zero(self):
        account = BankAccount()
        account.open()
        self.assertEqual(account.get_balance(), 0)

    def test_reopen(self):
        a = BankAccount()
        a.open()
        with self.assertRaises(ValueError) as err:
            a.open()
        self.assertEqual(type(err.exception), ValueError)
        self.assertEqual(err.exception.args[0], "account already open")

    def test_conc(self):
        account = BankAccount()
        account.open()
        account.deposit(1000)
        self.adjust_balance_concurrently(account)
        self.assertEqual(account.get_balance(), 1000)

    def adjust_balance_concurrently(self, account):
        def transact():
            account.deposit(5)
            time.sleep(0.001)
            account.withdraw(5)

        try:
            sys.setswitchinterval(1e-12)
        except AttributeError:
            sys.setcheckinterval(1)
        threads = [threading.Thread(target=transact) for _ in range(1000)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
