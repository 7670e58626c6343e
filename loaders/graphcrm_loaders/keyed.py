"""Hashes of values that only the holder of a graph's key can make."""

ID_DIGITS = 24
"""So many hexadecimal digits of a hash stand for a value: 96 bits."""


def keyed_hash(value: str, key: bytes) -> str:
    """SQL for the HMAC-SHA-256 (RFC 2104) of a text as hexadecimal digits; NULL for NULL."""
    block = key.ljust(64, b"\0")
    inner, outer = bytes(b ^ 0x36 for b in block), bytes(b ^ 0x5C for b in block)
    message = f"encode({value})"
    return (
        f"left(sha256({_blob(outer)} || unhex(sha256({_blob(inner)} || {message}))), {ID_DIGITS})"
    )


def _blob(value: bytes) -> str:
    return "'" + "".join(f"\\x{byte:02X}" for byte in value) + "'::BLOB"
