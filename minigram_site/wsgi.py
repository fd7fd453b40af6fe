"""The WSGI application that gunicorn serves: ``minigram_site.wsgi:application``.

The hottest reads of the API are answered before Django where nothing about them is unusual
(``social.feed.fast_path``).
"""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minigram_site.settings")

# These modules read the settings.
from minigram_site.db.postgresql import serve
from minigram_site.web.request_ids import with_request_ids

serve()
django_application = get_wsgi_application()

# And this one wants Django's apps to be loaded.
from social.feed.fast_path import HotReads  # noqa: E402

application = with_request_ids(HotReads(django_application))
