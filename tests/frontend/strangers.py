"""What tests of attacks share."""

import re

import fastapi.routing
import world
from frontend.app import make_app
from frontend.settings import Settings

ID = "01a224d0-2997-787f-b32a-3e93edf6bdf6"
EVIL = "https://evil.example"


def routes():
    """The method and the path of each route, with ids in it."""
    settings = Settings.read(world.current().frontend.environment)
    app = make_app(settings)._app._app
    # A new FastAPI keeps included routers as they are.
    for route in getattr(fastapi.routing, "iter_route_contexts", iter)(app.routes):
        for method in getattr(route, "methods", None) or ():
            yield method, re.sub(r"\{.*?\}", ID, route.path)


def paths(method):
    found = sorted(path for each, path in routes() if each == method)
    assert found, "no test of the frontend may pass because it found no page"
    return found


def without_tokens(text):
    """A page without what differs each time."""
    return re.sub(r'name="form_token" value="[^"]+"', "", text)
