"""Writes protobuf messages without their definitions, and files of requests for identity_bench (request_file.h)."""

VARINT, BYTES = 0, 2  # wire types


def _varint(number):
    parts = bytearray()
    while number > 0x7f:
        parts.append(number & 0x7f | 0x80)
        number >>= 7
    parts.append(number)
    return bytes(parts)


def message(*fields):
    """The fields are pairs of number and value: a str, bytes, an int, a bool, or a message made by this function."""
    text = b""
    for number, value in fields:
        if isinstance(value, int):
            text += _varint(number << 3 | VARINT) + _varint(int(value))
        else:
            content = value.encode() if isinstance(value, str) else value
            text += _varint(number << 3 | BYTES) + _varint(len(content)) + content
    return text


def write(path, requests):
    with open(path, "wb") as out:
        for request in requests:
            out.write(len(request).to_bytes(4, "little") + request)
    return path


def read(path):
    with open(path, "rb") as file:
        while length := file.read(4):
            yield file.read(int.from_bytes(length, "little"))


def first_field(text):
    """The bytes of a message's first field, which must not be a number."""
    length = shift = 0
    for index, byte in enumerate(text[1:], start=2):
        length |= (byte & 0x7f) << shift
        shift += 7
        if byte < 0x80:
            return text[index:index + length]
    raise ValueError("the message is not whole")
