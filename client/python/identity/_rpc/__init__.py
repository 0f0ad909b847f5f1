"""The messages of google.rpc.

Protobuf knows each file only once in a process. So these are the messages of the package googleapis-common-protos if it
is installed, and our own otherwise.
"""

try:
    from google.rpc import error_details_pb2, status_pb2
except ImportError:
    from . import error_details_pb2, status_pb2

__all__ = ["error_details_pb2", "status_pb2"]
