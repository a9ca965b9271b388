from __future__ import annotations

import random
import time

import pytest

from protogate.discovery.facts import (
    DefinitionFact,
    EventFact,
    FileFacts,
    HttpCallFact,
    ImportFact,
    IncludeFact,
    ProblemFact,
    RouteFact,
    TableFact,
)
from protogate.discovery.web_reader import read_web

SUFFIXES = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte")


def read(source: str, suffix: str = ".ts") -> FileFacts:
    return read_web(source.encode(), suffix)


def imported(  # noqa: PLR0913 - the fields of the fact that tests tell apart
    line: int, module: str, name: str, alias: str, references: int, *, is_type: bool = False, is_lazy: bool = False
) -> ImportFact:
    return ImportFact(line, module, 0, name, alias, is_type, is_lazy, references)


def exported(line: int, kind: str, name: str, *bases: str) -> DefinitionFact:
    return DefinitionFact(line, line, kind, name, bases, is_exported=True)


# Languages and counts


@pytest.mark.parametrize(
    ("suffix", "language"),
    [
        (".ts", "typescript"),
        (".tsx", "typescript"),
        (".mts", "typescript"),
        (".cts", "typescript"),
        (".js", "javascript"),
        (".jsx", "javascript"),
        (".mjs", "javascript"),
        (".cjs", "javascript"),
        (".vue", "vue"),
        (".svelte", "svelte"),
    ],
)
def test_language_is_told_by_the_suffix(suffix: str, language: str) -> None:
    assert read("", suffix).language == language


def test_lines_of_code_are_neither_blank_nor_comments() -> None:
    facts = read("// one\n\n/**\n * two\n */\nconst a = 1;\n  \nconst b = 2; // three")

    assert (facts.lines, facts.code_lines) == (8, 2)


def test_branches_are_decisions() -> None:
    facts = read(
        "if (a && b || c) {} else if (d ?? e) {}\n"
        "for (const x of y) {}\nwhile (a) {}\ndo {} while (b)\n"
        "switch (a) { case 1: case 2: default: }\n"
        "try {} catch {}\nconst z = a ? b : c;\npromise.catch(f); x.if = 1;\n"
    )

    assert facts.branches == 2 + 3 + 3 + 2 + 1 + 1


# Imports


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("import a from './a'; a(); a.b;", imported(1, "./a", "default", "a", 2), id="default"),
        pytest.param("import * as a from 'a'; a.x;", imported(1, "a", "*", "a", 1), id="namespace"),
        pytest.param("import { a } from 'a'; x(a, { a });", imported(1, "a", "a", "a", 2), id="named"),
        pytest.param("import { a as b } from 'a'; b(a);", imported(1, "a", "a", "b", 1), id="alias"),
        pytest.param("import { default as b } from 'a';", imported(1, "a", "default", "b", 0), id="named-default"),
        pytest.param("import './a.css';", imported(1, "./a.css", "", "", 0), id="side-effect"),
        pytest.param("import f = require('f'); f();", imported(1, "f", "", "f", 1), id="import-require"),
        pytest.param(
            "import type { A } from 'a'; let x: A;", imported(1, "a", "A", "A", 1, is_type=True), id="type-only"
        ),
        pytest.param(
            "import { type A } from 'a'; let x: B<A>;", imported(1, "a", "A", "A", 1, is_type=True), id="type-name"
        ),
        pytest.param("import * as N from 'n'; let x: N.T;", imported(1, "n", "*", "N", 1), id="type-of-namespace"),
        pytest.param("const r = require('r'); r();", imported(1, "r", "", "r", 1), id="require"),
        pytest.param("const { a } = require('r'); a();", imported(1, "r", "a", "a", 1), id="require-named"),
        pytest.param("const { a: b } = require('r'); b();", imported(1, "r", "a", "b", 1), id="require-alias"),
        pytest.param("const b = require('r').a; b();", imported(1, "r", "a", "b", 1), id="require-member"),
        pytest.param("require('r')", imported(1, "r", "", "", 0), id="require-alone"),
        pytest.param(
            "function f() { const r = require('r') }", imported(1, "r", "", "r", 0, is_lazy=True), id="require-lazy"
        ),
        pytest.param("const p = () => import('./p')", imported(1, "./p", "*", "", 0, is_lazy=True), id="dynamic"),
        pytest.param(
            "const { a } = await import('./p'); a();", imported(1, "./p", "a", "a", 1, is_lazy=True), id="awaited"
        ),
        pytest.param("export { a as b } from './a'", imported(1, "./a", "a", "", 0), id="export-from"),
        pytest.param("export * from './a'", imported(1, "./a", "*", "", 0), id="export-all"),
        pytest.param(
            "export type { A } from './a'", imported(1, "./a", "A", "", 0, is_type=True), id="export-type-from"
        ),
    ],
)
def test_import(source: str, expected: ImportFact) -> None:
    assert read(source).imports == (expected,)


