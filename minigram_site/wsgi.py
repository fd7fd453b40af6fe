"""The WSGI application that gunicorn serves: ``minigram_site.wsgi:application``."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minigram_site.settings")

application = get_wsgi_application()
