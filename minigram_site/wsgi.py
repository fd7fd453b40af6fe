"""The WSGI application that gunicorn serves: ``minigram_site.wsgi:application``.

The hottest reads of the API (``social.feed.fast_path``, ``social.lists.fast_path``), small writes
(``social.api.fast_writes``) and the bytes of pictures (``photos.files.fast_path``) are answered
before Django, unless a request is unusual.
"""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minigram_site.settings")
try:
    # The first use of any of them reads the environment.
    _ = settings.VERSION
except ImproperlyConfigured as error:
    sys.exit(f"MiniGram cannot start: {error}")

# These modules read the settings, which the variable above names.
from minigram_site.db.postgresql import serve
from minigram_site.fields import snowflake
from minigram_site.logs.request_ids import with_request_ids
from minigram_site.web.bodies.refused import with_whole_bodies
from minigram_site.web.request_times import with_request_times

serve()
django_application = get_wsgi_application()
try:
    snowflake.claim()
except ImproperlyConfigured as error:
    sys.exit(f"MiniGram cannot start: {error}")

# These modules need Django's apps to be loaded.
from photos.files.fast_path import Pictures  # noqa: E402
from social.api.fast_writes import FastWrites  # noqa: E402
from social.feed.edge import EdgeQuestions  # noqa: E402
from social.feed.fast_path import HotReads  # noqa: E402
from social.lists.fast_path import FastLists  # noqa: E402

_hot_reads = HotReads(FastLists(FastWrites(with_whole_bodies(django_application))))
_answers = Pictures(EdgeQuestions(_hot_reads))
application = with_request_ids(with_request_times(_answers))
