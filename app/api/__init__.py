"""HTTP in and out: routes, schemas, presenters, the OpenAPI document and error answers. Computes nothing.

May import the service, uploads and the inner ring's types; nothing but `app.main` and the layers imports it.
"""
