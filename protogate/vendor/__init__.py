"""The contracts that other contracts import, written from pinned packages and never from the network."""

from protogate.vendor.protos import GOOGLE_API_PROTOS, VALIDATE_PROTO, write_vendored_protos

__all__ = ["GOOGLE_API_PROTOS", "VALIDATE_PROTO", "write_vendored_protos"]
