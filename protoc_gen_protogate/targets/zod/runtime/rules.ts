/**
 * The standard rules of `buf.validate` as checks for zod schemas.
 *
 * Issues carry the rule's id in `params.rule`, such as `string.min_len`. Lengths count code points and bytes, never
 * UTF-16 units. A parsed value is the canonical one of `protojson.ts`; 64-bit integers and bytes may also have the
 * form that the plugin's options chose.
 *
 * @module
 */
import {
  check,
  decodeBase64,
  encodeBase64,
  parseDuration,
  parseTimestamp,
  type Bytes,
  type Check,
  type JsonValue,
  type Moment,
} from "./protojson.js";

type Test = (value: unknown) => boolean;

/** What a rule adds to the JSON Schema of its field. */
type Keywords = { readonly [keyword: string]: JsonValue };

/** A check that holds when `test` does. */
export function rule(id: string, message: string, test: Test, keywords?: Keywords): Check {
  return check((payload) => {
    if (!test(payload.value)) {
      payload.issues.push({ code: "custom", message, input: payload.value, params: { rule: id }, continue: true });
    }
  }, keywords);
}

/** A rule in CEL; `verdict` gives undefined when it holds, else what to tell the user. */
export function cel(id: string, verdict: (value: unknown) => string | undefined): Check {
  return check((payload) => {
    const told = verdict(payload.value);
    if (told !== undefined) {
      const message = told === "" ? `Must keep the rule ${id}` : told;
      payload.issues.push({ code: "custom", message, input: payload.value, params: { rule: id }, continue: true });
    }
  });
}

/* Values as things that compare */

type Comparable = number | bigint | string | boolean;

const BILLION = /* @__PURE__ */ BigInt(1000000000);

function nanosOf(moment: Moment | undefined): bigint {
  return moment === undefined ? BigInt(0) : BigInt(moment.seconds) * BILLION + BigInt(moment.nanos);
}

function comparable(kind: string, value: unknown): Comparable {
  switch (kind) {
    case "int64":
    case "sint64":
    case "sfixed64":
    case "uint64":
    case "fixed64":
      return BigInt(value as string | bigint);
    case "duration":
      return nanosOf(parseDuration(value as string));
    case "timestamp":
      return nanosOf(parseTimestamp(value as string));
    case "bytes":
      return typeof value === "string" ? value : encodeBase64(value as Bytes);
    case "bool":
      // Keys of maps are text.
      return value === true || value === "true";
    case "float":
      return Math.fround(Number(value));
    case "string":
    case "enum":
      return value as string | number;
    default:
      return Number(value);
  }
}

/** A bound or a member of a list, as generated code writes it. */
export type Literal = number | string | boolean;

function textOf(values: readonly Literal[]): string {
  return values.map((value) => JSON.stringify(value)).join(", ");
}

/** `const`: the value itself. */
export function equals(kind: string, wanted: Literal): Check {
  const expected = comparable(kind, wanted);
  return rule(`${kind}.const`, `Must be ${textOf([wanted])}`, (value) => comparable(kind, value) === expected);
}

/** `in`: one of a list. */
export function oneOf(kind: string, wanted: readonly Literal[]): Check {
  const expected = new Set(wanted.map((value) => comparable(kind, value)).filter(equalsItself));
  const message = `Must be one of ${textOf(wanted)}`;
  return rule(`${kind}.in`, message, (value) => expected.has(comparable(kind, value)));
}

/** `not_in`: none of a list. */
export function noneOf(kind: string, refused: readonly Literal[]): Check {
  const unexpected = new Set(refused.map((value) => comparable(kind, value)).filter(equalsItself));
  const message = `Must not be any of ${textOf(refused)}`;
  return rule(`${kind}.not_in`, message, (value) => !unexpected.has(comparable(kind, value)));
}

/** A `Set` finds NaN, while no NaN equals another. */
function equalsItself(value: Comparable): boolean {
  return value === value;
}

/** Bounds of a number, a duration or a timestamp. */
export interface Bounds {
  readonly gt?: Literal;
  readonly gte?: Literal;
  readonly lt?: Literal;
  readonly lte?: Literal;
}

