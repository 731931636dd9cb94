"""The servers of others, on the loopback."""

from tests.api_particulier import api, cases, source  # noqa: F401  fixtures
