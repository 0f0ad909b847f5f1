from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from identity.v1 import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
PRINCIPAL_TYPE_ANONYMOUS: PrincipalType
PRINCIPAL_TYPE_SERVICE_ACCOUNT: PrincipalType
PRINCIPAL_TYPE_UNSPECIFIED: PrincipalType
PRINCIPAL_TYPE_USER: PrincipalType

class ApiKey(_message.Message):
    __slots__ = ["create_time", "display_name", "expire_time", "id", "last_use_time", "owner_id", "prefix", "requests_per_minute", "revoke_time", "scopes"]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    LAST_USE_TIME_FIELD_NUMBER: _ClassVar[int]
    OWNER_ID_FIELD_NUMBER: _ClassVar[int]
    PREFIX_FIELD_NUMBER: _ClassVar[int]
    REQUESTS_PER_MINUTE_FIELD_NUMBER: _ClassVar[int]
    REVOKE_TIME_FIELD_NUMBER: _ClassVar[int]
    SCOPES_FIELD_NUMBER: _ClassVar[int]
    create_time: _timestamp_pb2.Timestamp
    display_name: str
    expire_time: _timestamp_pb2.Timestamp
    id: str
    last_use_time: _timestamp_pb2.Timestamp
    owner_id: str
    prefix: str
    requests_per_minute: int
    revoke_time: _timestamp_pb2.Timestamp
    scopes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, id: _Optional[str] = ..., owner_id: _Optional[str] = ..., display_name: _Optional[str] = ..., prefix: _Optional[str] = ..., scopes: _Optional[_Iterable[str]] = ..., create_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., last_use_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., revoke_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., requests_per_minute: _Optional[int] = ...) -> None: ...

