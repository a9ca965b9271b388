from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from protogate.models import cel
from tests.cel.contract import judged_by, verdict
from tests.support.node import node_modules

RUNTIME = Path(__file__).parents[2] / "protoc_gen_protogate" / "targets" / "zod" / "runtime" / "cel.ts"

CALLS = {
    "this.s.isEmail()": cel.is_email,
    "this.s.isHostname()": cel.is_hostname,
    "this.s.isIp()": cel.is_ip,
    "this.s.isIp(4)": lambda text: cel.is_ip(text, 4),
    "this.s.isIp(6)": lambda text: cel.is_ip(text, 6),
    "this.s.isIp(5)": lambda text: cel.is_ip(text, 5),
    "this.s.isIpPrefix()": cel.is_ip_prefix,
    "this.s.isIpPrefix(4)": lambda text: cel.is_ip_prefix(text, 4),
    "this.s.isIpPrefix(true)": lambda text: cel.is_ip_prefix(text, 0, strict=True),
    "this.s.isIpPrefix(6, true)": lambda text: cel.is_ip_prefix(text, 6, strict=True),
    "this.s.isHostAndPort(true)": lambda text: cel.is_host_and_port(text, port_required=True),
    "this.s.isHostAndPort(false)": lambda text: cel.is_host_and_port(text, port_required=False),
    "this.s.isUri()": cel.is_uri,
    "this.s.isUriRef()": cel.is_uri_ref,
}

IN_TYPESCRIPT = {
    "this.s.isEmail()": "cel.isEmail(s)",
    "this.s.isHostname()": "cel.isHostname(s)",
    "this.s.isIp()": "cel.isIp(s)",
    "this.s.isIp(4)": "cel.isIp(s, BigInt(4))",
    "this.s.isIp(6)": "cel.isIp(s, BigInt(6))",
    "this.s.isIp(5)": "cel.isIp(s, BigInt(5))",
    "this.s.isIpPrefix()": "cel.isIpPrefix(s)",
    "this.s.isIpPrefix(4)": "cel.isIpPrefix(s, BigInt(4))",
    "this.s.isIpPrefix(true)": "cel.isIpPrefix(s, BigInt(0), true)",
    "this.s.isIpPrefix(6, true)": "cel.isIpPrefix(s, BigInt(6), true)",
    "this.s.isHostAndPort(true)": "cel.isHostAndPort(s, true)",
    "this.s.isHostAndPort(false)": "cel.isHostAndPort(s, false)",
    "this.s.isUri()": "cel.isUri(s)",
    "this.s.isUriRef()": "cel.isUriRef(s)",
}

GOOD = """
a@b.c me.too+x@example.com "q"@x.y a@b a@-b.c a@b-.c a@b..c a@b.c. @b a@ a@b@c é@b.c a@b_c.d example.com
example.com. a.b.c localhost 1.2.3 1.2.3a -a.b a-.b a..b .a . a_b.c xn--bcher-kva.example 0x7f.1 127.0.0.1
0.0.0.0 255.255.255.255 256.1.1.1 01.2.3.4 1.2.3 1.2.3.4.5 1.2.3.4/24 1.2.3.0/24 0.0.0.0/0 1.2.3.4/33
1.2.3.4/032 1.2.3.4/ /24 1.2.3.4/+1 ::/0 ::1 :: 1::8 1:2:3:4:5:6:7:8 1:2:3:4:5:6:7:8:9 1:2:3:4:5:6:7::
::2:3:4:5:6:7:8 1::2::3 ::ffff:1.2.3.4 ::1.2.3.4:5 1:2:3:4:5:6:1.2.3.4 1:2:3:4:5:6:7:1.2.3.4 fe80::1%eth0
fe80::1% fe80::1%25eth0 ::1%a/64 2001:db8::/32 2001:db8::1/32 12345:: g:: : ::: 1: :1 [::1] [::1]:80
[::1%eth0]:80 [::1]: [::1]80 [1.2.3.4]:80 []:80 [::1 ::1]:80 example.com:80 example.com: example.com:080
example.com:65535 example.com:65536 :80 1.2.3.4:0 a:b a:-1 a:80:90 1.2.3:80 http://example.com
https://u:p@x.y:80/p/q?r=s#t mailto:a@b.c urn:a:b a: http: http:// http:/// http:/x //x.y/z /x x x/y x:y ./x:y
?q #f ? # %20 %2 %zz http://x/%20 http://x/%zz http://%c3%a9.x/ http://%ff.x/ http://[::1]/ http://[::1]:80
http://[v1.a:b]/ http://[v.a]/ http://[vz.a]/ http://[fe80::1%25eth0]/ http://[fe80::1%eth0]/
http://[fe80::1%25]/ http://[fe80::1%25%ff]/ http://[1.2.3.4]/ http://[::1 http://x:y/ http://x:/ http://x:80a/
http://a@b@c/ http://a:b:c@d/ http://x?[ http://x#[ http://x# http://x?a?b#c/d? http://é.x/ http://x/é 1http://x
a+b-c.d://x +a://x http:x//y http:/ http:?q http:#f :a a%3a:b x//y //@x // ///x //x:80? http://x|y HTTP://X
file:///etc/passwd http://x/a[b] http://x/<y> http://x/"y" http://x/a^b http://x/`a` http://x/{a} http://x\\y
tel:+1-2 data:,x
""".split()

