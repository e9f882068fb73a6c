class EmptyListException(Exception):
    pass


class Node:
    def __init__(self, v, n=None):
        self._v = v
        self._n = n

    def value(self):
        return self._v

    def next(self):
        return self._n


class LinkedList:
    def __init__(self, values=()):
        self._h = None
        self._len = 0
        for v in values:
            self.push(v)

    def __iter__(self):
        n = self._h
        while n:
            yield n.value()
            n = n.next()

    def __len__(self):
        return self._len

    def head(self):
        if not self._h:
            raise EmptyListException("The list is empty.")
        return self._h

    def push(self, v):
        self._h = Node(v, self._h)
        self._len += 1

    def pop(self):
        if not self._h:
            raise EmptyListException("The list is empty.")
        v = self._h.value()
        self._h = self._h.next()
        self._len -= 1
        return v

    def reversed(self):
        return LinkedList(self)