class Binding(_message.Message):
    __slots__ = ["create_time", "expire_time", "id", "principal_id", "resource", "role"]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    PRINCIPAL_ID_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    create_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    id: str
    principal_id: str
    resource: str
    role: str
    def __init__(self, id: _Optional[str] = ..., principal_id: _Optional[str] = ..., role: _Optional[str] = ..., resource: _Optional[str] = ..., expire_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., create_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ClientInfo(_message.Message):
    __slots__ = ["device_name", "ip_address", "user_agent"]
    DEVICE_NAME_FIELD_NUMBER: _ClassVar[int]
    IP_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    device_name: str
    ip_address: str
    user_agent: str
    def __init__(self, ip_address: _Optional[str] = ..., user_agent: _Optional[str] = ..., device_name: _Optional[str] = ...) -> None: ...

class Consistency(_message.Message):
    __slots__ = ["at_least_as_fresh", "fully_consistent", "minimize_latency"]
    AT_LEAST_AS_FRESH_FIELD_NUMBER: _ClassVar[int]
    FULLY_CONSISTENT_FIELD_NUMBER: _ClassVar[int]
    MINIMIZE_LATENCY_FIELD_NUMBER: _ClassVar[int]
    at_least_as_fresh: str
    fully_consistent: bool
    minimize_latency: bool
    def __init__(self, minimize_latency: bool = ..., at_least_as_fresh: _Optional[str] = ..., fully_consistent: bool = ...) -> None: ...

class IdTokenCredential(_message.Message):
    __slots__ = ["access_token", "issuer", "nonce", "token"]
    ACCESS_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ISSUER_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    access_token: str
    issuer: str
    nonce: str
    token: str
    def __init__(self, issuer: _Optional[str] = ..., token: _Optional[str] = ..., nonce: _Optional[str] = ..., access_token: _Optional[str] = ...) -> None: ...

class Principal(_message.Message):
    __slots__ = ["id", "type", "username"]
    ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    USERNAME_FIELD_NUMBER: _ClassVar[int]
    id: str
    type: PrincipalType
    username: str
    def __init__(self, id: _Optional[str] = ..., type: _Optional[_Union[PrincipalType, str]] = ..., username: _Optional[str] = ...) -> None: ...

class Proof(_message.Message):
    __slots__ = ["current_password", "id_token", "recovery_code", "totp_code"]
    CURRENT_PASSWORD_FIELD_NUMBER: _ClassVar[int]
    ID_TOKEN_FIELD_NUMBER: _ClassVar[int]
    RECOVERY_CODE_FIELD_NUMBER: _ClassVar[int]
    TOTP_CODE_FIELD_NUMBER: _ClassVar[int]
    current_password: str
    id_token: IdTokenCredential
    recovery_code: str
    totp_code: str
    def __init__(self, current_password: _Optional[str] = ..., id_token: _Optional[_Union[IdTokenCredential, _Mapping]] = ..., totp_code: _Optional[str] = ..., recovery_code: _Optional[str] = ...) -> None: ...

class Quota(_message.Message):
    __slots__ = ["limit", "remaining", "reset"]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    REMAINING_FIELD_NUMBER: _ClassVar[int]
    RESET_FIELD_NUMBER: _ClassVar[int]
    limit: int
    remaining: int
    reset: _duration_pb2.Duration
    def __init__(self, limit: _Optional[int] = ..., remaining: _Optional[int] = ..., reset: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class Role(_message.Message):
    __slots__ = ["built_in", "create_time", "description", "inherits", "mfa_max_age", "name", "permissions", "update_time"]
    BUILT_IN_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    INHERITS_FIELD_NUMBER: _ClassVar[int]
    MFA_MAX_AGE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PERMISSIONS_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    built_in: bool
    create_time: _timestamp_pb2.Timestamp
    description: str
    inherits: _containers.RepeatedScalarFieldContainer[str]
    mfa_max_age: _duration_pb2.Duration
    name: str
    permissions: _containers.RepeatedScalarFieldContainer[str]
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., description: _Optional[str] = ..., permissions: _Optional[_Iterable[str]] = ..., inherits: _Optional[_Iterable[str]] = ..., built_in: bool = ..., create_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., mfa_max_age: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class ServiceAccount(_message.Message):
    __slots__ = ["create_time", "description", "disabled", "external_identities", "id", "name"]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    DISABLED_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_IDENTITIES_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    create_time: _timestamp_pb2.Timestamp
    description: str
    disabled: bool
    external_identities: _containers.RepeatedCompositeFieldContainer[WorkloadIdentity]
    id: str
    name: str
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., description: _Optional[str] = ..., disabled: bool = ..., create_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., external_identities: _Optional[_Iterable[_Union[WorkloadIdentity, _Mapping]]] = ...) -> None: ...

class Session(_message.Message):
    __slots__ = ["amr", "audience", "auth_time", "client_id", "create_time", "current", "device_name", "expire_time", "id", "ip_address", "scopes", "user_agent"]
    AMR_FIELD_NUMBER: _ClassVar[int]
    AUDIENCE_FIELD_NUMBER: _ClassVar[int]
    AUTH_TIME_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    CURRENT_FIELD_NUMBER: _ClassVar[int]
    DEVICE_NAME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    IP_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    SCOPES_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    amr: _containers.RepeatedScalarFieldContainer[str]
    audience: str
    auth_time: _timestamp_pb2.Timestamp
    client_id: str
    create_time: _timestamp_pb2.Timestamp
    current: bool
    device_name: str
    expire_time: _timestamp_pb2.Timestamp
    id: str
    ip_address: str
    scopes: _containers.RepeatedScalarFieldContainer[str]
    user_agent: str
    def __init__(self, id: _Optional[str] = ..., current: bool = ..., create_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., auth_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., amr: _Optional[_Iterable[str]] = ..., client_id: _Optional[str] = ..., audience: _Optional[str] = ..., scopes: _Optional[_Iterable[str]] = ..., ip_address: _Optional[str] = ..., user_agent: _Optional[str] = ..., device_name: _Optional[str] = ...) -> None: ...

class TokenSet(_message.Message):
    __slots__ = ["access_token", "expires_in", "mfa_enrollment_required", "password_change_required", "principal_id", "refresh_expires_in", "refresh_token", "scopes", "session_id", "token_type"]
    ACCESS_TOKEN_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_IN_FIELD_NUMBER: _ClassVar[int]
    MFA_ENROLLMENT_REQUIRED_FIELD_NUMBER: _ClassVar[int]
    PASSWORD_CHANGE_REQUIRED_FIELD_NUMBER: _ClassVar[int]
    PRINCIPAL_ID_FIELD_NUMBER: _ClassVar[int]
    REFRESH_EXPIRES_IN_FIELD_NUMBER: _ClassVar[int]
    REFRESH_TOKEN_FIELD_NUMBER: _ClassVar[int]
    SCOPES_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    TOKEN_TYPE_FIELD_NUMBER: _ClassVar[int]
    access_token: str
    expires_in: _duration_pb2.Duration
    mfa_enrollment_required: bool
    password_change_required: bool
    principal_id: str
    refresh_expires_in: _duration_pb2.Duration
    refresh_token: str
    scopes: _containers.RepeatedScalarFieldContainer[str]
    session_id: str
    token_type: str
    def __init__(self, access_token: _Optional[str] = ..., token_type: _Optional[str] = ..., expires_in: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., refresh_token: _Optional[str] = ..., refresh_expires_in: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., scopes: _Optional[_Iterable[str]] = ..., session_id: _Optional[str] = ..., principal_id: _Optional[str] = ..., password_change_required: bool = ..., mfa_enrollment_required: bool = ...) -> None: ...

class User(_message.Message):
    __slots__ = ["create_time", "disabled", "email", "email_verified", "full_name", "id", "last_login_time", "locked_until", "mfa_enabled", "username"]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    DISABLED_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    EMAIL_VERIFIED_FIELD_NUMBER: _ClassVar[int]
    FULL_NAME_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    LAST_LOGIN_TIME_FIELD_NUMBER: _ClassVar[int]
    LOCKED_UNTIL_FIELD_NUMBER: _ClassVar[int]
    MFA_ENABLED_FIELD_NUMBER: _ClassVar[int]
    USERNAME_FIELD_NUMBER: _ClassVar[int]
    create_time: _timestamp_pb2.Timestamp
    disabled: bool
    email: str
    email_verified: bool
    full_name: str
    id: str
    last_login_time: _timestamp_pb2.Timestamp
    locked_until: _timestamp_pb2.Timestamp
    mfa_enabled: bool
    username: str
    def __init__(self, id: _Optional[str] = ..., username: _Optional[str] = ..., email: _Optional[str] = ..., email_verified: bool = ..., full_name: _Optional[str] = ..., disabled: bool = ..., create_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., last_login_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., mfa_enabled: bool = ..., locked_until: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class WorkloadIdentity(_message.Message):
    __slots__ = ["issuer", "scopes", "subject"]
    ISSUER_FIELD_NUMBER: _ClassVar[int]
    SCOPES_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    issuer: str
    scopes: _containers.RepeatedScalarFieldContainer[str]
    subject: str
    def __init__(self, issuer: _Optional[str] = ..., subject: _Optional[str] = ..., scopes: _Optional[_Iterable[str]] = ...) -> None: ...

class PrincipalType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
