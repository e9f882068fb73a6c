import pytest


@pytest.fixture
def prices(prices):
    return {**prices, "jar": 9}


def test_take(inventory):
    assert inventory.take("pen", 2) == 1
    assert inventory.stock == {"pen": 1, "cup": 3, "jar": 3}


def test_too_many(inventory):
    with pytest.raises(LookupError, match="only 3 of jar"):
        inventory.take("jar", 4)


def test_shared(inventory):
    inventory.stock["pen"] = 10
    assert inventory.take("pen", 5) == 5
