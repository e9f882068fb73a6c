class Node:
    def __init__(self, value, succeeding=None, previous=None):
        self.value, self.succeeding, self.prev = value, succeeding, previous


class LinkedList:
    def __init__(self):
        self.head = self.tail = None
        self.length = 0

    def __len__(self):
        return self.length

    def __iter__(self):
        n = self.head
        while n:
            yield n.value
            n = n.succeeding

    def push(self, value):
        n = Node(value, None, self.tail)
        if self.tail:
            self.tail.succeeding = n
        else:
            self.head = n
        self.tail = n
        self.length += 1

    def pop(self):
        if not self.tail:
            raise IndexError("List is empty")
        v = self.tail.value
        self.tail = self.tail.prev
        if self.tail:
            self.tail.succeeding = None
        else:
            self.head = None
        self.length -= 1
        return v

    def delete(self, v):
        vals = list(self)
        if v not in vals:
            raise ValueError("Value not found")
        vals.remove(v)
        self.__init__()
        for x in vals:
            self.push(x)