def test_one_statement_has_several_imports() -> None:
    facts = read("import React, { useState, useEffect as effect } from 'react'\nuseState()", ".js")

    assert facts.imports == (
        imported(1, "react", "default", "React", 0),
        imported(1, "react", "useState", "useState", 1),
        imported(1, "react", "useEffect", "effect", 0),
    )


def test_only_the_opening_tag_of_an_element_is_a_use() -> None:
    source = "import { A, B } from './x'\nconst x = <A><B.C>text</B.C><A/></A>"

    for suffix in (".tsx", ".jsx"):
        assert [fact.references for fact in read(source, suffix).imports] == [2, 1]


def test_name_that_is_exported_from_elsewhere_is_no_use() -> None:
    facts = read("import { a } from './a'\nexport { a } from './b'\n")

    assert facts.imports[0] == imported(1, "./a", "a", "a", 0)


def test_members_and_keys_are_no_uses() -> None:
    assert read("import { a } from './a'\nx.a; y = { a: 1 }").imports[0].references == 0


def test_module_that_is_computed_is_not_known() -> None:
    assert read("import(`./pages/${name}`); require(name); require()").imports == ()


# Definitions


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("class A {\n}", DefinitionFact(1, 2, "class", "A", (), is_exported=False), id="class"),
        pytest.param(
            "export class A extends b.C<D> implements E {}",
            exported(1, "class", "A", "b.C"),
            id="class-extends",
        ),
        pytest.param(
            "export abstract class A {}",
            exported(1, "class", "A"),
            id="abstract-class",
        ),
        pytest.param(
            "export default class extends A {}",
            exported(1, "class", "default", "A"),
            id="default-class",
        ),
        pytest.param("export async function f() {}", exported(1, "function", "f"), id="function"),
        pytest.param("function* f() {}", DefinitionFact(1, 1, "function", "f", (), is_exported=False), id="generator"),
        pytest.param(
            "export default function f() {}",
            exported(1, "function", "f"),
            id="default-function",
        ),
        pytest.param("export default () => 1", exported(1, "function", "default"), id="default"),
        pytest.param("const f = () => 1", DefinitionFact(1, 1, "function", "f", (), is_exported=False), id="arrow"),
        pytest.param("export const a = 1", exported(1, "constant", "a"), id="constant"),
        pytest.param("export const { a } = slice", exported(1, "constant", "a"), id="pattern"),
        pytest.param(
            "export interface A extends B, C<D> {}",
            exported(1, "interface", "A", "B", "C"),
            id="interface",
        ),
        pytest.param("type A = string", DefinitionFact(1, 1, "type", "A", (), is_exported=False), id="type"),
        pytest.param("export enum A { B }", exported(1, "enum", "A"), id="enum"),
        pytest.param(
            "export declare function f(): void;",
            exported(1, "function", "f"),
            id="declared",
        ),
        pytest.param("function f() {}\nexport { f }", exported(1, "function", "f"), id="export-list"),
        pytest.param("const f = 1\nexport default f", exported(1, "constant", "f"), id="export-name"),
        pytest.param("export * from './a'", exported(1, "re-export", "*", "./a"), id="re-export-all"),
        pytest.param("export * as ns from './a'", exported(1, "re-export", "ns", "./a"), id="re-export-space"),
        pytest.param("export { a as b } from './a'", exported(1, "re-export", "b", "./a"), id="re-export-alias"),
        pytest.param(
            "import { a } from './a'\nexport { a as b }",
            exported(2, "re-export", "b", "./a"),
            id="re-export-of-import",
        ),
    ],
)
def test_definition(source: str, expected: DefinitionFact) -> None:
    assert read(source).definitions == (expected,)


