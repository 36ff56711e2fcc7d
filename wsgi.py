"""The WSGI entry: gunicorn, waitress and `flask --app wsgi` start here."""

from web.app import create_app

app = create_app()
