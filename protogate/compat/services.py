"""What differs between the services of two schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf.descriptor_pb2 import MethodOptions

from protogate.compat.changes import Change, Paired
from protogate.compat.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogate.descriptors import File, Method, Schema, Service

__all__ = ["compare_services"]


def compare_services(old: Schema, new: Schema, files: Mapping[str, File], changes: list[Change]) -> None:
    """Report what differs between the services of the files to generate; `files` is new by name of the old one."""
    before = {one.full_name: one for file in old.files_to_generate for one in file.services}
    after = {one.full_name: one for file in new.files_to_generate for one in file.services}
    if not before and not after:
        return
    old_packages = {file.package for file in old.files_to_generate}
    new_packages = {file.package for file in new.files_to_generate}
    continued: set[str] = set()
    for name, service in before.items():
        file = files.get(service.file.name)
        partner, paired = after.get(name), Paired.NAME
        if partner is None and file is not None and file.package != service.file.package:
            renamed = f"{file.package}.{service.name}" if file.package else service.name
            partner, paired = (None if renamed in before else after.get(renamed)), Paired.PACKAGE
        if partner is None:
            facts = {"package_kept": service.file.package in new_packages}
            changes.append(Change(Rule.SERVICE_REMOVED, name, service, None, service.file, file, facts=facts))
            continue
        continued.add(partner.full_name)
        if paired is Paired.NAME and partner.file is not file:
            texts = service.file.name, partner.file.name
            changes.append(Change(Rule.SERVICE_MOVED, name, service, partner, service.file, partner.file, *texts))
        if service.proto != partner.proto:
            _compare_methods(service, partner, paired, changes)
    old_files = {file.name: old.files[name] for name, file in files.items()}
    for name, service in after.items():
        if name not in continued:
            facts = {"package_kept": service.file.package in old_packages}
            scope = old_files.get(service.file.name)
            changes.append(Change(Rule.SERVICE_ADDED, name, None, service, scope, service.file, facts=facts))


def _compare_methods(old: Service, new: Service, paired: Paired, changes: list[Change]) -> None:
    after = {method.name: method for method in new.methods}
    for method in old.methods:
        other = after.pop(method.name, None)
        if other is None:
            rule = Rule.METHOD_REMOVED
            changes.append(Change(rule, method.full_name, method, None, old, new, method.name, paired=paired))
        elif method.proto != other.proto:
            _compare_method(method, other, paired, changes)
    for method in after.values():
        rule = Rule.METHOD_ADDED
        changes.append(Change(rule, method.full_name, None, method, old, new, new=method.name, paired=paired))


def _compare_method(old: Method, new: Method, paired: Paired, changes: list[Change]) -> None:
    before, after = old.proto, new.proto
    values = (
        (Rule.METHOD_REQUEST_TYPE_CHANGED, before.input_type[1:], after.input_type[1:]),
        (Rule.METHOD_RESPONSE_TYPE_CHANGED, before.output_type[1:], after.output_type[1:]),
        (Rule.METHOD_CLIENT_STREAMING_CHANGED, _flow(before.client_streaming), _flow(after.client_streaming)),
        (Rule.METHOD_SERVER_STREAMING_CHANGED, _flow(before.server_streaming), _flow(after.server_streaming)),
        (Rule.METHOD_IDEMPOTENCY_CHANGED, _idempotency(old), _idempotency(new)),
    )
    for rule, was, now in values:
        if was != now:
            changes.append(Change(rule, old.full_name, old, new, old.parent, new.parent, was, now, paired=paired))


def _flow(streaming: bool) -> str:  # noqa: FBT001 - one flag, as the descriptor has it
    return "streaming" if streaming else "unary"


def _idempotency(method: Method) -> str:
    return MethodOptions.IdempotencyLevel.Name(method.proto.options.idempotency_level)
