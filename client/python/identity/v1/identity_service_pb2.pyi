from google.protobuf import timestamp_pb2 as _timestamp_pb2
from identity._rpc import status_pb2 as _status_pb2
from identity.v1 import options_pb2 as _options_pb2
from identity.v1 import types_pb2 as _types_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DECISION_ALLOWED: Decision
DECISION_DENIED: Decision
DECISION_UNSPECIFIED: Decision
DESCRIPTOR: _descriptor.FileDescriptor
MFA_METHOD_RECOVERY_CODE: MfaMethod
MFA_METHOD_TOTP: MfaMethod
MFA_METHOD_UNSPECIFIED: MfaMethod
REASON_CREDENTIAL_EXPIRED: Reason
REASON_CREDENTIAL_INVALID: Reason
REASON_CREDENTIAL_REVOKED: Reason
REASON_GRANTED: Reason
REASON_NO_BINDING: Reason
REASON_PRINCIPAL_DISABLED: Reason
REASON_QUOTA_EXCEEDED: Reason
REASON_SCOPE_INSUFFICIENT: Reason
REASON_STEP_UP_REQUIRED: Reason
REASON_UNSPECIFIED: Reason

class ApiKeyCredential(_message.Message):
    __slots__ = ["key"]
    KEY_FIELD_NUMBER: _ClassVar[int]
    key: str
    def __init__(self, key: _Optional[str] = ...) -> None: ...

class AuthenticateRequest(_message.Message):
    __slots__ = ["api_key", "audience", "client_info", "id_token", "mfa", "password", "remember_device", "scopes"]
    API_KEY_FIELD_NUMBER: _ClassVar[int]
    AUDIENCE_FIELD_NUMBER: _ClassVar[int]
    CLIENT_INFO_FIELD_NUMBER: _ClassVar[int]
    ID_TOKEN_FIELD_NUMBER: _ClassVar[int]
    MFA_FIELD_NUMBER: _ClassVar[int]
    PASSWORD_FIELD_NUMBER: _ClassVar[int]
    REMEMBER_DEVICE_FIELD_NUMBER: _ClassVar[int]
    SCOPES_FIELD_NUMBER: _ClassVar[int]
    api_key: ApiKeyCredential
    audience: str
    client_info: _types_pb2.ClientInfo
    id_token: _types_pb2.IdTokenCredential
    mfa: MfaCredential
    password: PasswordCredential
    remember_device: bool
    scopes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, password: _Optional[_Union[PasswordCredential, _Mapping]] = ..., mfa: _Optional[_Union[MfaCredential, _Mapping]] = ..., api_key: _Optional[_Union[ApiKeyCredential, _Mapping]] = ..., id_token: _Optional[_Union[_types_pb2.IdTokenCredential, _Mapping]] = ..., scopes: _Optional[_Iterable[str]] = ..., audience: _Optional[str] = ..., client_info: _Optional[_Union[_types_pb2.ClientInfo, _Mapping]] = ..., remember_device: bool = ...) -> None: ...

class AuthenticateResponse(_message.Message):
    __slots__ = ["device_token", "mfa_challenge", "tokens"]
    DEVICE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    MFA_CHALLENGE_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    device_token: str
    mfa_challenge: MfaChallenge
    tokens: _types_pb2.TokenSet
    def __init__(self, tokens: _Optional[_Union[_types_pb2.TokenSet, _Mapping]] = ..., mfa_challenge: _Optional[_Union[MfaChallenge, _Mapping]] = ..., device_token: _Optional[str] = ...) -> None: ...

class BatchCheckPermissionsRequest(_message.Message):
    __slots__ = ["checks", "consistency"]
    CHECKS_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    checks: _containers.RepeatedCompositeFieldContainer[CheckPermissionRequest]
    consistency: _types_pb2.Consistency
    def __init__(self, checks: _Optional[_Iterable[_Union[CheckPermissionRequest, _Mapping]]] = ..., consistency: _Optional[_Union[_types_pb2.Consistency, _Mapping]] = ...) -> None: ...

class BatchCheckPermissionsResponse(_message.Message):
    __slots__ = ["results"]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[BatchCheckPermissionsResult]
    def __init__(self, results: _Optional[_Iterable[_Union[BatchCheckPermissionsResult, _Mapping]]] = ...) -> None: ...

