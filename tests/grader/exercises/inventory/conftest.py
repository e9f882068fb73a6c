import pytest

from inventory import Inventory


@pytest.fixture(scope="session")
def prices():
    return {"pen": 2, "cup": 5}


@pytest.fixture
def inventory(prices):
    return Inventory({item: 3 for item in prices})
