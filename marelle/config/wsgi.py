"""The door that the web server opens: static files first, then Django.

The library's own Django middleware only exists for asyncio, and would make every request cross threads twice.
"""

import gc
import os
import re
from wsgiref.headers import Headers

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marelle.config.settings")
django_application = get_wsgi_application()

from django.conf import settings  # noqa: E402  Django must be ready
from servestatic import ServeStatic  # noqa: E402

HASHED_NAME = re.compile(r"^.+\.[0-9a-f]{12}\..+$")
AN_HOUR = 3600


def add_headers(headers: Headers, _path: str, _url: str) -> None:
    """Will guard static files as Django guards pages."""
    headers["X-Content-Type-Options"] = "nosniff"
    if settings.SECURE_HSTS_SECONDS:
        headers["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"


application = ServeStatic(
    django_application,
    root=settings.STATIC_ROOT,
    prefix=settings.STATIC_URL,
    max_age=AN_HOUR,
    immutable_file_test=lambda _path, url: HASHED_NAME.match(url) is not None,
    allow_all_origins=False,
    add_headers_function=add_headers,
)

# What was loaded to start lives as long as the process: looking through it again at every collection is wasted time.
gc.collect()
gc.freeze()
gc.set_threshold(25_000, 20, 20)