def test_class_of_javascript_names_its_base() -> None:
    assert read("class A extends React.Component {}", ".js").definitions[0].bases == ("React.Component",)


def test_what_is_exported_by_another_name_has_both() -> None:
    facts = read("const a = 1\nexport { a as b }")

    assert [(fact.name, fact.is_exported) for fact in facts.definitions] == [("a", True), ("b", True)]


def test_only_what_stands_at_the_top_is_defined() -> None:
    assert [fact.name for fact in read("function a() { function b() {}; const c = 1 }").definitions] == ["a"]


@pytest.mark.parametrize("suffix", [".tsx", ".jsx"])
def test_capitalised_function_with_jsx_is_a_component(suffix: str) -> None:
    facts = read(
        "const Card = () => <p/>\n"
        "function Page() {\n  return <><Card/></>\n}\n"
        "const Memo = memo(() => <p>a</p>)\n"
        "const render = () => <p/>\n"
        "const Plain = () => 1\n"
        "const ELEMENT = [<p/>]\n",
        suffix,
    )

    assert [(fact.name, fact.kind) for fact in facts.definitions] == [
        ("Card", "component"),
        ("Page", "component"),
        ("Memo", "component"),
        ("render", "function"),
        ("Plain", "function"),
        ("ELEMENT", "constant"),
    ]


def test_exports_of_common_js() -> None:
    facts = read(
        "const a = 1, b = 2, c = 3\nfunction d() {}\nexports.e = () => 1\nmodule.exports.f = class {}\n"
        "exports.a = a\nmodule.exports = { b, x: d }\n",
        ".cjs",
    )

    assert [(fact.name, fact.kind, fact.is_exported) for fact in facts.definitions] == [
        ("a", "constant", True),
        ("b", "constant", True),
        ("c", "constant", False),
        ("d", "function", True),
        ("e", "function", True),
        ("f", "class", True),
        ("x", "function", True),
    ]


# Requests


