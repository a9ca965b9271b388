/**
 * The string formats of `buf.validate` as checks for zod schemas.
 *
 * @module
 */
import { isEmail, isHostAndPort, isHostname, isIp, isIpPrefix, isUri, isUriRef } from "./cel.js";
import { rule } from "./rules.js";
import type { Check } from "./protojson.js";

interface Format {
  readonly what: string;
  readonly test: (text: string) => boolean;
  /** The `format` of JSON Schema that means the same. */
  readonly keyword?: string;
}

/** Versions of the Internet Protocol. */
const ANY = /* @__PURE__ */ BigInt(0);
const FOUR = /* @__PURE__ */ BigInt(4);
const SIX = /* @__PURE__ */ BigInt(6);

const NAME = "[A-Za-z_][A-Za-z_0-9]*";

function matching(pattern: string): (text: string) => boolean {
  const compiled = new RegExp(`^(?:${pattern})$`);
  return (text) => compiled.test(text);
}

const FORMATS: { readonly [name: string]: () => Format } = {
  address: () => ({ what: "hostname or IP address", test: (text) => isHostname(text) || isIp(text) }),
  email: () => ({ what: "email address", test: isEmail, keyword: "email" }),
  host_and_port: () => ({ what: "host and port", test: (text) => isHostAndPort(text, true) }),
  hostname: () => ({ what: "hostname", test: isHostname, keyword: "hostname" }),
  ip: () => ({ what: "IP address", test: (text) => isIp(text) }),
  ip_prefix: () => ({ what: "IP prefix", test: (text) => isIpPrefix(text, ANY, true) }),
  ip_with_prefixlen: () => ({ what: "IP address with prefix length", test: (text) => isIpPrefix(text) }),
  ipv4: () => ({ what: "IPv4 address", test: (text) => isIp(text, FOUR), keyword: "ipv4" }),
  ipv4_prefix: () => ({ what: "IPv4 prefix", test: (text) => isIpPrefix(text, FOUR, true) }),
  ipv4_with_prefixlen: () => ({ what: "IPv4 address with prefix length", test: (text) => isIpPrefix(text, FOUR) }),
  ipv6: () => ({ what: "IPv6 address", test: (text) => isIp(text, SIX), keyword: "ipv6" }),
  ipv6_prefix: () => ({ what: "IPv6 prefix", test: (text) => isIpPrefix(text, SIX, true) }),
  ipv6_with_prefixlen: () => ({ what: "IPv6 address with prefix length", test: (text) => isIpPrefix(text, SIX) }),
  protobuf_dot_fqn: () => ({ what: "Protobuf name with a leading dot", test: matching(`(?:\\.${NAME})+`) }),
  protobuf_fqn: () => ({ what: "Protobuf name", test: matching(`${NAME}(?:\\.${NAME})*`) }),
  tuuid: () => ({ what: "UUID without dashes", test: matching("[0-9a-fA-F]{32}") }),
  ulid: () => ({ what: "ULID", test: matching("[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}") }),
  uri: () => ({ what: "URI", test: isUri, keyword: "uri" }),
  uri_ref: () => ({ what: "URI or relative reference", test: isUriRef, keyword: "uri-reference" }),
  uuid: () => ({
    what: "UUID",
    test: matching("[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"),
    keyword: "uuid",
  }),
};

/** `string.email` and its kin. */
export function string(name: string): Check {
  const format = FORMATS[name]?.();
  if (format === undefined) {
    throw new Error(`format ${name} is not known: generate this module and its runtime with one version`);
  }
  const keywords = format.keyword === undefined ? undefined : { format: format.keyword };
  const test = format.test as (value: unknown) => boolean;
  return rule(`string.${name}`, `Must be a valid ${format.what}`, test, keywords);
}

const HEADERS = {
  header_name: { strict: /^:?[0-9a-zA-Z!#$%&'*+-.^_|~`]+$/, loose: /^[^\u0000\n\r]+$/ },
  header_value: { strict: /^[^\u0000-\u0008\u000a-\u001f\u007f]*$/, loose: /^[^\u0000\n\r]*$/ },
};

/** `string.well_known_regex`: names and values of HTTP headers. */
export function header(name: "header_name" | "header_value", strict: boolean): Check {
  const pattern = strict ? HEADERS[name].strict : HEADERS[name].loose;
  const message = `Must be a valid HTTP ${name.replace("_", " ")}`;
  return rule(`string.well_known_regex.${name}`, message, (value) => pattern.test(value as string));
}
