/**
 * The string formats of `buf.validate` as checks for zod schemas.
 *
 * @module
 */
import { rule } from "./rules.js";
import type { Check } from "./protojson.js";

const LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
const EMAIL = /* @__PURE__ */ new RegExp(`^[a-zA-Z0-9.!#$%&'*+/=?^_\`{|}~-]+@${LABEL}(?:\\.${LABEL})*$`);
const HOSTNAME = /* @__PURE__ */ new RegExp(`^${LABEL}(?:\\.${LABEL})*\\.?$`);
const NATURAL = /^(?:0|[1-9][0-9]{0,4})$/;
const HEXTET = /^[0-9a-fA-F]{1,4}$/;

/** An address as the HTML standard has it. */
export function isEmail(text: string): boolean {
  return EMAIL.test(text);
}

/** A host name of RFC 1034 whose last label is no number. */
export function isHostname(text: string): boolean {
  return text.length <= 253 && HOSTNAME.test(text) && !/(?:^|\.)[0-9]+\.?$/.test(text);
}

type Family = 4 | 6;

/** An IP address of one family, or of any. */
export function isIp(text: string, family?: Family): boolean {
  return (family !== 6 && ipv4(text) !== undefined) || (family !== 4 && isZonedIpv6(text));
}

/** The bytes of an IPv4 address. */
function ipv4(text: string): number[] | undefined {
  const octets = text.split(".");
  return octets.length === 4 && octets.every((octet) => NATURAL.test(octet) && Number(octet) < 256)
    ? octets.map(Number)
    : undefined;
}

function isZonedIpv6(text: string): boolean {
  const percent = text.indexOf("%");
  const zone = percent < 0 ? "none" : text.slice(percent + 1);
  return zone !== "" && !zone.includes("\0") && ipv6(percent < 0 ? text : text.slice(0, percent)) !== undefined;
}

/** The bytes of an IPv6 address without a zone. */
function ipv6(text: string): number[] | undefined {
  const gap = text.indexOf("::");
  const left = hextets(gap < 0 ? text : text.slice(0, gap), gap < 0);
  const right = gap < 0 ? [] : hextets(text.slice(gap + 2), true);
  if (left === undefined || right === undefined) {
    return undefined;
  }
  const missing = 16 - left.length - right.length;
  if (gap < 0 ? missing !== 0 : missing < 2) {
    return undefined;
  }
  return [...left, ...new Array<number>(missing).fill(0), ...right];
}

function hextets(text: string, isEnd: boolean): number[] | undefined {
  if (text === "") {
    return [];
  }
  const groups = text.split(":");
  const last = groups[groups.length - 1] ?? "";
  const embedded = isEnd && last.includes(".") ? ipv4(last) : [];
  if (embedded === undefined) {
    return undefined;
  }
  const plain = embedded.length > 0 ? groups.slice(0, -1) : groups;
  if (!plain.every((group) => HEXTET.test(group))) {
    return undefined;
  }
  return [...plain.flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255]), ...embedded];
}

/** `address/length`; a strict one has only zeros after the prefix. */
export function isIpPrefix(text: string, family?: Family, strict = false): boolean {
  const slash = text.lastIndexOf("/");
  const address = text.slice(0, Math.max(slash, 0));
  const bytes = (family !== 6 ? ipv4(address) : undefined) ?? (family !== 4 ? ipv6(address) : undefined);
  const length = text.slice(slash + 1);
  if (slash < 0 || bytes === undefined || !NATURAL.test(length) || Number(length) > bytes.length * 8) {
    return false;
  }
  const bits = bytes.map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return !strict || !bits.slice(Number(length)).includes("1");
}

/** A host name or IP address, IPv6 in brackets, with a port. */
export function isHostAndPort(text: string, portRequired: boolean): boolean {
  if (text.startsWith("[")) {
    const bracket = text.lastIndexOf("]");
    const rest = text.slice(bracket + 1);
    return bracket > 0 && isIp(text.slice(1, bracket), 6) && (rest === "" ? !portRequired : isPort(rest));
  }
  const colon = text.lastIndexOf(":");
  const host = colon < 0 ? text : text.slice(0, colon);
  return (isHostname(host) || isIp(host, 4)) && (colon < 0 ? !portRequired : isPort(text.slice(colon)));
}

