class CustomSet:
    def __init__(self, e=()):
        self.e = []
        [self.add(x) for x in e]

    def isempty(self):
        return not self.e

    def __contains__(self, x):
        return x in self.e

    def issubset(self, o):
        return all(x in o for x in self.e)

    def isdisjoint(self, o):
        return not any(x in o for x in self.e)

    def __eq__(self, o):
        return self.issubset(o) and o.issubset(self)

    def add(self, x):
        if x not in self.e:
            self.e.append(x)

    def intersection(self, o):
        return CustomSet(x for x in self.e if x in o)

    def __sub__(self, o):
        return CustomSet(x for x in self.e if x not in o)

    def __add__(self, o):
        return CustomSet(self.e + o.e)