@pytest.mark.parametrize(
    ("source", "method", "path", "via"),
    [
        ("fetch('/users')", "GET", "/users", "fetch"),
        ("fetch('/users', { method: 'post', body })", "POST", "/users", "fetch"),
        ("fetch('/users', { headers: {}, signal })", "GET", "/users", "fetch"),
        ("fetch('/users', { method })", "ANY", "/users", "fetch"),
        ("fetch('/users', { ...options })", "ANY", "/users", "fetch"),
        ("fetch('/users', options)", "ANY", "/users", "fetch"),
        ("window.fetch('/users')", "GET", "/users", "fetch"),
        ("fetch(url)", "GET", "{}", "fetch"),
        ("fetch('/users/' + id + '/posts')", "GET", "/users/{}/posts", "fetch"),
        ("fetch(`/users/${id}?x=${y}`)", "GET", "/users/{}", "fetch"),
        ("fetch(`${base}/users`)", "GET", "{}/users", "fetch"),
        ("fetch('https://shop.test:8000/users?a=1#b')", "GET", "/users", "fetch"),
        ("fetch(`http://${host}/users`)", "GET", "/users", "fetch"),
        ("fetch(new URL('/users', base))", "GET", "/users", "fetch"),
        ("const BASE = '/api'; fetch(BASE + '/users')", "GET", "/api/users", "fetch"),
        ("fetch(('/users' as string)!)", "GET", "/users", "fetch"),
        ("axios('/users')", "GET", "/users", "axios"),
        ("axios('/users', { method: 'PUT' })", "PUT", "/users", "axios"),
        ("axios({ url: '/users', method: 'delete' })", "DELETE", "/users", "axios"),
        ("axios.request({ 'url': '/users' })", "GET", "/users", "axios"),
        ("axios.get<User[]>('/users')", "GET", "/users", "axios"),
        ("axios.post(url, body)", "POST", "{}", "axios"),
        ("api.get('/users')", "GET", "/users", "api"),
        ("this.http.put<User>(`/users/${id}`, user)", "PUT", "/users/{}", "this.http"),
        ("useApi().patch(`${base}/users`)", "PATCH", "{}/users", "useApi"),
        ("api?.delete('http://shop.test/users')", "DELETE", "/users", "api"),
        ("api.get(BASE + '/users')", "GET", "{}/users", "api"),
    ],
)
def test_http_call(source: str, method: str, path: str, via: str) -> None:
    assert read(source).http_calls == (HttpCallFact(1, method, path, via),)


@pytest.mark.parametrize(
    "source",
    [
        "map.get('key')",
        "map.get(key)",
        "map.get(`${a}-${b}`)",
        "params.get('httpClient')",
        "cache.fetch('/x')",
        "map.get()",
        "get('/x')",
    ],
)
def test_other_calls_are_no_requests(source: str) -> None:
    assert read(source).http_calls == ()


def test_requests_have_the_line_where_they_begin() -> None:
    assert [fact.line for fact in read("\nfetch('/a')\n\napi\n  .get('/b')\n").http_calls] == [2, 4]


# Routes


@pytest.mark.parametrize(
    ("module", "framework"),
    [
        ("express", "express"),
        ("fastify", "fastify"),
        ("koa-router", "koa"),
        ("@koa/router", "koa"),
        ("hono", "hono"),
    ],
)
def test_route_of_a_framework(module: str, framework: str) -> None:
    facts = read(f"import x from '{module}'\nrouter.get('/users/:id', check, users.show)")

    assert facts.routes == (RouteFact(2, "GET", "/users/:id", "router", "users.show", framework),)
    assert facts.http_calls == ()


def test_routes_of_an_application_and_of_its_routers() -> None:
    facts = read(
        "const express = require('express')\n"
        "const app = express()\n"
        "const users = express.Router()\n"
        "app.get('/', (req, res) => res.send('x'))\n"
        "users.post('/new', wrap(create))\n"
        "users.route('/:id').get(show)\n  .delete([check, remove])\n"
        "app.all('*', missing)\n"
        "app.use('/users', users)\n"
        "app.use(errors)\n"
        "app.use(cors())\n"
        "app.use('/posts', require('./posts'))\n",
        ".js",
    )

    assert facts.routes == (
        RouteFact(4, "GET", "/", "", "", "express"),
        RouteFact(5, "POST", "/new", "users", "create", "express"),
        RouteFact(6, "GET", "/:id", "users", "show", "express"),
        RouteFact(7, "DELETE", "/:id", "users", "remove", "express"),
        RouteFact(8, "ANY", "*", "", "missing", "express"),
    )
    assert facts.includes == (
        IncludeFact(9, "", "/users", "users"),
        IncludeFact(10, "", "", "errors"),
        IncludeFact(12, "", "/posts", "./posts"),
    )


def test_plugins_of_fastify_are_mounted() -> None:
    facts = read("import fastify from 'fastify'\nconst app = fastify()\napp.register(users, { prefix: '/users' })")

    assert facts.includes == (IncludeFact(3, "", "/users", "users"),)


