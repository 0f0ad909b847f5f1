"""Repairs two incomplete Python packages of Debian experimental at run time. Complete packages are not changed. CTest puts
this folder into PYTHONPATH. So Python imports the module at its start, in the programs that a test starts as well.

python3-grpcio 1.83.0-2 uses libraries of Abseil and is not linked with them.
python3-protobuf 7.36.2-3 lacks a generated module, google.protobuf.internal.python_edition_defaults.
"""

import ctypes
import glob
import subprocess
import sys
import tempfile
import types

EDITION_DEFAULTS = "google.protobuf.internal.python_edition_defaults"


def mend_grpc():
    """Loads all libraries of Abseil if gRPC's library lacks a symbol."""
    try:
        import grpc  # pylint: disable=unused-import,import-outside-toplevel
    except ImportError as error:
        if "undefined symbol" not in str(error):
            raise
        for library in glob.glob("/usr/lib/*/libabsl_*.so.*.0.0"):
            ctypes.CDLL(library, mode=ctypes.RTLD_GLOBAL)


def mend_protobuf():
    """Generates the missing module with protoc, as Protobuf's own build does."""
    try:
        from google.protobuf import descriptor_pb2  # pylint: disable=unused-import,import-outside-toplevel
    except ImportError as error:
        if EDITION_DEFAULTS.rpartition(".")[2] not in str(error):
            raise
        module = types.ModuleType(EDITION_DEFAULTS)
        with tempfile.NamedTemporaryFile() as defaults:
            subprocess.run(["protoc", f"--edition_defaults_out={defaults.name}", "--edition_defaults_minimum=PROTO2",
                            "--edition_defaults_maximum=2024", "-I/usr/include", "google/protobuf/descriptor.proto"],
                           check=True)
            module._PROTOBUF_INTERNAL_PYTHON_EDITION_DEFAULTS = defaults.read()
        sys.modules[EDITION_DEFAULTS] = module


if sys.version_info >= (3, 14):  # older Debians need not wait for the imports
    mend_grpc()
    mend_protobuf()
