import pytest
from stack_awaited import *
import stack_awaited as m


@pytest.mark.asyncio
async def test_double():
    assert await double(2) == 4
    assert [i async for i in count(3)] == [0, 1, 2]
    async with session() as s:
        assert s == "s"


@pytest.fixture
def stack():
    s = Stack()
    for x in "abc":
        s.push(x)
    return s


@pytest.fixture(params=[0, 1, 5])
def size(request):
    return request.param


def test_size(size):
    s = Stack()
    for i in range(size):
        s.push(i)
    assert len(s) == size
    assert bool(s) is (size > 0)


def test_stack(stack):
    assert "a" in stack and "z" not in stack
    assert stack[-1] == "c" and stack[0:2] == ["a", "b"]
    assert list(stack) == list("abc") and list(reversed(stack)) == list("cba")
    assert repr(stack) == "Stack(['a', 'b', 'c'])"
    assert str(stack) == repr(stack)
    assert f"{stack}" == repr(stack)
    assert stack + stack == stack + stack
    assert stack != Stack() and not stack == [1]
    a, b, c = stack
    assert (a, *[b, c]) == ("a", "b", "c")
    assert stack.pop() == "c"


def test_empty():
    with pytest.raises(IndexError) as exc_info:
        Stack().pop()
    assert exc_info.value.args == ("pop from empty stack",)
    assert "empty" in str(exc_info.value)
    with pytest.raises((ValueError, IndexError), match="^pop"):
        Stack().pop()


class TestThing:
    items = [1, 2]

    def setup_method(self):
        self.s = Stack()

    def teardown_method(self, method):
        self.s = None

    def test_one(self):
        assert len(self.s) == 0

    @staticmethod
    def test_static():
        assert Stack() == Stack()

    @pytest.mark.xfail(reason="known")
    def test_x(self):
        assert 0

    @pytest.mark.parametrize(["a", "b"], [[1, 2], (3, 4)])
    def test_p(self, a, b):
        assert b == a + 1

    class TestInner:
        def test_inner(self):
            assert True


pytestmark = pytest.mark.filterwarnings("ignore")