def test_server_may_send_requests_too() -> None:
    facts = read("import express from 'express'\naxios.get('/a', config)\nawait api.post('/b', body)\napi.get('/c')")

    assert facts.routes == ()
    assert [fact.path for fact in facts.http_calls] == ["/a", "/b", "/c"]


def test_without_a_framework_there_are_no_routes() -> None:
    facts = read("app.get('/users', handler)\napp.use('/users', users)")

    assert (facts.routes, facts.includes) == ((), ())
    assert facts.http_calls == (HttpCallFact(1, "GET", "/users", "app"),)


# Events


@pytest.mark.parametrize(
    ("source", "name", "side"),
    [
        ("emit('saved', x)", "saved", "emits"),
        ("this.$emit('saved')", "saved", "emits"),
        ("bus.emit(`saved`)", "saved", "emits"),
        ("store.dispatch('users/load')", "users/load", "emits"),
        ("dispatch({ type: 'LOAD', id })", "LOAD", "emits"),
        ("store.commit('setUser', user)", "setUser", "emits"),
        ("window.dispatchEvent(new CustomEvent('saved', { detail }))", "saved", "emits"),
        ("const SAVED = 'saved'; emit(SAVED)", "saved", "emits"),
        ("bus.on('saved', handle)", "saved", "handles"),
        ("on('saved', handle)", "saved", "handles"),
        ("bus.$on('saved', handle)", "saved", "handles"),
        ("socket.once('saved', handle)", "saved", "handles"),
        ("document.addEventListener('click', () => 1)", "click", "handles"),
    ],
)
def test_event(source: str, name: str, side: str) -> None:
    assert read(source).events == (EventFact(1, name, side, "event"),)


@pytest.mark.parametrize(
    "source", ["git.commit('fix the bug')", "emit(name)", "emit()", "x.on('a')", "dispatch(load())"]
)
def test_other_calls_are_no_events(source: str) -> None:
    assert read(source).events == ()


def test_listener_may_name_several_events() -> None:
    assert [fact.name for fact in read("$(x).on('focus blur', f)", ".js").events] == ["focus", "blur"]


def test_types_declare_commands_and_events() -> None:
    facts = read(
        "type Action =\n  | { type: 'LoadUsers' }\n  | { type: 'UsersLoaded' | 'UserSaved'; users: User[] }\n"
        "interface Ask { type: 'FindUser' }\n"
        "interface Button { type: 'submit' | 'reset'; kind: 'Big'; type: string }\n"
    )

    assert facts.events == (
        EventFact(2, "LoadUsers", "declares", "command"),
        EventFact(3, "UsersLoaded", "declares", "event"),
        EventFact(3, "UserSaved", "declares", "event"),
        EventFact(4, "FindUser", "declares", "command"),
    )


@pytest.mark.parametrize(
    "ending",
    "Loaded Set Saved Deleted Completed Created Updated Filtered Toggled Tested Failed".split(),  # noqa: SIM905
)
def test_ending_tells_an_event(ending: str) -> None:
    assert [fact.kind for fact in read(f"type A = {{ type: 'Row{ending}' }}").events] == ["event"]


# Tables


def test_entity_of_typeorm() -> None:
    facts = read(
        "@Entity('users')\n"
        "export class User extends Base {\n"
        "  @PrimaryGeneratedColumn('uuid')\n  id: string;\n"
        "  @Column({ nullable: true })\n  name?: string;\n"
        "  @Index() @Column() email!: string;\n"
        "  @ManyToOne(() => Team, team => team.users)\n  team: Team;\n"
        "  @OneToMany('Post', 'user')\n  posts: Post[];\n"
        "  other: string;\n"
        "  @BeforeInsert()\n  run() {}\n"
        "}\n"
        "@Entity({ name: 'teams' })\nclass Team {}\n"
        "@Entity()\nabstract class Plain {}\n"
        "Entity('call');\n"
    )

    assert facts.tables == (
        TableFact(2, "users", "User", ("id", "name", "email"), ("Team", "Post"), "typeorm"),
        TableFact(17, "teams", "Team", (), (), "typeorm"),
        TableFact(19, "", "Plain", (), (), "typeorm"),
    )


