import io

ZEN = b"Beautiful is better than ugly."


class MockException(Exception):
    pass


class MockSock:
    def __init__(self, *, chunk=None, exception=None):
        self._r = io.BytesIO(ZEN)
        self.__chunk = chunk
        self.__exception = exception
        self.flags = None

    def __enter__(self):
        return self

    def __exit__(self, exc_type, exc_val, exc_tb):
        self._r.close()
        if self.__exception is not None:
            return "suppress" in self.__exception.args[0].lower()
        return False

    def recv(self, bufsize, flags=0):
        self.flags = flags
        if self.__exception is not None:
            raise self.__exception
        return self._r.read(bufsize)
