"""A request that has to be refused in one exact way, or that has to be answered."""

from dataclasses import dataclass

from google.rpc import error_details_pb2, status_pb2


@dataclass
class Case:
    """`fields`: the field paths that the violations have to name, all of them and no others; for reasons without
    violations, the one field in ErrorInfo's metadata, or none."""
    name: str
    method: str
    body: bytes
    code: str = "INVALID_ARGUMENT"
    reason: str = "INVALID_REQUEST"
    fields: tuple = ()


def fault_of(case, answer):
    """What is wrong with the answer to that case, or ""."""
    if answer.code != case.code:
        return f"{answer.code} instead of {case.code}: {answer.headers.get('grpc-message', '')[:150]}"
    if case.code == "OK":
        return ""
    info, bad = details_of(answer)
    if info is None or info.domain != "tensord":
        return "no ErrorInfo of tensord"
    if info.reason != case.reason:
        return f"reason {info.reason} instead of {case.reason}"
    if len(answer.details) > 4096 or len(answer.headers.get("grpc-message", "")) > 3 * 1024:
        return "more details than docs/errors.md allows"
    if case.reason == "INVALID_REQUEST":
        # One entry for all axes may be wrong for several of them.
        found = sorted({violation.field for violation in bad.field_violations}) if bad else []
        if found != sorted(set(case.fields)):
            return f"violations of {found} instead of {sorted(set(case.fields))}"
        if any(not violation.description for violation in bad.field_violations):
            return "a violation without a description"
    elif case.fields and info.metadata.get("field") != case.fields[0]:
        return f"field {info.metadata.get('field')!r} instead of {case.fields[0]!r}"
    return ""


def details_of(answer):
    status = status_pb2.Status.FromString(answer.details)
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    found_info = found_bad = None
    for detail in status.details:
        if detail.Unpack(info):
            found_info = info
        if detail.Unpack(bad):
            found_bad = bad
    return found_info, found_bad
