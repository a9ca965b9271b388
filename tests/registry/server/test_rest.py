"""The REST API as it stands on the wire: shapes, codes, types, and what no client library sends."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from tests.registry.server.conftest import quoted
from tests.registry.server.contracts import MONEY, ORDER, ORDER_BROKEN, ORDER_WIDER
from tests.registry.server.running import serve

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

_MONEY_FILE = "shop/v1/money.proto"


@pytest.fixture(scope="module")
def rest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """One server for all tests here: each keeps to a subject of its own."""
    with serve(str(tmp_path_factory.mktemp("registry") / "registry.db")) as server, server.client() as client:
        register(client, _MONEY_FILE, MONEY)
        yield client


def schema(text: str = MONEY, **more: object) -> dict[str, Any]:
    return {"schemaType": "PROTOBUF", "schema": text, **more}


def order(text: str = ORDER) -> dict[str, Any]:
    return schema(text, references=[{"name": _MONEY_FILE, "subject": _MONEY_FILE, "version": 1}])


def register(rest: httpx.Client, subject: str, sent: str | dict[str, Any], query: str = "") -> dict[str, Any]:
    body = schema(sent) if isinstance(sent, str) else sent
    answer = rest.post(f"/subjects/{quoted(subject)}/versions{query}", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def refusal(answer: httpx.Response) -> tuple[int, int]:
    """Status and code of a refusal, whose body must be what clients can read."""
    body = answer.json()
    assert set(body) == {"error_code", "message"}
    assert body["message"]
    assert "Traceback" not in answer.text
    return answer.status_code, body["error_code"]


def test_registered_version_has_the_fields_of_confluent(rest: httpx.Client, subject: str) -> None:
    made = register(rest, subject, order())
    assert set(made) == {"id", "version", "guid"}
    assert rest.get(f"/subjects/{quoted(subject)}/versions/1").json() == {
        "subject": subject,
        "version": 1,
        "id": made["id"],
        "guid": made["guid"],
        "schemaType": "PROTOBUF",
        "schema": ORDER,
        "references": [{"name": _MONEY_FILE, "subject": _MONEY_FILE, "version": 1}],
    }


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "application/vnd.schemaregistry.v1+json"),
        ("application/vnd.schemaregistry.v1+json, application/json", "application/vnd.schemaregistry.v1+json"),
        ("application/json", "application/json"),
    ],
)
def test_content_type_follows_what_the_client_accepts(rest: httpx.Client, accept: str, kind: str) -> None:
    for _ in range(2):  # The second answer comes from memory.
        assert rest.get("/schemas/types", headers={"Accept": accept}).headers["content-type"] == kind


@pytest.mark.parametrize("kind", ["application/json", "application/vnd.schemaregistry.v1+json; charset=utf-8", ""])
def test_json_comes_under_any_of_its_names(rest: httpx.Client, subject: str, kind: str) -> None:
    headers = {"Content-Type": kind} if kind else {}
    sent = json.dumps(schema())
    answer = rest.post(f"/subjects/{quoted(subject)}/versions", content=sent, headers=headers)
    assert answer.status_code == 200


def test_forms_of_browsers_are_not_json(rest: httpx.Client, subject: str) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        answer = rest.post(
            f"/subjects/{quoted(subject)}/versions", content=json.dumps(schema()), headers={"Content-Type": kind}
        )
        assert refusal(answer) == (415, 415)


@pytest.mark.parametrize("flag", ["True", "true", "TRUE"])
def test_booleans_are_read_in_any_case(rest: httpx.Client, subject: str, flag: str) -> None:
    register(rest, subject, MONEY)
    rest.delete(f"/subjects/{quoted(subject)}/versions/1")
    assert refusal(rest.get(f"/subjects/{quoted(subject)}/versions/1?deleted=False")) == (404, 40401)
    assert rest.get(f"/subjects/{quoted(subject)}/versions/1?deleted={flag}").json()["deleted"] is True


@pytest.mark.parametrize("name", ["a/b.proto", "ä ö", "100%", "a+b", "a?b#c", "..", "%2F", "-", "'; DROP TABLE x;--"])
def test_any_printable_subject_is_kept_as_it_is(rest: httpx.Client, name: str) -> None:
    name = f"names {name}"
    register(rest, name, MONEY)
    assert rest.get(f"/subjects/{quoted(name)}/versions").json() == [1]
    assert name in rest.get("/subjects").json()


@pytest.mark.parametrize("name", ["%00", "a%0Ab", "%7F", "a" * 2000], ids=["nul", "newline", "delete", "long"])
def test_unprintable_subject_is_refused(rest: httpx.Client, name: str) -> None:
    assert refusal(rest.post(f"/subjects/{name}/versions", json=schema())) == (422, 42208)


def test_path_that_is_no_utf8_is_refused(rest: httpx.Client) -> None:
    assert refusal(rest.get("/subjects/%ff/versions")) == (400, 400)


def test_subject_with_plain_slashes_is_found(rest: httpx.Client) -> None:
    made = register(rest, "plain/v1/x.proto", MONEY)
    assert rest.get("/subjects/plain/v1/x.proto/versions").json() == [1]
    assert rest.get("/subjects/plain/v1/x.proto/versions/latest").json()["id"] == made["id"]
    assert rest.post("/subjects/plain/v1/x.proto", json=schema()).json()["version"] == 1
    assert rest.get("/config/plain/v1/x.proto?defaultToGlobal=true").status_code == 200
    tested = rest.post("/compatibility/subjects/plain/v1/x.proto/versions/latest", json=schema())
    assert tested.json() == {"is_compatible": True}


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[1]", b"null", b'"x"', b"\xff\xfe", b"[" * 100_000],
    ids=["empty", "cut", "list", "null", "text", "bytes", "deep"],
)
def test_body_that_is_no_json_object_is_refused(rest: httpx.Client, subject: str, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = rest.post(f"/subjects/{quoted(subject)}/versions", content=body, headers=headers)
    assert refusal(answer) == (400, 400)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"schema": MONEY}, 42201),
        (schema(MONEY) | {"schemaType": "AVRO"}, 42201),
        (schema(MONEY) | {"schemaType": 7}, 42201),
        (schema(""), 42201),
        ({"schemaType": "PROTOBUF"}, 42201),
        ({"schemaType": "PROTOBUF", "schema": {"a": 1}}, 42201),
        (schema("message {"), 42201),
        (schema("\ud800"), 42201),
        (schema(base64.b64encode(b"\xff\xff\xff\xff").decode()), 42201),
        (schema(ORDER), 42201),
        (schema(ORDER, references=[{"name": "shop/v1/money.proto", "subject": "no", "version": 1}]), 42201),
        (schema(references={"a": 1}), 42201),
        (schema(references=[{"name": "x"}]), 42201),
        (schema(references=[{"name": "x", "subject": "y", "version": "1"}]), 42201),
        (schema(metadata=[]), 42201),
        (schema(ruleSet=[]), 42210),
    ],
)
def test_invalid_schema_is_refused(rest: httpx.Client, subject: str, body: dict[str, Any], code: int) -> None:
    path = quoted(subject)
    # As text: an escaped half of a surrogate pair is valid JSON.
    sent, headers = json.dumps(body), {"Content-Type": "application/json"}
    for address in (
        f"/subjects/{path}/versions",
        f"/subjects/{path}",
        f"/compatibility/subjects/{path}/versions/latest",
    ):
        assert refusal(rest.post(address, content=sent, headers=headers)) == (422, code)
    assert refusal(rest.get(f"/subjects/{path}/versions")) == (404, 40401)


def test_unknown_fields_are_passed_over(rest: httpx.Client, subject: str) -> None:
    register(rest, subject, schema(schemaTagsToAdd=None, propagateSchemaTags=False, later="version", version=0, id=-1))


@pytest.mark.parametrize("version", ["0", "-2", "x", "1.5", "99999999999", "2147483648", "%20", "¹"])
def test_impossible_version_is_refused(rest: httpx.Client, version: str) -> None:
    assert refusal(rest.get(f"/subjects/{quoted(_MONEY_FILE)}/versions/{version}")) == (422, 42202)


@pytest.mark.parametrize("path", ["/nothing", "/schemas/ids/1/x", "/v1/metadata/x", "/ui/x"])
def test_unknown_path_is_not_found(rest: httpx.Client, path: str) -> None:
    assert refusal(rest.get(path)) == (404, 404)


def test_wrong_method_says_which_are_right(rest: httpx.Client) -> None:
    answer = rest.put("/subjects/a/versions", json={})
    assert refusal(answer) == (405, 405)
    assert answer.headers["allow"] == "GET, POST"


@pytest.mark.parametrize("path", ["0", "-1", "x", "4711", "99999999999999999999"])
def test_unknown_id_is_not_found(rest: httpx.Client, path: str) -> None:
    assert refusal(rest.get(f"/schemas/ids/{path}")) == (404, 40403)
    assert refusal(rest.get(f"/schemas/ids/{path}/subjects")) == (404, 40403)
    assert refusal(rest.get(f"/schemas/ids/{path}/schema")) == (404, 40403)


@pytest.mark.parametrize("guid", ["x", "4711", "00000000-0000-0000-0000-000000000000"])
def test_unknown_guid_is_not_found(rest: httpx.Client, guid: str) -> None:
    assert refusal(rest.get(f"/schemas/guids/{guid}")) == (404, 40403)


def test_schema_is_served_in_the_format_that_is_asked_for(rest: httpx.Client, subject: str) -> None:
    text = MONEY.replace("string currency = 1;", "string currency = 1 [deprecated = true, (note) = 'x'];").replace(
        "package shop.v1;",
        'package shop.v1;\nimport "google/protobuf/descriptor.proto";\n'
        "extend google.protobuf.FieldOptions { string note = 50000; }",
    )
    made = register(rest, subject, text)
    by_id = f"/schemas/ids/{made['id']}"
    assert rest.get(by_id).json()["schema"] == text
    assert rest.get(f"{by_id}/schema").text == text
    packed = base64.b64decode(rest.get(f"{by_id}?format=serialized").json()["schema"])
    assert FileDescriptorProto.FromString(packed).message_type[0].name == "Money"
    plain = rest.get(f"{by_id}?format=ignore_extensions").json()["schema"]
    assert "deprecated = true" in plain
    assert "(note)" not in plain
    # As in Confluent's registry: a format of other kinds of schemas, or of a later time, gives the text.
    for name in ("resolved", "tomorrow", ""):
        assert rest.get(f"{by_id}?format={name}").json()["schema"] == text
    version = f"/subjects/{quoted(subject)}/versions/1"
    assert base64.b64decode(rest.get(f"{version}?format=serialized").json()["schema"]) == packed
    assert rest.get(f"{version}/schema").text == text


def test_descriptor_and_text_of_a_schema_are_the_same_content(rest: httpx.Client, subject: str) -> None:
    made = register(rest, subject, order())
    packed = rest.get(f"/schemas/ids/{made['id']}?format=serialized").json()["schema"]
    again = register(rest, subject, order(packed))
    assert again == made
    found = rest.post(f"/subjects/{quoted(subject)}?format=serialized", json=order(packed)).json()
    assert (found["version"], found["schema"]) == (1, packed)


def test_normalize_makes_order_irrelevant(rest: httpx.Client, subject: str) -> None:
    turned = MONEY.replace("  string currency = 1;\n  int64 units = 2;", "  int64 units = 2;\n  string currency = 1;")
    made = register(rest, subject, MONEY, "?normalize=true")
    assert register(rest, subject, turned, "?normalize=true") == made


def test_uses_of_an_id_are_paged(rest: httpx.Client, subject: str) -> None:
    text = MONEY.replace("Money", "Paged")
    names = [f"{subject}{number}" for number in range(4)]
    made = [register(rest, name, text) for name in names].pop()
    uses = f"/schemas/ids/{made['id']}/subjects"
    assert rest.get(uses).json() == names
    assert rest.get(f"{uses}?offset=1&limit=2").json() == names[1:3]
    assert rest.get(f"{uses}?offset=9").json() == []
    assert rest.get(f"{uses}?limit=0").json() == []
    only = rest.get(f"/schemas/ids/{made['id']}/versions", params={"subject": names[2]}).json()
    assert only == [{"subject": names[2], "version": 1}]


def test_schemas_are_listed_by_prefix_and_newest_only(rest: httpx.Client, subject: str) -> None:
    register(rest, subject, order())
    register(rest, subject, order(ORDER_WIDER))
    listed = rest.get("/schemas", params={"subjectPrefix": subject}).json()
    assert [one["version"] for one in listed] == [1, 2]
    newest = rest.get("/schemas", params={"subjectPrefix": subject, "latestOnly": "true"}).json()
    assert [one["schema"] for one in newest] == [ORDER_WIDER]


def test_same_content_has_one_guid_and_an_id_in_each_context(rest: httpx.Client, subject: str) -> None:
    text = MONEY.replace("Money", "Everywhere")
    made = register(rest, subject, text)
    other = register(rest, f":.ctx:{subject}", text)
    assert made["guid"] == other["guid"]
    ids = rest.get(f"/schemas/guids/{made['guid']}/ids").json()
    assert ids == [{"context": ".", "id": made["id"]}, {"context": ".ctx", "id": other["id"]}]


@pytest.mark.parametrize("context", [".paths", ":.paths:"])
def test_context_may_stand_in_the_path(rest: httpx.Client, subject: str, context: str) -> None:
    prefix = f"/contexts/{context}"
    made = rest.post(f"{prefix}/subjects/{quoted(subject)}/versions", json=schema()).json()
    assert rest.get(f"{prefix}/subjects").json() == [f":.paths:{subject}"] or context == ":.paths:"
    assert rest.get(f"{prefix}/schemas/ids/{made['id']}").json()["schema"] == MONEY
    assert rest.get(f"/subjects/{quoted(f':.paths:{subject}')}/versions").json() == [1]
    assert rest.get("/subjects?subjectPrefix=:.paths:").json() == rest.get(f"{prefix}/subjects").json()


def test_default_context_may_be_written_out(rest: httpx.Client) -> None:
    assert rest.get(f"/subjects/{quoted(':.:' + _MONEY_FILE)}/versions").json() == [1]
    assert rest.get(f"/contexts/:.:/subjects/{quoted(_MONEY_FILE)}/versions").status_code == 200


def test_context_with_subjects_is_not_deleted(rest: httpx.Client, subject: str) -> None:
    register(rest, f":.full:{subject}", MONEY)
    assert refusal(rest.delete("/contexts/.full")) == (422, 42211)
    assert rest.delete("/contexts/.empty").status_code == 204


def test_verbose_compatibility_says_why(rest: httpx.Client, subject: str) -> None:
    register(rest, subject, order())
    address = f"/compatibility/subjects/{quoted(subject)}/versions/latest"
    assert rest.post(address, json=order(ORDER_BROKEN)).json() == {"is_compatible": False}
    told = rest.post(f"{address}?verbose=True", json=order(ORDER_BROKEN)).json()
    assert not told["is_compatible"]
    assert any("FIELD_SCALAR_KIND_CHANGED" in message for message in told["messages"])
    assert "{compatibility: 'BACKWARD'}" in told["messages"]
    assert rest.post(f"{address}?verbose=true", json=order(ORDER_WIDER)).json() == {
        "is_compatible": True,
        "messages": [],
    }


def test_refusal_of_a_schema_says_why(rest: httpx.Client, subject: str) -> None:
    register(rest, subject, order())
    answer = rest.post(f"/subjects/{quoted(subject)}/versions", json=order(ORDER_BROKEN))
    assert refusal(answer) == (409, 409)
    assert "FIELD_SCALAR_KIND_CHANGED" in answer.json()["message"]


@pytest.mark.parametrize(("level", "status"), [("full", 200), ("FULL_TRANSITIVE", 200), ("SOMETIMES", 422), (7, 422)])
def test_levels(rest: httpx.Client, subject: str, level: object, status: int) -> None:
    answer = rest.put(f"/config/{quoted(subject)}", json={"compatibility": level})
    assert answer.status_code == status
    if status == 200:
        assert answer.json() == {"compatibility": str(level).upper()}
    else:
        assert refusal(answer) == (422, 42203)


def test_deleting_a_setting_that_is_not_there_is_not_found(rest: httpx.Client, subject: str) -> None:
    assert refusal(rest.delete(f"/config/{quoted(subject)}")) == (404, 40401)
    assert refusal(rest.delete(f"/mode/{quoted(subject)}")) == (404, 40401)


def test_import_mode_takes_ids_and_versions(rest: httpx.Client, subject: str) -> None:
    refused = rest.post(f"/subjects/{quoted(subject)}/versions", json=schema(id=900, version=7))
    assert refusal(refused) == (422, 42205)
    rest.put(f"/mode/{quoted(subject)}", json={"mode": "IMPORT"}).raise_for_status()
    text = MONEY.replace("Money", "Imported")
    made = register(rest, subject, schema(text, id=900, version=7))
    assert (made["id"], made["version"]) == (900, 7)
    other = schema(text.replace("units", "cents"), id=900, version=8)
    assert refusal(rest.post(f"/subjects/{quoted(subject)}/versions", json=other)) == (422, 42207)


def test_metadata_and_rules_come_back(rest: httpx.Client, subject: str) -> None:
    metadata = {"properties": {"owner": "sales"}, "tags": {"shop.v1.Money.units": ["PII"]}}
    rules = {"domainRules": [{"name": "r", "kind": "CONDITION", "mode": "WRITE", "type": "CEL", "expr": "true"}]}
    made = register(rest, subject, schema(MONEY.replace("Money", "Ruled"), metadata=metadata, ruleSet=rules))
    for path in (f"/subjects/{quoted(subject)}/versions/1", f"/schemas/ids/{made['id']}"):
        found = rest.get(path).json()
        assert (found["metadata"], found["ruleSet"]) == (metadata, rules)


def test_tags_make_a_version_of_the_same_schema(rest: httpx.Client, subject: str) -> None:
    made = register(rest, subject, MONEY)
    entity = {"entityPath": "shop.v1.Money.units", "entityType": "sr_field"}
    request = {"tagsToAdd": [{"schemaEntity": entity, "tags": ["PII"]}]}
    tagged = rest.post(f"/subjects/{quoted(subject)}/versions/1/tags", json=request).json()
    assert (tagged["id"], tagged["version"]) == (made["id"], 2)
    found = rest.get(f"/subjects/{quoted(subject)}/versions/2").json()
    assert found["metadata"]["tags"] == {"shop.v1.Money.units": ["PII"]}
    assert found["schema"] == MONEY


def test_what_the_server_says_of_itself(rest: httpx.Client) -> None:
    assert rest.get("/").json() == {}
    assert rest.get("/livez").json() == {"status": "alive"}
    assert rest.get("/readyz").json() == {"status": "ready"}
    assert rest.get("/v1/metadata/version").json()["version"]
    assert rest.get("/v1/metadata/id").json()["scope"]["clusters"]
    assert rest.get("/v1/metadata/deployment").json()["attributes"]


@pytest.mark.parametrize(
    "path", ["resources/-/orders?resourceType=topic", "resources/some-id", "subjects/orders-value"]
)
def test_associations_are_none(rest: httpx.Client, path: str) -> None:
    assert rest.get(f"/associations/{path}").json() == []
    assert rest.delete(f"/associations/{path}").status_code == 204


def test_associations_are_not_kept(rest: httpx.Client) -> None:
    assert refusal(rest.post("/associations", json={})) == (422, 42212)
    assert refusal(rest.put("/associations", json={})) == (422, 42212)


def test_head_is_get_without_a_body(rest: httpx.Client) -> None:
    answer = rest.head("/schemas/types")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(rest.get("/schemas/types").content))


def test_diff_has_both_texts_and_the_findings(rest: httpx.Client, subject: str) -> None:
    rest.put(f"/config/{quoted(subject)}", json={"compatibility": "NONE"})
    register(rest, subject, order())
    register(rest, subject, order(ORDER_BROKEN))
    diff = rest.get(f"/subjects/{quoted(subject)}/diff/1/2?mode=FULL").json()
    assert (diff["subject"], diff["compatible"]) == (subject, False)
    assert diff["old"] == {"version": 1, "text": ORDER}
    assert diff["new"] == {"version": 2, "text": ORDER_BROKEN}
    kind = next(one for one in diff["findings"] if "FIELD_SCALAR_KIND_CHANGED" in one["rule"])
    line = ORDER_BROKEN.splitlines().index("  bool id = 1;") + 1
    assert (kind["side"], kind["line"], kind["severity"]) == ("new", line, "error")


def test_diff_asks_profiles_and_a_mode(rest: httpx.Client, subject: str) -> None:
    rest.put(f"/config/{quoted(subject)}", json={"compatibility": "NONE"})
    register(rest, subject, order())
    register(rest, subject, order(ORDER_BROKEN))
    address = f"/subjects/{quoted(subject)}/diff/1/2"
    assert rest.get(address).json()["findings"] == []  # The subject asks for nothing.
    found = rest.get(f"{address}?mode=backward&profile=buf:FILE&profile=source").json()["findings"]
    assert {one["rule"].partition("/")[0] for one in found} == {"buf:FILE", "source"}
    assert refusal(rest.get(f"{address}?profile=nonsense"))[0] == 422
    assert refusal(rest.get(f"{address}?mode=nonsense")) == (422, 42203)
    assert refusal(rest.get(f"/subjects/{quoted(subject)}/diff/1/9")) == (404, 40402)


def test_page_of_another_site_changes_nothing(rest: httpx.Client, subject: str) -> None:
    for origin in ("https://evil.example", "null", "http://127.0.0.1:1"):
        answer = rest.post(f"/subjects/{quoted(subject)}/versions", json=schema(), headers={"Origin": origin})
        assert refusal(answer) == (403, 403)
    own = str(rest.base_url).rstrip("/")
    answer = rest.post(f"/subjects/{quoted(subject)}/versions", json=schema(), headers={"Origin": own})
    assert answer.status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "[", "registry.internal:8081"])
def test_name_that_was_made_to_point_here_is_refused(rest: httpx.Client, host: str) -> None:
    assert refusal(rest.get("/subjects", headers={"Host": host})) == (403, 403)


def test_page_is_served_to_browsers_only(rest: httpx.Client) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    answer = rest.get("/", headers=browser)
    assert (answer.status_code, answer.headers["location"]) == (307, "/ui/")
    assert rest.get("/ui").headers["location"] == "/ui/"
    page = rest.get("/ui/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert rest.get("/ui/%2e%2e/app.py").status_code == 404
    assert rest.get("/ui/..%2f..%2fapp.py").status_code == 404