/** `gt`, `gte`, `lt`, `lte`: a range, or what lies outside of it when the upper bound is below the lower one. */
export function range(kind: string, bounds: Bounds): Check {
  const low = bounds.gt ?? bounds.gte;
  const high = bounds.lt ?? bounds.lte;
  const lowest = low === undefined ? undefined : comparable(kind, low);
  const highest = high === undefined ? undefined : comparable(kind, high);
  const isAbove = (value: Comparable): boolean =>
    lowest === undefined || (bounds.gt === undefined ? value >= lowest : value > lowest);
  const isBelow = (value: Comparable): boolean =>
    highest === undefined || (bounds.lt === undefined ? value <= highest : value < highest);
  const outside = lowest !== undefined && highest !== undefined && highest < lowest;
  const words = [
    low === undefined ? "" : `${bounds.gt === undefined ? "at least" : "greater than"} ${low}`,
    high === undefined ? "" : `${bounds.lt === undefined ? "at most" : "less than"} ${high}`,
  ].filter((word) => word !== "");
  const id = [
    low === undefined ? [] : [bounds.gt === undefined ? "gte" : "gt"],
    high === undefined ? [] : [bounds.lt === undefined ? "lte" : "lt"],
    outside ? ["exclusive"] : [],
  ]
    .flat()
    .join("_");
  return rule(
    `${kind}.${id}`,
    `Must be ${words.join(outside ? " or " : " and ")}`,
    (value) => {
      const at = comparable(kind, value);
      return outside ? isAbove(at) || isBelow(at) : isAbove(at) && isBelow(at);
    },
    outside ? undefined : keywordsOf(bounds),
  );
}

function keywordsOf(bounds: Bounds): Keywords {
  const keywords: [string, Literal | undefined][] = [
    ["exclusiveMinimum", bounds.gt],
    ["minimum", bounds.gte],
    ["exclusiveMaximum", bounds.lt],
    ["maximum", bounds.lte],
  ];
  return Object.fromEntries(keywords.flatMap(([name, bound]) => (typeof bound === "number" ? [[name, bound]] : [])));
}

/** `finite`: neither NaN nor infinite. */
export function finite(kind: string): Check {
  return rule(`${kind}.finite`, "Must be finite", (value) => Number.isFinite(Number(value)));
}

/* Strings */

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) {
    count += 1;
  }
  return count;
}

function utf8Length(text: string): number {
  let count = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    count += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return count;
}

type StringTest = (value: string) => boolean;

function stringRule(name: string, message: string, test: StringTest, keywords?: Keywords): Check {
  return rule(`string.${name}`, message, test as Test, keywords);
}

/** `string.len` */
export const len = (wanted: number): Check =>
  stringRule("len", `Must be ${wanted} characters long`, (text) => codePoints(text) === wanted, {
    minLength: wanted,
    maxLength: wanted,
  });
/** `string.min_len` */
export const minLen = (least: number): Check =>
  stringRule("min_len", `Must be at least ${least} characters long`, (text) => codePoints(text) >= least, {
    minLength: least,
  });
/** `string.max_len` */
export const maxLen = (most: number): Check =>
  stringRule("max_len", `Must be at most ${most} characters long`, (text) => codePoints(text) <= most, {
    maxLength: most,
  });
/** `string.len_bytes` */
export const lenBytes = (wanted: number): Check =>
  stringRule("len_bytes", `Must be ${wanted} bytes of UTF-8`, (text) => utf8Length(text) === wanted);
/** `string.min_bytes` */
export const minBytes = (least: number): Check =>
  stringRule("min_bytes", `Must be at least ${least} bytes of UTF-8`, (text) => utf8Length(text) >= least);
/** `string.max_bytes` */
export const maxBytes = (most: number): Check =>
  stringRule("max_bytes", `Must be at most ${most} bytes of UTF-8`, (text) => utf8Length(text) <= most);
/** `string.pattern`; `source` is the pattern as the contract has it. */
export const pattern = (expression: RegExp, source: string): Check =>
  stringRule("pattern", `Must match ${source}`, (text) => expression.test(text), { pattern: expression.source });
/** `string.prefix` */
export const prefix = (wanted: string): Check =>
  stringRule("prefix", `Must start with ${textOf([wanted])}`, (text) => text.startsWith(wanted));
/** `string.suffix` */
export const suffix = (wanted: string): Check =>
  stringRule("suffix", `Must end with ${textOf([wanted])}`, (text) => text.endsWith(wanted));
/** `string.contains` */
export const contains = (wanted: string): Check =>
  stringRule("contains", `Must contain ${textOf([wanted])}`, (text) => text.includes(wanted));
/** `string.not_contains` */
export const notContains = (refused: string): Check =>
  stringRule("not_contains", `Must not contain ${textOf([refused])}`, (text) => !text.includes(refused));

/* Bytes */

function bytesOf(value: unknown): Bytes {
  return typeof value === "string" ? decodeBase64(value) : (value as Bytes);
}