# Features


@pytest.mark.parametrize(
    ("source", "features"),
    [
        ("document.title = window.name; document.x; let window; document", (("dom", 3),)),
        ("import { createStore } from 'redux'\nimport { a, b } from '@reduxjs/toolkit'", (("store", 2),)),
        ("import { defineStore } from 'pinia'", (("store", 1),)),
        ("import { useAuth, authorOf } from './users'\nimport x from './session'", (("auth", 2),)),
        ("import author from './authors'", ()),
        ("import mitt from 'mitt'\nimport { EventBus } from './bus'\nimport b from './event-bus'", (("event-bus", 3),)),
    ],
)
def test_features(source: str, features: tuple[tuple[str, int], ...]) -> None:
    assert read(source).features == features


# Components

VUE = """<!-- <script>import no from './no'</script> -->
<template>
  <user-card :user="user" @click="$emit('picked', user)"/>
  <Layout><p>{{ shown(user) }}</p></Layout>
</template>

<script setup lang="ts" generic="T extends Array<string>">
import UserCard from './UserCard.vue'
import Layout from './Layout.vue'
import { shown, unused } from './shown'
const user: string = await fetch('/user')
</script>
<style>.unused { color: red }</style>
"""


def test_vue() -> None:
    facts = read(VUE, ".vue")

    assert facts.imports == (
        imported(8, "./UserCard.vue", "default", "UserCard", 1),
        imported(9, "./Layout.vue", "default", "Layout", 1),
        imported(10, "./shown", "shown", "shown", 1),
        imported(10, "./shown", "unused", "unused", 0),
    )
    assert facts.http_calls == (HttpCallFact(11, "GET", "/user", "fetch"),)
    assert facts.events == (EventFact(3, "picked", "emits", "event"),)
    assert facts.problems == ()
    assert (facts.lines, facts.code_lines) == (13, 12)
    assert facts.definitions == (
        DefinitionFact(11, 11, "constant", "user", (), is_exported=False),
        DefinitionFact(1, 13, "component", "default", (), is_exported=True),
    )


def test_component_with_options_is_one_default() -> None:
    facts = read("<script>\nexport default { methods: { save() { this.$emit('saved') } } }\n</script>", ".vue")

    assert [(fact.kind, fact.name) for fact in facts.definitions] == [("component", "default")]
    assert facts.events == (EventFact(2, "saved", "emits", "event"),)


def test_svelte() -> None:
    facts = read(
        "<script context='module'>export const prerender = true</script><script lang='ts'>\n"
        "import { users, posts } from './stores'\n"
        "import Card from './Card.svelte'\n"
        "export let id: number\n"
        "$: shown = $users[id]\n"
        "</script>\n"
        "{#if shown}<Card {shown}>{$posts.length}</Card>{/if}\n",
        ".svelte",
    )

    assert [(fact.line, fact.alias, fact.references) for fact in facts.imports] == [
        (2, "users", 1),
        (2, "posts", 1),
        (3, "Card", 1),
    ]
    assert [(fact.line, fact.name, fact.kind) for fact in facts.definitions] == [
        (1, "prerender", "constant"),
        (4, "id", "constant"),
        (1, "default", "component"),
    ]
    assert facts.problems == ()


def test_component_without_a_script() -> None:
    facts = read("<p>Hi</p>\n", ".svelte")

    assert facts.definitions == (exported(1, "component", "default"),)
    assert facts.problems == ()


@pytest.mark.parametrize(
    "source",
    ["<script", "<script>", "<script>let a", "<!--", "<script src='x' />", "<style>", "<script a='>", "$emit('"],
)
def test_component_that_breaks_off(source: str) -> None:
    for suffix in (".vue", ".svelte"):
        assert read(source, suffix).lines == 1


