"""Dockerfiles and compose file: linted, and held to what the gateway really reads. They are run in tests/e2e."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.settings import PREFIX, Settings, read_settings
from tests.support.containers import COMPOSE, DOCKERFILES, ROOT, compose, context_files, read_image

_TOOLS = Path(sys.executable).parent


def _lint(path: Path) -> str:
    done = subprocess.run([_TOOLS / "hadolint", path], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def _validate(path: Path) -> int:
    command = [str(_TOOLS / "check-jsonschema"), "--builtin-schema", "vendor.compose-spec", str(path)]
    return subprocess.run(command, capture_output=True, check=False).returncode


@pytest.mark.parametrize("path", DOCKERFILES)
def test_the_linter_finds_nothing(path: str) -> None:
    assert _lint(ROOT / path) == ""


def test_the_linter_would_find_something(tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_text("FROM python\nRUN cd /tmp && pip install fastapi\nENTRYPOINT protogate gateway\n")
    found = _lint(path)
    assert all(rule in found for rule in ("DL3006", "DL3013", "DL3025"))


def test_the_compose_file_is_one_by_the_schema() -> None:
    assert _validate(COMPOSE) == 0


@pytest.mark.parametrize(
    ("good", "bad"), [("cap_drop: [ALL]", "cap_drop: ALL"), ("cap_drop:", "caps_drop:"), ("restart: ", "restarts: ")]
)
def test_the_schema_would_find_something(tmp_path: Path, good: str, bad: str) -> None:
    path = tmp_path / "docker-compose.yml"
    text = COMPOSE.read_text()
    assert good in text
    path.write_text(text.replace(good, bad))
    assert _validate(path) == 1


@pytest.mark.parametrize("path", DOCKERFILES)
class TestImages:
    def test_stages_come_from_a_slim_python(self, path: str) -> None:
        assert read_image(path).bases == ("python:3.12-slim", "python:3.12-slim")

    def test_nobody_runs_as_root(self, path: str) -> None:
        user, _, group = read_image(path).one("USER").partition(":")
        assert int(user) >= 1000
        assert int(group) >= 1000

    def test_commands_are_words_and_no_shell(self, path: str) -> None:
        assert read_image(path).words("ENTRYPOINT")[0] == "protogate"

    def test_only_what_was_built_is_in_the_image(self, path: str) -> None:
        assert read_image(path).one("COPY") == "--from=build /opt/protogate /opt/protogate"

    def test_nothing_is_fetched_but_packages(self, path: str) -> None:
        text = (ROOT / path).read_text()
        assert not re.search(r"\b(curl|wget|apt-get|ADD|latest)\b|https?://(?!127\.0\.0\.1)", text)


class TestGateway:
    image = read_image("gateway/Dockerfile")

    def test_every_variable_is_a_setting(self) -> None:
        names = {*self.image.environment, *compose()["services"]["gateway"]["environment"]}
        ours = {name for name in names if name.startswith("PROTOGATE_")}
        assert ours
        assert {name.removeprefix(PREFIX).lower() for name in ours} <= Settings.model_fields.keys()

    def test_data_stand_in_a_volume(self) -> None:
        data = self.image.environment["PROTOGATE_GATEWAY_DATA_DIR"]
        assert self.image.one("VOLUME") == data
        document = compose()
        assert document["services"]["gateway"]["volumes"] == [f"gateway-data:{data}"]
        assert "gateway-data" in document["volumes"]

    def test_it_listens_where_it_is_asked_and_ends_by_its_signal(self) -> None:
        port = self.image.environment["PROTOGATE_GATEWAY_PORT"]
        assert self.image.one("EXPOSE") == port
        assert compose()["services"]["gateway"]["ports"] == [f"127.0.0.1:8080:{port}"]
        assert self.image.one("STOPSIGNAL") == "SIGTERM"

    def test_it_tells_its_health_with_what_it_has(self) -> None:
        assert self.image.health_command[:2] == ["python", "-c"]


class TestCompose:
    def test_there_are_two_services_and_no_obsolete_version(self) -> None:
        assert compose().keys() == {"services", "volumes"}
        assert compose()["services"].keys() == {"generator", "gateway"}

    @pytest.mark.parametrize("name", ["generator", "gateway"])
    def test_services_can_change_nothing_but_their_volumes(self, name: str) -> None:
        service = compose()["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "privileged" not in service
        assert (ROOT / service["build"]["dockerfile"]).is_file()

    def test_settings_of_the_default_are_valid(self, monkeypatch: pytest.MonkeyPatch) -> None:
        image, service = read_image("gateway/Dockerfile").environment, compose()["services"]["gateway"]["environment"]
        for name, value in {**image, **service}.items():
            if name.startswith(PREFIX):
                monkeypatch.setenv(name, value)
        settings = read_settings()
        assert (settings.insecure, settings.allowed_hosts) == (True, ("localhost", "127.0.0.1"))
        assert (settings.db, settings.token) == ("", "")

    def test_what_is_set_outside_arrives(self) -> None:
        services = compose({"PROTOGATE_GATEWAY_DB": "nats://n", "UID": "7", "GID": "8"})["services"]
        assert services["gateway"]["environment"]["PROTOGATE_GATEWAY_DB"] == "nats://n"
        assert services["generator"]["user"] == "7:8"


class TestContext:
    def test_it_has_what_the_wheel_is_built_of_and_nothing_else(self) -> None:
        tops = {name.partition("/")[0] for name in context_files()}
        packages = {"contracts", "gateway", "protoc_gen_protogate", "protogate", "registry"}
        assert tops == packages | {"LICENSE", "README.md", "VERSION", "pyproject.toml"}

    def test_secrets_data_and_caches_stay_outside(self) -> None:
        names = [
            *(".env", ".git/config", "tokens.txt", ".protogate/gateway/events.db", "tests/x.py", "generated/a.py"),
            *("gateway/events.db", "gateway/events.db-wal", "gateway/__pycache__/app.cpython-312.pyc", "registry/x.db"),
        ]
        assert context_files(names) == []
        assert context_files(["gateway/web/search.html"]) == ["gateway/web/search.html"]
