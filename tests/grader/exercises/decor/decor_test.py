import pytest
from unittest.mock import Mock, MagicMock, call
from decor import *
from decor import adder as mk


class MyErr(Exception):
    pass


def test_counted():
    @counted
    def hello(name):
        "greets"
        return "hi " + name

    assert hello("a") == "hi a"
    hello("b")
    assert hello.calls == 2
    assert hello.__name__ == "hello"
    assert hello.__doc__ == "greets"


def test_retry():
    n = []

    @retry(3, exceptions=(MyErr,))
    def f():
        n.append(1)
        if len(n) < 3:
            raise MyErr("x")
        return 5

    assert f() == 5 and len(n) == 3


def test_retry_fail():
    @retry(2)
    def f():
        raise MyErr("boom")

    with pytest.raises(MyErr, match="boom"):
        f()


def test_retry_other():
    @retry(2, exceptions=(MyErr,))
    def f():
        raise KeyError("k")

    with pytest.raises(KeyError):
        f()


def test_fib():
    assert fib(30) == 832040
    assert fib.cache_info().hits > 0
    fib.cache_clear()


def test_compose():
    assert compose(str.strip, str.upper, len)("  ab ") == 2
    assert compose(lambda x: x + 1, lambda x: x * 2)(3) == 8


def test_adder():
    assert mk(2)(3) == 5
    assert [mk(i)(1) for i in range(3)] == [1, 2, 3]


def test_mock():
    m = Mock(side_effect=[ValueError("a"), 7])
    assert retry(2)(m)(1, k=2) == 7
    assert m.call_args_list == [call(1, k=2)] * 2


def test_memo():
    m = Mock(return_value=3)
    f = Memo(m)
    assert f(1) == 3
    f(1)
    m.assert_called_once_with(1)
    assert f.cache == {(1,): 3}


@pytest.mark.parametrize("n,e", [(0, 0), (1, 1), pytest.param(10, 55, id="ten")])
def test_p(n, e):
    assert fib(n) == e


@pytest.fixture
def two():
    return 2


@pytest.fixture(params=[1, 2])
def par(request):
    return request.param


def test_fx(two, par):
    assert mk(two)(par) == two + par


class TestC:
    def setup_method(self):
        self.x = 4

    def test_m(self, two):
        assert mk(self.x)(two) == 6

    @pytest.mark.skip(reason="z")
    def test_s(self):
        assert 0

    @pytest.mark.xfail
    def test_x(self):
        assert 0
