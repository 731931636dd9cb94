"""The servers of others, on the loopback."""

from tests.api_particulier import api, cases, source  # noqa: F401  fixtures
from tests.franceconnect import fc, pc  # noqa: F401  fixtures
from tests.payfip import payfip, payfip_pair, payfip_server  # noqa: F401  fixtures
from tests.payzen import payzen, payzen_server, shopkeeper  # noqa: F401  fixtures
from tests.texts import ovh  # noqa: F401  a fixture