ODD = [
    "",
    " ",
    "a b",
    "a@b.c ",
    " a.b",
    "a\n",
    "a.b\n",
    "1.2.3.4\n",
    "\0",
    "::1%\0",
    "http://x y",
    "http://x\n",
    "١.2.3.4",
    "a" * 63,
]
LONG = ["a" * 64, "a" * 64 + ".b", ".".join(["a" * 63] * 4)[:253], ".".join(["a" * 63] * 4)[:254], f"{'a' * 64}@b.c"]


def mutated(seed: int) -> str:
    """A text of the table with a few characters added, dropped or doubled."""
    dice = random.Random(seed)
    chars = list(dice.choice(GOOD))
    for _ in range(dice.randrange(1, 4)):
        place = dice.randrange(len(chars) + 1)
        chars[place : place + dice.randrange(2)] = dice.choice(
            [".", ":", "/", "%", "[", "]", "@", "-", "1", "a", "?", "#", "::"]
        )
    return "".join(chars)


def composed(seed: int) -> str:
    """A text put together from parts that are mostly right."""
    dice = random.Random(seed)
    pick = dice.choice
    octets = ".".join(pick(["0", "7", "10", "255", "256", "01"]) for _ in range(pick([4, 4, 4, 3])))
    groups = [pick(["", "0", "1", "ff", "2001", "DB8", "12345", octets]) for _ in range(pick([8, 8, 7, 5, 3]))]
    label = "".join(pick("ab-1") for _ in range(dice.randrange(1, 4)))
    name = ".".join([label, *pick([["c"], ["c", ""], ["d1", "e"], ["9"]])])
    host = pick([name, octets, f"[{':'.join(groups)}]", ":".join(groups), name])
    path = pick(["", "/", "/p//q", "?x", "#y", "/%2f?a/b#c"])
    port = pick(["", "", ":80", ":0", ":065", ":65536"])
    return pick(
        [
            host,
            host + port,
            f"{host}/{pick(['0', '8', '24', '32', '33', '64', '128', '129', '08'])}",
            f"{pick(['me', 'a.b+c', 'x y', ''])}@{name}",
            f"{pick(['http:', 'a+b:', '1a:', ''])}//{pick(['', 'u@', 'u:p@'])}{host}{port}{path}",
            f"{pick(['http:', 'urn:', '', 'a'])}{pick(['a/b', '/a', 'x:y', ':x', '?a=b', '#', '%41', 'a b'])}",
        ]
    )


TEXTS = (*GOOD, *ODD, *LONG, *map(mutated, range(1500)), *map(composed, range(3000)))


def judged(expression: str) -> dict[str, bool]:
    message: Any = judged_by(expression)()
    answers = {}
    for text in TEXTS:
        message.s = text
        answers[text] = verdict(expression, message.SerializeToString()) == "ok"
    return answers


@pytest.mark.parametrize("expression", CALLS)
def test_python_agrees_with_protovalidate(expression: str) -> None:
    theirs = judged(expression)
    differences = {text: theirs[text] for text in TEXTS if CALLS[expression](text) is not theirs[text]}
    assert differences == {}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[bool]]:
    folder = tmp_path_factory.mktemp("formats")
    calls = ", ".join(f"(s: string) => {IN_TYPESCRIPT[expression]}" for expression in CALLS)
    (folder / "calls.ts").write_text(f'import * as cel from "./cel.js";\nexport const calls = [{calls}];\n')
    shutil.copy(RUNTIME, folder / "cel.ts")
    (folder / "package.json").write_text('{"type": "module"}')
    options = ["--strict", "--target", "es2022", "--module", "nodenext", "--outDir", "out", "--types", ""]
    command = [str(node_modules() / ".bin" / "tsc"), *options, "calls.ts", "cel.ts"]
    built = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout
    script = """
      import { calls } from "./calls.js";
      import { readFileSync } from "node:fs";
      const texts = JSON.parse(readFileSync(0, "utf8"));
      console.log(JSON.stringify(calls.map((call) => texts.map((text) => call(text)))));
    """
    (folder / "out" / "run.mjs").write_text(script)
    node = shutil.which("node") or "node"
    run = subprocess.run(
        [node, "out/run.mjs"], cwd=folder, input=json.dumps(TEXTS), capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return dict(zip(CALLS, json.loads(run.stdout), strict=True))


@pytest.mark.node
@pytest.mark.parametrize("expression", CALLS)
def test_typescript_agrees_with_protovalidate(expression: str, answers: dict[str, list[bool]]) -> None:
    theirs = judged(expression)
    ours = dict(zip(TEXTS, answers[expression], strict=True))
    assert {text: theirs[text] for text in TEXTS if ours[text] is not theirs[text]} == {}
