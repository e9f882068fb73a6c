import io


class MeteredSocket:
    def __init__(self, s):
        self._s = s
        self._rb = self._ro = self._so = self._sb = 0

    def __enter__(self):
        return self

    def __exit__(self, *a):
        return self._s.__exit__(*a)

    def recv(self, bufsize, flags=0):
        d = self._s.recv(bufsize, flags)
        self._ro += 1
        self._rb += len(d)
        return d

    @property
    def recv_ops(self):
        return self._ro

    @property
    def recv_bytes(self):
        return self._rb
