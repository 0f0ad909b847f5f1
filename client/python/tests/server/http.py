"""Apps behind a real HTTP server."""

import contextlib
import socket
import threading

import httpx
import uvicorn


@contextlib.contextmanager
def served(app):
    """An HTTP client of the app, which runs in a server."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=20) as http:
            yield http
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