# What cannot be read


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_empty_file(suffix: str) -> None:
    facts = read("", suffix)

    assert (facts.lines, facts.code_lines, facts.branches) == (0, 0, 0)
    assert (facts.imports, facts.problems) == ((), ())


def test_first_line_that_cannot_be_read_is_a_problem() -> None:
    facts = read("import a from './a'\nconst b = 1\nconst c = = 3;\nfetch('/x');\n")

    assert facts.problems == (ProblemFact(3, "line 3 cannot be read; what stands around it may be missing"),)
    assert facts.imports == (imported(1, "./a", "default", "a", 0),)
    assert facts.http_calls == (HttpCallFact(4, "GET", "/x", "fetch"),)


def test_missing_end_is_a_problem() -> None:
    assert [fact.line for fact in read("function f() {\n  g()\n").problems] in ([1], [2], [3])


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_rubbish_is_no_exception(suffix: str) -> None:
    numbers = random.Random(7)
    pieces = (
        b"<script>", b"import ", b"export ", b"{", b"}", b"(", b")", b"require(", b"fetch(", b"'", b"`${", b" from ",
        b"class ", b" extends ", b"@Entity(", b"x.get(", b"emit(", b"\xff\xfe", b"=", b"type: 'X'", b"\n",
        b"const ", b"module.exports", b"=>", b"<A>", b"import(", b"express", b".use(", b", ",
    )  # fmt: skip

    for _ in range(300):
        read_web(b"".join(numbers.choices(pieces, k=40)), suffix)
        facts = read_web(numbers.randbytes(200).replace(b"\0", b""), suffix)
        assert all(fact.message.startswith(f"line {fact.line} cannot be read") for fact in facts.problems)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_binary_file_is_not_parsed(suffix: str) -> None:
    facts = read_web(random.Random(7).randbytes(1_000_000), suffix)

    assert facts.problems == (ProblemFact(1, "line 1 cannot be read; the file is no text"),)
    assert (facts.lines, facts.imports, facts.definitions) == (0, (), ())


@pytest.mark.parametrize(
    ("source", "suffix"),
    [
        ("a.get('/x');" * 20_000, ".js"),
        ("a" + ".get('/x')" * 20_000, ".js"),
        ("a()" + ".b().c()" * 10_000, ".ts"),
        ("x = a" + ".b" * 100_000, ".js"),
        ("x={a:" * 20_000, ".ts"),
        ("type A = " + "{type: 'B', a: " * 10_000 + "B" + "}" * 10_000, ".ts"),
        ("x = " + "(" * 100_000 + "1" + ")" * 100_000, ".ts"),
        ("[" * 100_000 + "]" * 100_000, ".js"),
        ("fetch(" * 20_000 + "'/x'" + ")" * 20_000, ".js"),
        ("(function(){require('x');" * 10_000 + "})()" * 10_000, ".js"),
        ("import e from 'express'; const r = e();" + "r.get('/x'," * 20_000 + "h" + ")" * 20_000, ".js"),
        ("<" * 20_000 + ">`" * 20_000, ".tsx"),
        ("<script></script>" * 20_000, ".vue"),
        ("<p $emit('a')>\n" * 20_000, ".vue"),
        ("<!--" * 20_000, ".svelte"),
    ],
    ids=[
        "calls",
        "chain",
        "bare-chain",
        "members",
        "nested",
        "types",
        "parentheses",
        "arrays",
        "requests",
        "requires",
        "handlers",
        "angles",
        "scripts",
        "emits",
        "comments",
    ],
)
def test_odd_file_is_read_in_reasonable_time(source: str, suffix: str) -> None:
    began = time.process_time()

    read(source, suffix)

    assert time.process_time() - began < 5


