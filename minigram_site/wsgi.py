"""The WSGI application that gunicorn serves: ``minigram_site.wsgi:application``."""

import os

from django.core.wsgi import get_wsgi_application

from minigram_site import postgresql

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minigram_site.settings")
postgresql.serve()

application = get_wsgi_application()
