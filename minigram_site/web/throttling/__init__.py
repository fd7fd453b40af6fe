"""Rate limits of pages and API: token buckets by class of call, and by person or address.

The rates are ``settings.THROTTLE_RATES`` (``minigram_site.rate_limits``); ``RATE_LIMITS=false``
turns all of them off, for load tests. What has to be counted exactly (guesses of a password,
sign-ups) is in ``accounts.authentication``.
"""

from minigram_site.web.throttling.addresses import client_address
from minigram_site.web.throttling.limits import (
    COUNTED,
    Throttle,
    ThrottledWrites,
    limited,
    throttle,
)

__all__ = ["COUNTED", "Throttle", "ThrottledWrites", "client_address", "limited", "throttle"]
