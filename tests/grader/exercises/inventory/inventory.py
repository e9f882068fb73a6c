class Inventory:
    def __init__(self, stock=None):
        self.stock = dict(stock or {})

    def take(self, item, count=1):
        if self.stock.get(item, 0) < count:
            raise LookupError(f"only {self.stock.get(item, 0)} of {item}")
        self.stock[item] -= count
        return self.stock[item]