function startsAt(bytes: Bytes, part: Bytes, offset: number): boolean {
  return offset >= 0 && part.every((byte, index) => bytes[offset + index] === byte);
}

type BytesTest = (bytes: Bytes) => boolean;

function bytesRule(name: string, message: string, test: BytesTest): Check {
  return rule(`bytes.${name}`, message, (value) => test(bytesOf(value)));
}

/** `bytes.len` */
export const bytesLen = (wanted: number): Check =>
  bytesRule("len", `Must be ${wanted} bytes`, (bytes) => bytes.length === wanted);
/** `bytes.min_len` */
export const bytesMinLen = (least: number): Check =>
  bytesRule("min_len", `Must be at least ${least} bytes`, (bytes) => bytes.length >= least);
/** `bytes.max_len` */
export const bytesMaxLen = (most: number): Check =>
  bytesRule("max_len", `Must be at most ${most} bytes`, (bytes) => bytes.length <= most);
/** `bytes.pattern`: the pattern of the bytes as UTF-8. */
export const bytesPattern = (expression: RegExp, source: string): Check =>
  bytesRule("pattern", `Must match ${source}`, (bytes) => {
    const text = utf8TextOf(bytes);
    return text !== undefined && expression.test(text);
  });
/** `bytes.prefix` */
export const bytesPrefix = (base64: string): Check => {
  const part = decodeBase64(base64);
  return bytesRule("prefix", `Must start with the bytes ${base64}`, (bytes) => startsAt(bytes, part, 0));
};
/** `bytes.suffix` */
export const bytesSuffix = (base64: string): Check => {
  const part = decodeBase64(base64);
  const test: BytesTest = (bytes) => startsAt(bytes, part, bytes.length - part.length);
  return bytesRule("suffix", `Must end with the bytes ${base64}`, test);
};
/** `bytes.contains` */
export const bytesContains = (base64: string): Check => {
  const part = decodeBase64(base64);
  const test: BytesTest = (bytes) =>
    part.length === 0 || bytes.some((_, offset) => startsAt(bytes, part, offset));
  return bytesRule("contains", `Must contain the bytes ${base64}`, test);
};
/** `bytes.ip`, `bytes.ipv4`, `bytes.ipv6`, `bytes.uuid`: by their sizes. */
export const bytesFormat = (name: "ip" | "ipv4" | "ipv6" | "uuid"): Check => {
  const sizes = { ip: [4, 16], ipv4: [4], ipv6: [16], uuid: [16] }[name];
  return bytesRule(name, `Must be ${sizes.join(" or ")} bytes`, (bytes) => sizes.includes(bytes.length));
};

/** The text that UTF-8 stands for; undefined when the bytes are no UTF-8. */
function utf8TextOf(bytes: Bytes): string | undefined {
  try {
    return decodeURIComponent(Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""));
  } catch {
    return undefined;
  }
}

/* Enums, lists, maps */

/** `enum.defined_only`: numbers without a name are refused. */
export function definedOnly(): Check {
  return rule("enum.defined_only", "Must be a value that the enum defines", (value) => typeof value === "string");
}

/** `repeated.min_items` */
export const minItems = (least: number): Check =>
  rule("repeated.min_items", `Must have at least ${least} items`, (items) => (items as unknown[]).length >= least);
/** `repeated.max_items` */
export const maxItems = (most: number): Check =>
  rule("repeated.max_items", `Must have at most ${most} items`, (items) => (items as unknown[]).length <= most);
/** `repeated.unique`; of `float` items no NaN equals another. */
export function unique(kind?: "float"): Check {
  return rule("repeated.unique", "Must not have an item twice", (items) => {
    const keys = (items as unknown[]).filter((item) => kind !== "float" || item !== "NaN").map(keyOf);
    return new Set(keys).size === keys.length;
  });
}

function keyOf(item: unknown): unknown {
  return item instanceof Uint8Array ? encodeBase64(item) : item;
}

/** `map.min_pairs` */
export const minPairs = (least: number): Check =>
  rule("map.min_pairs", `Must have at least ${least} entries`, (map) => Object.keys(map as object).length >= least, {
    minProperties: least,
  });
/** `map.max_pairs` */
export const maxPairs = (most: number): Check =>
  rule("map.max_pairs", `Must have at most ${most} entries`, (map) => Object.keys(map as object).length <= most, {
    maxProperties: most,
  });

/* Well-known types */