def test_minified_file_is_said_to_be_one() -> None:
    source = b"var a=function(b){return b.get('/x')&&c?d:e};" * 500_000
    began = time.process_time()

    facts = read_web(source, ".js")

    assert time.process_time() - began < 1
    assert facts.problems == (ProblemFact(1, "is minified; nothing of it was read"),)
    assert (facts.lines, facts.http_calls) == (1, ())


def test_large_file_with_lines_is_no_minified_one() -> None:
    facts = read_web(b"import a from 'a';\n" + b"// " + b"x" * 100 + b"\n" * 1 + b"const b = 1;\n" * 100_000, ".js")

    assert (facts.problems, len(facts.imports), facts.lines) == ((), 1, 100_002)


def test_every_link_of_a_long_chain_is_read() -> None:
    facts = read("a" + "".join(f".get('/x/{number}')" for number in range(3000)), ".js")

    assert [one.path for one in facts.http_calls] == [f"/x/{number}" for number in range(3000)]


def test_deep_requires_are_in_the_function_that_holds_them() -> None:
    deep = "{" * 20

    facts = read(f"{deep}const a = require('a'){'}' * 20}\nfunction f() {deep}const b = require('b'){'}' * 20}", ".js")

    assert [(one.module, one.is_lazy) for one in facts.imports] == [("a", False), ("b", True)]


@pytest.mark.parametrize(
    ("source", "paths"),
    [
        ("fetch<User>('/a'); api.get<User>('/b'); api?.get?.('/c'); api\n  .get('/d')", ["/a", "/b", "/c", "/d"]),
        ("const s = \"api.get('/a')\"; // api.get('/b')\nprefetch('/c'); a.fetched('/d'); x = a.get", []),
    ],
    ids=["calls", "no-calls"],
)
def test_calls_are_found_by_what_the_tree_says(source: str, paths: list[str]) -> None:
    assert [one.path for one in read(source).http_calls] == paths


def test_type_arguments_of_a_template_are_no_problem() -> None:
    facts = read(
        "import { Props, css } from './x'\n"
        "const A = styled('div')<{\n  props: Map<string, Props>\n}>`${css}`\n"
        "export const B = styled.p<Props>`a`\n",
        ".tsx",
    )

    assert facts.problems == ()
    assert [fact.references for fact in facts.imports] == [2, 1]
    assert [(fact.line, fact.end, fact.name) for fact in facts.definitions] == [(2, 4, "A"), (5, 5, "B")]


def test_byte_order_mark_is_no_problem() -> None:
    facts = read_web(b"\xef\xbb\xbfimport a from 'a'", ".ts")

    assert (facts.problems, len(facts.imports)) == ((), 1)


def test_long_sum_is_read_without_recursion() -> None:
    assert read("fetch('/a' + " + " + ".join(["x"] * 5000) + ")").http_calls == (
        HttpCallFact(1, "GET", "/a{}", "fetch"),
    )


def test_facts_come_in_the_order_of_the_file() -> None:
    source = "".join(f"a.emit('e{number}'); api.get('/{number}');" for number in range(200))

    facts = read(source)

    assert [fact.name for fact in facts.events] == [f"e{number}" for number in range(200)]
    assert [fact.path for fact in facts.http_calls] == [f"/{number}" for number in range(200)]


def test_requests_of_generated_clients_are_options() -> None:
    source = b"""
import { request as __request } from "./request";
export const getDag = (data) => __request(OpenAPI, { method: "GET", url: "/api/v2/dags/{dag_id}", path: data });
export const other = () => request({ url: variable });
"""
    found = read_web(source, ".ts").http_calls
    assert [(one.line, one.method, one.path) for one in found] == [(3, "GET", "/api/v2/dags/{dag_id}")]


def test_styles_that_are_everybodys_are_a_feature() -> None:
    source = b'import "./app.css";\nimport styles from "./a.module.css";\nimport "x/theme.scss";\n'
    assert dict(read_web(source, ".ts").features)["global-css"] == 2
