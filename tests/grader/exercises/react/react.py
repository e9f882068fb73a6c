class InputCell:
    def __init__(self, v):
        self._v = v
        self.watchers = []

    @property
    def value(self):
        return self._v

    @value.setter
    def value(self, v):
        self._v = v
        cells = []

        def walk(c):
            for w in c.watchers:
                w.stale()
                walk(w)

        walk(self)
        done = set()

        def fire(c):
            for w in c.watchers:
                if id(w) not in done:
                    done.add(id(w))
                    w.fire()
                    fire(w)

        fire(self)


class ComputeCell:
    def __init__(self, inputs, f):
        self.inputs = inputs
        self.f = f
        self.watchers = []
        self.cbs = []
        for i in inputs:
            i.watchers.append(self)
        self._old = self.value

    @property
    def value(self):
        return self.f([i.value for i in self.inputs])

    def stale(self):
        pass

    def fire(self):
        v = self.value
        if v != self._old:
            self._old = v
            for c in list(self.cbs):
                c(v)

    def add_callback(self, c):
        self.cbs.append(c)

    def remove_callback(self, c):
        if c in self.cbs:
            self.cbs.remove(c)