/** `timestamp.lt_now`, `timestamp.gt_now` */
export function timestampNow(side: "lt" | "gt"): Check {
  const message = side === "lt" ? "Must be in the past" : "Must be in the future";
  return rule(`timestamp.${side}_now`, message, (value) => {
    const at = nanosOf(parseTimestamp(value as string));
    return side === "lt" ? at <= now() : at >= now();
  });
}

/** `timestamp.within` */
export function timestampWithin(span: string): Check {
  const distance = nanosOf(parseDuration(span));
  return rule("timestamp.within", `Must be within ${span} of now`, (value) => {
    const at = nanosOf(parseTimestamp(value as string));
    return at >= now() - distance && at <= now() + distance;
  });
}

function now(): bigint {
  return BigInt(Date.now()) * BigInt(1000000);
}

function typeUrlOf(any: unknown): string {
  return (any as { "@type"?: string })["@type"] ?? "";
}

/** `any.in` */
export const anyIn = (wanted: readonly string[]): Check =>
  rule("any.in", `Must be one of the types ${wanted.join(", ")}`, (any) => wanted.includes(typeUrlOf(any)));
/** `any.not_in` */
export const anyNotIn = (refused: readonly string[]): Check =>
  rule("any.not_in", `Must be none of the types ${refused.join(", ")}`, (any) => !refused.includes(typeUrlOf(any)));

/** The paths of a field mask under their proto names. */
function pathsOf(mask: unknown): string[] {
  const text = mask as string;
  const toSnake = (path: string): string => path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return text === "" ? [] : text.split(",").map(toSnake);
}

function covers(roots: readonly string[], path: string): boolean {
  return roots.some((root) => path === root || path.startsWith(`${root}.`));
}

/** `field_mask.const` */
export const maskEquals = (wanted: readonly string[]): Check =>
  rule("field_mask.const", `Must be the paths ${wanted.join(", ")}`, (mask) => {
    const paths = pathsOf(mask);
    return paths.length === wanted.length && paths.every((path, index) => path === wanted[index]);
  });
/** `field_mask.in` */
export const maskIn = (wanted: readonly string[]): Check =>
  rule("field_mask.in", `Must only have paths in ${wanted.join(", ")}`, (mask) =>
    pathsOf(mask).every((path) => covers(wanted, path)),
  );
/** `field_mask.not_in` */
export const maskNotIn = (refused: readonly string[]): Check =>
  rule("field_mask.not_in", `Must have no paths in ${refused.join(", ")}`, (mask) =>
    pathsOf(mask).every((path) => !covers(refused, path)),
  );

/* Presence */

/** Whether a value is the one that an unset field holds; `zero` where that is not seen by itself. */
function isZero(value: unknown, zero: Literal | undefined): boolean {
  if (zero !== undefined) {
    return String(value) === String(zero);
  }
  if (typeof value === "object" && value !== null) {
    return Object.keys(value).length === 0;
  }
  // The negative zero of a float is not its zero value.
  return value === "" || value === false || Object.is(value, 0);
}

/** `required` for a field without presence: not its zero value. */
export function required(zero?: Literal): Check {
  return rule("required", "Required", (value) => !isZero(value, zero));
}

/** `ignore = IGNORE_IF_ZERO_VALUE`: rules that the zero value need not keep. */
export function unlessZero(rules: readonly Check[], zero?: Literal): Check {
  return check((payload) => {
    if (!isZero(payload.value, zero)) {
      for (const each of rules) {
        each._zod.check(payload as never);
      }
    }
  });
}

/** `required` of a oneof: one of its members is set. */
export function oneofRequired(oneof: string, members: readonly string[]): Check {
  const message = `One of ${members.join(", ")} must be set`;
  return check((payload) => {
    const output = payload.value as object;
    if (!members.some((name) => Object.hasOwn(output, name))) {
      payload.issues.push({ code: "custom", message, input: output, params: { rule: "required", oneof }, continue: true });
    }
  });
}

/**
 * A oneof that the message's rules state: at most one of its fields is set, exactly one when it is required.
 *
 * @param zeros the fields by JSON name, each with the value it holds when it is not set; null for fields with presence
 */
export function messageOneof(zeros: { readonly [jsonName: string]: Literal | null | undefined }, isRequired: boolean): Check {
  const names = Object.keys(zeros);
  const message = `${isRequired ? "Exactly" : "At most"} one of ${names.join(", ")} must be set`;
  return rule("message.oneof", message, (value) => {
    const output = value as { [jsonName: string]: unknown };
    const count = names.filter((name) => {
      const zero = zeros[name];
      return Object.hasOwn(output, name) && (zero === null || !isZero(output[name], zero));
    }).length;
    return isRequired ? count === 1 : count <= 1;
  });
}
