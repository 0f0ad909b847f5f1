from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CountRequest(_message.Message):
    __slots__ = ["number"]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    number: int
    def __init__(self, number: _Optional[int] = ...) -> None: ...

class Post(_message.Message):
    __slots__ = ["id"]
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class PostRequest(_message.Message):
    __slots__ = ["org", "post"]
    ORG_FIELD_NUMBER: _ClassVar[int]
    POST_FIELD_NUMBER: _ClassVar[int]
    org: str
    post: Post
    def __init__(self, org: _Optional[str] = ..., post: _Optional[_Union[Post, _Mapping]] = ...) -> None: ...

class Seen(_message.Message):
    __slots__ = ["consistency_token", "principal_id", "scopes", "session_id", "username"]
    CONSISTENCY_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PRINCIPAL_ID_FIELD_NUMBER: _ClassVar[int]
    SCOPES_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    USERNAME_FIELD_NUMBER: _ClassVar[int]
    consistency_token: str
    principal_id: str
    scopes: _containers.RepeatedScalarFieldContainer[str]
    session_id: str
    username: str
    def __init__(self, principal_id: _Optional[str] = ..., username: _Optional[str] = ..., session_id: _Optional[str] = ..., scopes: _Optional[_Iterable[str]] = ..., consistency_token: _Optional[str] = ...) -> None: ...
