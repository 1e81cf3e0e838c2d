"""Plain ASGI layers around the application, one a file; `app.main` lists them in order.

May import api, api_keys and observability.
"""