class BatchCheckPermissionsResult(_message.Message):
    __slots__ = ["error", "response"]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    error: _status_pb2.Status
    response: CheckPermissionResponse
    def __init__(self, response: _Optional[_Union[CheckPermissionResponse, _Mapping]] = ..., error: _Optional[_Union[_status_pb2.Status, _Mapping]] = ...) -> None: ...

class CheckPermissionRequest(_message.Message):
    __slots__ = ["access_token", "anonymous", "api_key", "audience", "consistency", "explain", "permission", "principal_id", "resource", "self"]
    ACCESS_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ANONYMOUS_FIELD_NUMBER: _ClassVar[int]
    API_KEY_FIELD_NUMBER: _ClassVar[int]
    AUDIENCE_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    EXPLAIN_FIELD_NUMBER: _ClassVar[int]
    PERMISSION_FIELD_NUMBER: _ClassVar[int]
    PRINCIPAL_ID_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_FIELD_NUMBER: _ClassVar[int]
    SELF_FIELD_NUMBER: _ClassVar[int]
    access_token: str
    anonymous: bool
    api_key: str
    audience: str
    consistency: _types_pb2.Consistency
    explain: bool
    permission: str
    principal_id: str
    resource: str
    self: bool
    def __init__(self, access_token: _Optional[str] = ..., api_key: _Optional[str] = ..., principal_id: _Optional[str] = ..., anonymous: bool = ..., permission: _Optional[str] = ..., resource: _Optional[str] = ..., audience: _Optional[str] = ..., consistency: _Optional[_Union[_types_pb2.Consistency, _Mapping]] = ..., explain: bool = ...) -> None: ...

class CheckPermissionResponse(_message.Message):
    __slots__ = ["checked_at", "consistency_token", "decision", "expire_time", "explanation", "principal", "quota", "reason", "scopes", "session_id"]
    CHECKED_AT_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_TOKEN_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPLANATION_FIELD_NUMBER: _ClassVar[int]
    PRINCIPAL_FIELD_NUMBER: _ClassVar[int]
    QUOTA_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SCOPES_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    checked_at: _timestamp_pb2.Timestamp
    consistency_token: str
    decision: Decision
    expire_time: _timestamp_pb2.Timestamp
    explanation: Explanation
    principal: _types_pb2.Principal
    quota: _types_pb2.Quota
    reason: Reason
    scopes: _containers.RepeatedScalarFieldContainer[str]
    session_id: str
    def __init__(self, decision: _Optional[_Union[Decision, str]] = ..., reason: _Optional[_Union[Reason, str]] = ..., principal: _Optional[_Union[_types_pb2.Principal, _Mapping]] = ..., session_id: _Optional[str] = ..., scopes: _Optional[_Iterable[str]] = ..., expire_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., consistency_token: _Optional[str] = ..., checked_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., explanation: _Optional[_Union[Explanation, _Mapping]] = ..., quota: _Optional[_Union[_types_pb2.Quota, _Mapping]] = ...) -> None: ...

class Explanation(_message.Message):
    __slots__ = ["binding_id", "pattern", "resource", "role_chain"]
    BINDING_ID_FIELD_NUMBER: _ClassVar[int]
    PATTERN_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_FIELD_NUMBER: _ClassVar[int]
    ROLE_CHAIN_FIELD_NUMBER: _ClassVar[int]
    binding_id: str
    pattern: str
    resource: str
    role_chain: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, binding_id: _Optional[str] = ..., resource: _Optional[str] = ..., role_chain: _Optional[_Iterable[str]] = ..., pattern: _Optional[str] = ...) -> None: ...

class IssueApiKeyRequest(_message.Message):
    __slots__ = ["display_name", "expire_time", "owner_id", "proof", "request_id", "requests_per_minute", "scopes"]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    OWNER_ID_FIELD_NUMBER: _ClassVar[int]
    PROOF_FIELD_NUMBER: _ClassVar[int]
    REQUESTS_PER_MINUTE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SCOPES_FIELD_NUMBER: _ClassVar[int]
    display_name: str
    expire_time: _timestamp_pb2.Timestamp
    owner_id: str
    proof: _types_pb2.Proof
    request_id: str
    requests_per_minute: int
    scopes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, owner_id: _Optional[str] = ..., display_name: _Optional[str] = ..., scopes: _Optional[_Iterable[str]] = ..., expire_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., request_id: _Optional[str] = ..., requests_per_minute: _Optional[int] = ..., proof: _Optional[_Union[_types_pb2.Proof, _Mapping]] = ...) -> None: ...

