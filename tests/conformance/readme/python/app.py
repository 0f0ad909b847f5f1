import os
import socket

import uvicorn
from fastapi import Depends, FastAPI

app = FastAPI()
# @LINES@


@app.get("/forgotten")
def forgotten():
    return {"read by": "everybody"}


listener = socket.create_server(("127.0.0.1", 0))
print("port", listener.getsockname()[1], flush=True)
uvicorn.Server(uvicorn.Config(app)).run([listener])
