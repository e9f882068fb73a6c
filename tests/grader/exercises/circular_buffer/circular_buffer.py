class BufferFullException(BufferError):
    def __init__(self, message):
        self.message = message


class BufferEmptyException(BufferError):
    def __init__(self, message):
        self.message = message


class CircularBuffer:
    def __init__(self, n):
        self.n = n
        self.q = []

    def read(self):
        if not self.q:
            raise BufferEmptyException("Circular buffer is empty")
        return self.q.pop(0)

    def write(self, x):
        if len(self.q) == self.n:
            raise BufferFullException("Circular buffer is full")
        self.q.append(x)

    def overwrite(self, x):
        if len(self.q) == self.n:
            self.q.pop(0)
        self.write(x)

    def clear(self):
        self.q = []
