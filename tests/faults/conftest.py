# SPDX-License-Identifier: Apache-2.0
"""The same small world as the services' tests have."""

from tests.services.conftest import scene, settled_homes
from tests.templates import two_countries

__all__ = ["scene", "settled_homes", "two_countries"]
