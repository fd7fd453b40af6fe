"""The WSGI application that gunicorn serves: ``minigram_site.wsgi:application``.

The hottest reads of the API are answered before Django where nothing about them is unusual
(``social.feed.fast_path``).
"""

import os

from django.core.wsgi import get_wsgi_application

from minigram_site.db import postgresql
from minigram_site.web.request_ids import with_request_ids

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minigram_site.settings")
postgresql.serve()

django_application = get_wsgi_application()

# Its modules want Django to be set up.
from social.feed.fast_path import HotReads  # noqa: E402

application = with_request_ids(HotReads(django_application))
