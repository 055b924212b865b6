"""Fixtures for every app: the stand-ins of the payment systems, running."""

from collections.abc import Iterator

import pytest

from billing.fakes import Fakes, environment


@pytest.fixture(scope="session")
def _gateways_of_the_session() -> Iterator[Fakes]:
    fakes = Fakes(repeat_pauses=())
    fakes.start()
    yield fakes
    fakes.stop()


@pytest.fixture
def gateway_fakes(_gateways_of_the_session: Fakes, settings: object) -> Iterator[Fakes]:
    """The stand-ins of all gateways, empty, with every gateway configured to speak to them in this test.

    `fakes.house.transport` may be replaced to bring notifications elsewhere than over HTTP; `fakes.house.site_url` is
    the site whose notification addresses are entered in the cabinets.
    """
    fakes = _gateways_of_the_session
    fakes.reset()
    for name, value in environment(fakes.url).items():
        setattr(settings, name, value)
    yield fakes
    fakes.reset()