class IssueApiKeyResponse(_message.Message):
    __slots__ = ["api_key", "consistency_token", "secret"]
    API_KEY_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_TOKEN_FIELD_NUMBER: _ClassVar[int]
    SECRET_FIELD_NUMBER: _ClassVar[int]
    api_key: _types_pb2.ApiKey
    consistency_token: str
    secret: str
    def __init__(self, secret: _Optional[str] = ..., api_key: _Optional[_Union[_types_pb2.ApiKey, _Mapping]] = ..., consistency_token: _Optional[str] = ...) -> None: ...

class MfaChallenge(_message.Message):
    __slots__ = ["challenge_token", "expire_time", "methods"]
    CHALLENGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    METHODS_FIELD_NUMBER: _ClassVar[int]
    challenge_token: str
    expire_time: _timestamp_pb2.Timestamp
    methods: _containers.RepeatedScalarFieldContainer[MfaMethod]
    def __init__(self, challenge_token: _Optional[str] = ..., expire_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., methods: _Optional[_Iterable[_Union[MfaMethod, str]]] = ...) -> None: ...

class MfaCredential(_message.Message):
    __slots__ = ["challenge_token", "recovery_code", "totp_code"]
    CHALLENGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    RECOVERY_CODE_FIELD_NUMBER: _ClassVar[int]
    TOTP_CODE_FIELD_NUMBER: _ClassVar[int]
    challenge_token: str
    recovery_code: str
    totp_code: str
    def __init__(self, challenge_token: _Optional[str] = ..., totp_code: _Optional[str] = ..., recovery_code: _Optional[str] = ...) -> None: ...

class PasswordCredential(_message.Message):
    __slots__ = ["device_token", "login", "password"]
    DEVICE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    LOGIN_FIELD_NUMBER: _ClassVar[int]
    PASSWORD_FIELD_NUMBER: _ClassVar[int]
    device_token: str
    login: str
    password: str
    def __init__(self, login: _Optional[str] = ..., password: _Optional[str] = ..., device_token: _Optional[str] = ...) -> None: ...

class RefreshRequest(_message.Message):
    __slots__ = ["client_info", "refresh_token", "scopes"]
    CLIENT_INFO_FIELD_NUMBER: _ClassVar[int]
    REFRESH_TOKEN_FIELD_NUMBER: _ClassVar[int]
    SCOPES_FIELD_NUMBER: _ClassVar[int]
    client_info: _types_pb2.ClientInfo
    refresh_token: str
    scopes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, refresh_token: _Optional[str] = ..., scopes: _Optional[_Iterable[str]] = ..., client_info: _Optional[_Union[_types_pb2.ClientInfo, _Mapping]] = ...) -> None: ...

class RefreshResponse(_message.Message):
    __slots__ = ["tokens"]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    tokens: _types_pb2.TokenSet
    def __init__(self, tokens: _Optional[_Union[_types_pb2.TokenSet, _Mapping]] = ...) -> None: ...

class RevokeRequest(_message.Message):
    __slots__ = ["access_token", "api_key", "api_key_id", "principal_id", "refresh_token", "session_id"]
    ACCESS_TOKEN_FIELD_NUMBER: _ClassVar[int]
    API_KEY_FIELD_NUMBER: _ClassVar[int]
    API_KEY_ID_FIELD_NUMBER: _ClassVar[int]
    PRINCIPAL_ID_FIELD_NUMBER: _ClassVar[int]
    REFRESH_TOKEN_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    access_token: str
    api_key: str
    api_key_id: str
    principal_id: str
    refresh_token: str
    session_id: str
    def __init__(self, access_token: _Optional[str] = ..., refresh_token: _Optional[str] = ..., api_key: _Optional[str] = ..., session_id: _Optional[str] = ..., api_key_id: _Optional[str] = ..., principal_id: _Optional[str] = ...) -> None: ...

class RevokeResponse(_message.Message):
    __slots__ = ["consistency_token"]
    CONSISTENCY_TOKEN_FIELD_NUMBER: _ClassVar[int]
    consistency_token: str
    def __init__(self, consistency_token: _Optional[str] = ...) -> None: ...

class MfaMethod(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()

class Decision(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()

class Reason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