function isPort(text: string): boolean {
  return text.startsWith(":") && NATURAL.test(text.slice(1)) && Number(text.slice(1)) <= 65535;
}

const ENCODED = "%[0-9A-Fa-f]{2}";
const SEGMENT = `(?:[A-Za-z0-9\\-._~!$&'()*+,;=:@]|${ENCODED})`;
const AUTHORITY =
  `(?:(?:[A-Za-z0-9\\-._~!$&'()*+,;=:]|${ENCODED})*@)?` +
  `(?:\\[(?<literal>[^\\]/?#]*)\\]|(?<host>(?:[A-Za-z0-9\\-._~!$&'()*+,;=]|${ENCODED})*))(?::[0-9]*)?`;
const TAIL = `(?:\\?(?:${SEGMENT}|[/?])*)?(?:#(?:${SEGMENT}|[/?])*)?`;

function pathAfter(first: string): string {
  return (
    `(?://${AUTHORITY}(?:/${SEGMENT}*)*|/(?:${SEGMENT}+(?:/${SEGMENT}*)*)?|` + `${first}+(?:/${SEGMENT}*)*|)`
  );
}

const URI = /* @__PURE__ */ new RegExp(`^[A-Za-z][A-Za-z0-9+.\\-]*:${/* @__PURE__ */ pathAfter(SEGMENT)}${TAIL}$`);
const RELATIVE = /* @__PURE__ */ new RegExp(
  `^${/* @__PURE__ */ pathAfter(SEGMENT.replace(":@", "@"))}${TAIL}$`,
);
const FUTURE_IP = /^[vV][0-9A-Fa-f]+\.[A-Za-z0-9\-._~!$&'()*+,;=:]+$/;
const ZONE = /^(?:[A-Za-z0-9\-._~]|%[0-9A-Fa-f]{2})+$/;

/** A URI of RFC 3986, with the zones of RFC 6874. */
export function isUri(text: string): boolean {
  return isReference(text, URI);
}

/** A URI or a relative reference of RFC 3986. */
export function isUriRef(text: string): boolean {
  return isReference(text, URI) || isReference(text, RELATIVE);
}

function isReference(text: string, pattern: RegExp): boolean {
  const match = pattern.exec(text);
  if (match === null) {
    return false;
  }
  const { literal, host } = match.groups ?? {};
  return literal === undefined ? isUtf8(host ?? "") : isIpLiteral(literal);
}

function isIpLiteral(literal: string): boolean {
  if (/^[vV]/.test(literal)) {
    return FUTURE_IP.test(literal);
  }
  const marker = literal.indexOf("%25");
  const zone = literal.slice(marker + 3);
  return marker < 0
    ? ipv6(literal) !== undefined
    : ZONE.test(zone) && isUtf8(zone) && ipv6(literal.slice(0, marker)) !== undefined;
}

/** Whether what is percent-encoded is UTF-8. */
function isUtf8(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

interface Format {
  readonly what: string;
  readonly test: (text: string) => boolean;
  /** The `format` of JSON Schema that means the same. */
  readonly keyword?: string;
}

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
  ip_prefix: () => ({ what: "IP prefix", test: (text) => isIpPrefix(text, undefined, true) }),
  ip_with_prefixlen: () => ({ what: "IP address with prefix length", test: (text) => isIpPrefix(text) }),
  ipv4: () => ({ what: "IPv4 address", test: (text) => isIp(text, 4), keyword: "ipv4" }),
  ipv4_prefix: () => ({ what: "IPv4 prefix", test: (text) => isIpPrefix(text, 4, true) }),
  ipv4_with_prefixlen: () => ({ what: "IPv4 address with prefix length", test: (text) => isIpPrefix(text, 4) }),
  ipv6: () => ({ what: "IPv6 address", test: (text) => isIp(text, 6), keyword: "ipv6" }),
  ipv6_prefix: () => ({ what: "IPv6 prefix", test: (text) => isIpPrefix(text, 6, true) }),
  ipv6_with_prefixlen: () => ({ what: "IPv6 address with prefix length", test: (text) => isIpPrefix(text, 6) }),
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
