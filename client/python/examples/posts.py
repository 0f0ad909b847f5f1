"""A blog: everybody reads, authors write their own posts, and editors write all of them.

    IDENTITY_ADDRESS=… IDENTITY_SERVICE_KEY=… uvicorn --app-dir examples posts:app

Own and any is no question of code, but of where a role is bound:

| role | permissions | bound |
|---|---|---|
| visitor | posts:read | to `anonymous` and to each user, without a resource |
| author | posts:create, posts:update, posts:delete | to each user, on `users/<own id>` |
| editor | posts:update | to some users, without a resource |

Callers send an access token or an API key. Scopes limit both: with the scope `posts:read` even an editor only reads.
"""

import itertools
import os

from fastapi import Body, Depends, FastAPI, HTTPException

from identity.fastapi import Client, Decision, Guard

app = FastAPI(title="Posts")
identity = Guard(app, Client(os.environ["IDENTITY_ADDRESS"], os.environ["IDENTITY_SERVICE_KEY"], plaintext=True))

posts: dict[tuple[str, str], str] = {}
numbers = itertools.count(1)


@app.get("/health")
def health(_: None = Depends(identity.public)):
    return {"posts": len(posts)}


@app.get("/users/{author}/posts/{id}")
def read(author: str, id: str,
         _: Decision = Depends(identity.require("posts:read", resource="users/{author}/posts/{id}")),
         editor: Decision | None = Depends(identity.optional("posts:update", resource="users/{author}/posts/{id}"))):
    return {"text": text_of(author, id), "is_editable": editor is not None}


@app.post("/users/{author}/posts", status_code=201)
def create(author: str, text: str = Body(embed=True),
           caller: Decision = Depends(identity.require("posts:create", resource="users/{author}"))):
    id = str(next(numbers))
    posts[author, id] = text
    return {"id": id, "by": caller.principal.username}


@app.put("/users/{author}/posts/{id}")
async def update(author: str, id: str, text: str = Body(embed=True),
                 caller: Decision = Depends(identity.require("posts:update", resource="users/{author}/posts/{id}"))):
    text_of(author, id)
    posts[author, id] = text
    return {"id": id, "by": caller.principal.username}


@app.delete("/users/{author}/posts/{id}", status_code=204)
def delete(author: str, id: str,
           _: Decision = Depends(identity.require("posts:delete", resource="users/{author}/posts/{id}"))):
    text_of(author, id)
    del posts[author, id]


def text_of(author: str, id: str) -> str:
    try:
        return posts[author, id]
    except KeyError:
        raise HTTPException(404) from None
