import pytest

from clients import scale_client


@pytest.fixture
def scale():
    with scale_client() as client:
        yield client
