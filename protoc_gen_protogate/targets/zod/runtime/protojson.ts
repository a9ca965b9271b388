/**
 * What the generated zod schemas are built from: every ProtoJSON form of a value in, one canonical form out.
 *
 * A parsed message is plain JSON that `JSON.stringify` turns into a valid ProtoJSON document without loss: 64-bit
 * integers are decimal strings, bytes are base64, timestamps are RFC 3339 in UTC with their nanoseconds, enums are
 * names (numbers where the contract has no name). JavaScript's `number`, `Date` and `JSON.stringify` cannot hold or
 * write any of these exactly. Parsing a parsed message gives the same message.
 *
 * Needs zod 4.2 or newer.
 *
 * @module
 */
import * as z from "zod";

/** Any zod schema. */
export type Schema = z.core.$ZodType;

/** The schema of a well-known type, which is no object of fields. */
export type ValueSchema<Output, Input> = z.ZodType<Output, Input>;

/** The fields of a message by JSON name. */
export type Fields = { readonly [jsonName: string]: z.core.SomeType };

/** Any value of `JSON.parse`. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

/** Any object of `JSON.parse`. */
export type JsonObject = { [key: string]: JsonValue };

/** Accepted for 32-bit integers: `1`, `"1"`, `"1e3"`. */
export type IntInput = number | string;

/** Accepted for 64-bit integers. A `number` beyond 2^53 has lost digits before it gets here: send a string. */
export type Int64Input = number | string | bigint;

/** A `float` or `double`; JSON has no numbers for the last three. `Number(value)` turns it into a number. */
export type Float = number | "NaN" | "Infinity" | "-Infinity";

/** Accepted for `float` and `double`: `1.5`, `"1.5"`, `"NaN"`. */
export type FloatInput = number | string;

/** Raw bytes. */
export type Bytes = Uint8Array;

/** A packed message: its type and its fields (or `value`, for the types with a JSON form of their own). */
export type AnyMessage = { "@type"?: string; [key: string]: JsonValue | undefined };

/** A message without fields. */
export type EmptyMessage = { [key: string]: never };

/** How deep messages may nest; the limit of protobuf's own parsers. */
const MAX_DEPTH = 100;

/** Why a value was refused. */
class Refusal {
  readonly message: string;
  /** The kind of value that was wanted. */
  readonly expected: string;

  constructor(message: string, expected: string) {
    this.message = message;
    this.expected = expected;
  }
}

/** Run the initializer of a zod class. */
function init(parent: { init: (inst: never, def: never) => void }, inst: unknown, def: unknown): void {
  parent.init(inst as never, def as never);
}

/** Reads one kind of value. */
interface Scalar {
  readonly name: string;
  /** What an absent field holds. */
  readonly zero?: unknown;
  /** Whether `null` is a value and not an absent one. */
  readonly keepsNull?: boolean;
  /** The canonical value, or why there is none; `encoding` is set when the wire form is wanted back. */
  readonly read: (value: unknown, encoding: boolean) => unknown;
  readonly jsonSchema: (io: "input" | "output") => z.core.JSONSchema.BaseSchema;
}

interface ScalarDef extends z.core.$ZodTypeDef {
  type: "custom";
  scalar: Scalar;
}

interface ScalarInternals extends z.core.$ZodTypeInternals {
  def: ScalarDef;
}

interface ScalarSchema extends z.ZodType<unknown, unknown, ScalarInternals> {}

const ScalarSchema: z.core.$constructor<ScalarSchema, ScalarDef> = /* @__PURE__ */ z.core.$constructor(
  "ProtoScalar",
  (inst: ScalarSchema, def: ScalarDef) => {
    init(z.ZodType, inst, def);
    const scalar = def.scalar;
    inst._zod.parse = (payload, ctx) => {
      const value = scalar.read(payload.value, ctx.direction === "backward");
      if (value instanceof Refusal) {
        payload.issues.push(issueOf(value, payload.value, inst));
      } else {
        payload.value = value;
      }
      return payload;
    };
    inst._zod.processJSONSchema = (ctx, json) => {
      Object.assign(json, scalar.jsonSchema(ctx.io), inst._zod.bag["jsonSchema"]);
    };
  },
);

function issueOf(refusal: Refusal, input: unknown, inst: Schema): z.core.$ZodRawIssue {
  const message = input === undefined ? "Required" : refusal.message;
  return { code: "custom", message, input, inst, params: { expected: refusal.expected } };
}

function scalar<Output, Input>(kind: Scalar): z.ZodType<Output, Input> {
  return new ScalarSchema({ type: "custom", scalar: kind }) as Schema as z.ZodType<Output, Input>;
}

/* Integers */

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;
const SHORT_INTEGER = /^-?\d{1,15}$/;
/** More digits than any 64-bit integer has. */
const MAX_INTEGER_DIGITS = 20;

/** The integer that a JSON numeral stands for, undefined when it stands for none. */
function integerOf(text: string): bigint | undefined {
  if (SHORT_INTEGER.test(text)) {
    return BigInt(text);
  }
  const match = DECIMAL.exec(text);
  if (match === null) {
    return undefined;
  }
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  if (whole === "" && fraction === "") {
    return undefined;
  }
  const significant = (whole + fraction).replace(/^0+/, "");
  if (significant === "") {
    return BigInt(0);
  }
  const scale = Number(exponent) - fraction.length;
  if (significant.length + scale > MAX_INTEGER_DIGITS) {
    return undefined;
  }
  if (scale >= 0) {
    return BigInt(sign.replace("+", "") + significant + "0".repeat(scale));
  }
  const kept = significant.slice(0, scale);
  return /^0+$/.test(significant.slice(scale)) && kept !== "" ? BigInt(sign.replace("+", "") + kept) : undefined;
}

function bigintOf(value: unknown): bigint | undefined {
  switch (typeof value) {
    case "bigint":
      return value;
    case "number":
      return Number.isInteger(value) ? BigInt(value) : undefined;
    case "string":
      return integerOf(value);
    default:
      return undefined;
  }
}

function int32Kind(name: string, minimum: number, maximum: number): Scalar {
  const refusal = new Refusal(`Invalid ${name}: expected an integer from ${minimum} to ${maximum}`, name);
  return {
    name,
    zero: 0,
    read: (value) => {
      // A string goes the long way: "1.00000000000000001" is no integer, though Number() makes it one.
      const number =
        typeof value === "number" ? value : typeof value === "string" ? Number(integerOf(value) ?? NaN) : NaN;
      return Number.isInteger(number) && number >= minimum && number <= maximum ? number + 0 : refusal;
    },
    jsonSchema: (io) =>
      io === "output"
        ? { type: "integer", minimum, maximum }
        : { anyOf: [{ type: "integer", minimum, maximum }, { type: "string" }] },
  };
}

function int64Kind(name: string, minimum: bigint, maximum: bigint, form: "string" | "bigint"): Scalar {
  const refusal = new Refusal(`Invalid ${name}: expected an integer from ${minimum} to ${maximum}`, name);
  return {
    name,
    zero: form === "string" ? "0" : BigInt(0),
    read: (value, encoding) => {
      const integer = bigintOf(value);
      if (integer === undefined || integer < minimum || integer > maximum) {
        return refusal;
      }
      return form === "bigint" && !encoding ? integer : String(integer);
    },
    jsonSchema: (io) =>
      io === "output" || form === "bigint"
        ? { type: "string", pattern: minimum < 0 ? "^-?[0-9]+$" : "^[0-9]+$" }
        : { anyOf: [{ type: "string" }, { type: "integer" }] },
  };
}

const INT64_MIN = /* @__PURE__ */ BigInt("-9223372036854775808");
const INT64_MAX = /* @__PURE__ */ BigInt("9223372036854775807");
const UINT64_MAX = /* @__PURE__ */ BigInt("18446744073709551615");

/** `int32`, `sint32`, `sfixed32`. */
export const int32: z.ZodType<number, IntInput> = /* @__PURE__ */ scalar(
  int32Kind("int32", -2147483648, 2147483647),
);
/** `uint32`, `fixed32`. */
export const uint32: z.ZodType<number, IntInput> = /* @__PURE__ */ scalar(int32Kind("uint32", 0, 4294967295));
/** `int64`, `sint64`, `sfixed64` as a decimal string. */
export const int64: z.ZodType<string, Int64Input> = /* @__PURE__ */ scalar(
  int64Kind("int64", INT64_MIN, INT64_MAX, "string"),
);
/** `uint64`, `fixed64` as a decimal string. */
export const uint64: z.ZodType<string, Int64Input> = /* @__PURE__ */ scalar(
  int64Kind("uint64", BigInt(0), UINT64_MAX, "string"),
);
/** `int64`, `sint64`, `sfixed64` as a `bigint`; `encode` gives the string back. */
export const int64AsBigint: z.ZodType<bigint, Int64Input> = /* @__PURE__ */ scalar(
  int64Kind("int64", INT64_MIN, INT64_MAX, "bigint"),
);
/** `uint64`, `fixed64` as a `bigint`; `encode` gives the string back. */
export const uint64AsBigint: z.ZodType<bigint, Int64Input> = /* @__PURE__ */ scalar(
  int64Kind("uint64", BigInt(0), UINT64_MAX, "bigint"),
);

/* Floating point */

const NUMERAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const NON_FINITE: ReadonlySet<unknown> = /* @__PURE__ */ new Set(["NaN", "Infinity", "-Infinity"]);

function floatKind(name: string, isInRange: (value: number) => boolean): Scalar {
  const refusal = new Refusal(`Invalid ${name}: expected a number, "NaN", "Infinity" or "-Infinity"`, name);
  return {
    name,
    zero: 0,
    read: (value) => {
      if (NON_FINITE.has(value)) {
        return value;
      }
      const number =
        typeof value === "number" ? value : typeof value === "string" && NUMERAL.test(value) ? Number(value) : NaN;
      return Number.isFinite(number) && isInRange(number) ? number : refusal;
    },
    jsonSchema: (io) => ({
      anyOf: [
        { type: "number" },
        io === "output" ? { type: "string", enum: ["NaN", "Infinity", "-Infinity"] } : { type: "string" },
      ],
    }),
  };
}

/** `float`. */
export const float: z.ZodType<Float, FloatInput> = /* @__PURE__ */ scalar(
  // What rounds to no finite 32-bit number would reach other languages as infinity.
  floatKind("float", (value) => Number.isFinite(Math.fround(value))),
);
/** `double`. */
export const double: z.ZodType<Float, FloatInput> = /* @__PURE__ */ scalar(floatKind("double", () => true));

/* bool, string, bytes */

/** `bool`. */
export const bool: z.ZodType<boolean, boolean> = /* @__PURE__ */ scalar({
  name: "bool",
  zero: false,
  read: (value) => (typeof value === "boolean" ? value : new Refusal("Invalid bool: expected true or false", "bool")),
  jsonSchema: () => ({ type: "boolean" }),
});

/** In a `u` pattern a surrogate that belongs to a pair is no surrogate. */
const LONE_SURROGATE = /\p{Surrogate}/u;

function isText(value: unknown): value is string {
  return typeof value === "string" && !LONE_SURROGATE.test(value);
}

/** `string`: valid Unicode, so no half of a surrogate pair. */
export const string: z.ZodType<string, string> = /* @__PURE__ */ scalar({
  name: "string",
  zero: "",
  read: (value) => (isText(value) ? value : new Refusal("Invalid string: expected text of valid Unicode", "string")),
  jsonSchema: () => ({ type: "string" }),
});

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE64 = /^(?:[A-Za-z0-9+/]*|[A-Za-z0-9_-]*)(={0,2})$/;

/** Standard base64 with padding, or undefined when the text is no base64 of either alphabet. */
function canonicalBase64(text: string): string | undefined {
  const match = BASE64.exec(text);
  if (match === null) {
    return undefined;
  }
  const padding = (match[1] ?? "").length;
  const digits = text.slice(0, text.length - padding).replaceAll("-", "+").replaceAll("_", "/");
  const rest = digits.length % 4;
  if (rest === 1 || (padding > 0 && (rest === 0 || rest + padding > 4))) {
    return undefined;
  }
  if (rest === 0) {
    return digits;
  }
  // Bits of the last digit that belong to no byte are dropped, as decoders do.
  const spare = rest === 2 ? 0b1111 : 0b11;
  const last = ALPHABET.charAt(ALPHABET.indexOf(digits.charAt(digits.length - 1)) & ~spare);
  return digits.slice(0, -1) + last + "=".repeat(4 - rest);
}

/** The bytes of canonical base64. */
export function decodeBase64(text: string): Bytes {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let at = 0;
  for (let i = 0; i < text.length; i += 4) {
    const group =
      (digitOf(text, i) << 18) | (digitOf(text, i + 1) << 12) | (digitOf(text, i + 2) << 6) | digitOf(text, i + 3);
    bytes[at++] = group >> 16;
    bytes[at++] = group >> 8;
    bytes[at++] = group;
  }
  return bytes;
}

function digitOf(text: string, index: number): number {
  const digit = ALPHABET.indexOf(text.charAt(index));
  return digit < 0 ? 0 : digit;
}

/** Standard base64 with padding. */
export function encodeBase64(bytes: Bytes): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += ALPHABET.charAt(group >> 18) + ALPHABET.charAt((group >> 12) & 63);
    text += i + 1 < bytes.length ? ALPHABET.charAt((group >> 6) & 63) : "=";
    text += i + 2 < bytes.length ? ALPHABET.charAt(group & 63) : "=";
  }
  return text;
}

function bytesKind(form: "base64" | "uint8array"): Scalar {
  const refusal = new Refusal("Invalid bytes: expected base64", "bytes");
  return {
    name: "bytes",
    zero: "",
    read: (value, encoding) => {
      const text =
        value instanceof Uint8Array ? encodeBase64(value) : typeof value === "string" ? canonicalBase64(value) : undefined;
      if (text === undefined) {
        return refusal;
      }
      return form === "uint8array" && !encoding ? decodeBase64(text) : text;
    },
    jsonSchema: (io) => (io === "output" ? { type: "string", contentEncoding: "base64" } : { type: "string" }),
  };
}

/** `bytes` as standard base64 with padding. */
export const bytes: z.ZodType<string, string | Bytes> = /* @__PURE__ */ scalar(bytesKind("base64"));
/** `bytes` as a `Uint8Array`; `encode` gives base64 back. */
export const bytesAsUint8Array: z.ZodType<Bytes, string | Bytes> = /* @__PURE__ */ scalar(bytesKind("uint8array"));

/* Timestamp, Duration, FieldMask */

/** Seconds and nanoseconds since 1970, or of a span of time; both of one sign for a span. */
export interface Moment {
  readonly seconds: number;
  readonly nanos: number;
}

const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/;
const MIN_SECONDS = -62135596800; // 0001-01-01T00:00:00Z
const MAX_SECONDS = 253402300799; // 9999-12-31T23:59:59Z

/** The moment that RFC 3339 text stands for; undefined when there is no such moment. */
export function parseTimestamp(text: string): Moment | undefined {
  const match = TIMESTAMP.exec(text);
  if (match === null) {
    return undefined;
  }
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const offsetHours = Number(match[9] ?? 0);
  const offsetMinutes = Number(match[10] ?? 0);
  if (hour > 23 || minute > 59 || second > 59 || offsetHours > 23 || offsetMinutes > 59) {
    return undefined;
  }
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (month === 0 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) {
    return undefined;
  }
  const offset = (offsetHours * 60 + offsetMinutes) * 60 * (match[8] === "-" ? -1 : 1);
  const seconds = date.getTime() / 1000 + (hour * 60 + minute) * 60 + second - offset;
  if (year === 0 || seconds < MIN_SECONDS || seconds > MAX_SECONDS) {
    return undefined;
  }
  return { seconds, nanos: nanosOf(match[7]) };
}

function nanosOf(fraction: string | undefined): number {
  return fraction === undefined ? 0 : Number(fraction.padEnd(9, "0"));
}

/** No fraction, or 3, 6 or 9 digits of it. */
function fractionOf(nanos: number): string {
  if (nanos === 0) {
    return "";
  }
  const digits = String(nanos).padStart(9, "0");
  return `.${digits.replace(/(?:000){1,2}$/, "")}`;
}

/** RFC 3339 in UTC. */
export function formatTimestamp(moment: Moment): string {
  return new Date(moment.seconds * 1000).toISOString().slice(0, 19) + fractionOf(moment.nanos) + "Z";
}

const DURATION = /^(-?)(\d{1,16})(?:\.(\d{0,9}))?s$/;
const MAX_DURATION_SECONDS = 315576000000;

/** The span of time that text such as `1.5s` stands for; undefined when it stands for none. */
export function parseDuration(text: string): Moment | undefined {
  const match = DURATION.exec(text);
  if (match === null) {
    return undefined;
  }
  const sign = match[1] === "-" ? -1 : 1;
  const seconds = Number(match[2]);
  return seconds > MAX_DURATION_SECONDS
    ? undefined
    : { seconds: sign * seconds + 0, nanos: sign * nanosOf(match[3] ?? "") + 0 };
}

/** Text such as `1.500s`. */
export function formatDuration(span: Moment): string {
  const sign = span.seconds < 0 || span.nanos < 0 ? "-" : "";
  return `${sign}${Math.abs(span.seconds)}${fractionOf(Math.abs(span.nanos))}s`;
}

/** `google.protobuf.Timestamp` as RFC 3339 in UTC. */
export const timestamp: z.ZodType<string, string> = /* @__PURE__ */ scalar({
  name: "timestamp",
  read: (value) => {
    const moment = typeof value === "string" ? parseTimestamp(value) : undefined;
    return moment === undefined
      ? new Refusal("Invalid timestamp: expected RFC 3339 such as 2006-01-02T15:04:05Z, years 0001 to 9999", "timestamp")
      : formatTimestamp(moment);
  },
  jsonSchema: () => ({ type: "string", format: "date-time" }),
});

/** `google.protobuf.Duration` as seconds, such as `1.500s`. */
export const duration: z.ZodType<string, string> = /* @__PURE__ */ scalar({
  name: "duration",
  read: (value) => {
    const span = typeof value === "string" ? parseDuration(value) : undefined;
    return span === undefined
      ? new Refusal("Invalid duration: expected seconds such as 1.5s, at most 315576000000s", "duration")
      : formatDuration(span);
  },
  jsonSchema: () => ({ type: "string", pattern: "^-?[0-9]+(\\.[0-9]{0,9})?s$" }),
});

/** `google.protobuf.FieldMask` as JSON names joined by commas. */
export const fieldMask: z.ZodType<string, string> = /* @__PURE__ */ scalar({
  name: "field mask",
  read: (value) =>
    isText(value) && !value.includes("_")
      ? value
      : new Refusal("Invalid field mask: expected lowerCamelCase paths joined by commas", "field mask"),
  jsonSchema: () => ({ type: "string", pattern: "^[^_]*$" }),
});

/* Struct, Value, ListValue, NullValue, Any, Empty */

function isObject(value: unknown): value is { [key: string]: unknown } {
  return Object.prototype.toString.call(value) === "[object Object]";
}

function isJson(value: unknown, level: number): value is JsonValue {
  if (level > MAX_DEPTH) {
    return false;
  }
  if (value === null || typeof value === "boolean") {
    return true;
  }
  if (typeof value === "number") {
    return Number.isFinite(value);
  }
  if (typeof value === "string") {
    return isText(value);
  }
  if (Array.isArray(value)) {
    return value.every((item) => isJson(item, level + 1));
  }
  return isObject(value) && Object.entries(value).every(([key, item]) => isText(key) && isJson(item, level + 1));
}

function jsonKind(name: string, expected: string, isRightKind: (value: unknown) => boolean): Scalar {
  const refusal = new Refusal(`Invalid ${name}: expected ${expected}`, name);
  const type = name === "struct" ? "object" : name === "list value" ? "array" : undefined;
  return {
    name,
    keepsNull: name === "value",
    read: (value) => (isRightKind(value) && isJson(value, 0) ? value : refusal),
    jsonSchema: () => (type === undefined ? {} : { type }),
  };
}

/** `google.protobuf.Struct`. */
export const struct: z.ZodType<JsonObject, JsonObject> = /* @__PURE__ */ scalar(
  jsonKind("struct", "a JSON object", isObject),
);
/** `google.protobuf.Value`; `null` is a value of it. */
export const value: z.ZodType<JsonValue, JsonValue> = /* @__PURE__ */ scalar(
  jsonKind("value", "a JSON value", () => true),
);
/** `google.protobuf.ListValue`. */
export const listValue: z.ZodType<JsonValue[], JsonValue[]> = /* @__PURE__ */ scalar(
  jsonKind("list value", "a JSON array", Array.isArray),
);
/** `google.protobuf.NullValue`. */
export const nullValue: z.ZodType<null, null | "NULL_VALUE" | 0> = /* @__PURE__ */ scalar({
  name: "null value",
  zero: null,
  keepsNull: true,
  read: (value) =>
    value === null || value === "NULL_VALUE" || value === 0
      ? null
      : new Refusal("Invalid null value: expected null", "null value"),
  jsonSchema: () => ({ type: "null" }),
});

/** Schemas of messages by full name, for what `google.protobuf.Any` holds. */
const messages: Map<string, Schema> = /* @__PURE__ */ new Map<string, Schema>();

/** The types whose JSON form is no object of fields: `Any` keeps it under `value`. */
const wellKnown: () => ReadonlyMap<string, Schema> = /* @__PURE__ */ once(
  () =>
    new Map<string, Schema>(
      Object.entries({
        Any: any,
        BoolValue: bool,
        BytesValue: bytes,
        DoubleValue: double,
        Duration: duration,
        Empty: empty,
        FieldMask: fieldMask,
        FloatValue: float,
        Int32Value: int32,
        Int64Value: int64,
        ListValue: listValue,
        StringValue: string,
        Struct: struct,
        Timestamp: timestamp,
        UInt32Value: uint32,
        UInt64Value: uint64,
        Value: value,
      }).map(([name, schema]) => [`google.protobuf.${name}`, schema]),
    ),
);

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

interface AnyDef extends z.core.$ZodTypeDef {
  type: "custom";
}

const AnySchema: z.core.$constructor<z.ZodType, AnyDef> = /* @__PURE__ */ z.core.$constructor(
  "ProtoAny",
  (inst: z.ZodType, def: AnyDef) => {
    init(z.ZodType, inst, def);
    inst._zod.parse = (payload, ctx) => {
      const input = payload.value;
      const type = isObject(input) ? input["@type"] : undefined;
      if (!isObject(input) || (type === undefined ? Object.keys(input).length > 0 : !isTypeUrl(type))) {
        const refusal = new Refusal('Invalid any: expected an object whose "@type" is a type URL', "any");
        payload.issues.push(issueOf(refusal, input, inst));
        return payload;
      }
      return isTypeUrl(type) ? readPacked(payload, ctx, input, type, inst) : payload;
    };
    inst._zod.processJSONSchema = (_ctx, json) => {
      Object.assign(json, { type: "object", properties: { "@type": { type: "string" } } });
    };
  },
);

function isTypeUrl(type: unknown): type is string {
  return isText(type) && /\/[^/]+$/.test(type);
}

/** Read what an `Any` holds: by its schema when its module is loaded, else as plain JSON. */
function readPacked(
  payload: z.core.ParsePayload,
  ctx: z.core.ParseContextInternal,
  input: { [key: string]: unknown },
  type: string,
  inst: Schema,
): z.core.util.MaybeAsync<z.core.ParsePayload> {
  const name = type.slice(type.lastIndexOf("/") + 1);
  const { "@type": _type, ...rest } = input;
  const special = wellKnown().get(name);
  const keys = Object.keys(rest);
  const hasOwnForm = special !== undefined && name !== "google.protobuf.Empty";
  const content = hasOwnForm ? rest["value"] : rest;
  const schema = special ?? messages.get(name);
  const finish = (packed: z.core.ParsePayload): z.core.ParsePayload => {
    payload.issues.push(...packed.issues);
    if (packed.issues.length === 0) {
      payload.value = { "@type": type, ...(hasOwnForm ? { value: packed.value } : (packed.value as object)) };
    }
    return payload;
  };
  if (hasOwnForm && (keys.length !== 1 || keys[0] !== "value")) {
    payload.issues.push(issueOf(new Refusal(`Invalid any: expected ${name} under "value"`, "any"), input, inst));
    return payload;
  }
  if (schema === undefined) {
    const refusal = new Refusal("Invalid any: expected JSON", "any");
    return finish({ value: content, issues: isJson(content, 0) ? [] : [issueOf(refusal, input, inst)] });
  }
  const packed = schema._zod.run({ value: content, issues: [] }, ctx);
  return packed instanceof Promise ? packed.then(finish) : finish(packed);
}

/** `google.protobuf.Any`. Content is checked when the module of its type is loaded. */
export const any: z.ZodType<AnyMessage, AnyMessage> = /* @__PURE__ */ (() =>
  new AnySchema({ type: "custom" }) as Schema as z.ZodType<AnyMessage, AnyMessage>)();

/* Enums */

/** The schema of an enum. */
export interface EnumSchema<Output, Input = Output> extends z.ZodType<Output, Input> {
  /** The number of every name. */
  readonly numbers: { readonly [name: string]: number };
}

/**
 * The schema of an enum: names and numbers in, the first name of the number out.
 *
 * It has the type that the declaration it goes into says: inference would only read names which that says already.
 *
 * @param numbers the number of every name, in the order of the contract
 * @param closed whether numbers without a name are refused
 */
export function enumeration(
  numbers: { readonly [name: string]: number },
  closed?: "closed",
): EnumSchema<never, never> {
  const byName = new Map(Object.entries(numbers));
  const byNumber = new Map<number, string>();
  for (const [name, number] of byName) {
    if (!byNumber.has(number)) {
      byNumber.set(number, name);
    }
  }
  const refusal = new Refusal(`Invalid enum value: expected one of ${[...byName.keys()].join(", ")}`, "enum");
  const schema = scalar<never, never>({
    name: "enum",
    zero: byName.keys().next().value,
    read: (value) => {
      const number = typeof value === "number" ? value : typeof value === "string" ? byName.get(value) : undefined;
      if (number === undefined) {
        return refusal;
      }
      return byNumber.get(number) ?? (closed !== "closed" && number === (number | 0) ? number : refusal);
    },
    jsonSchema: (io) =>
      closed === "closed" && io === "output"
        ? { type: "string", enum: [...byNumber.values()] }
        : { anyOf: [{ type: "string", enum: [...byName.keys()] }, { type: "integer" }] },
  });
  return Object.assign(schema, { numbers });
}

/* Fields */

function scalarOf(schema: z.core.SomeType): Scalar | undefined {
  const def = schema._zod.def as Partial<ScalarDef> & { innerType?: Schema };
  return def.scalar ?? (def.innerType === undefined ? undefined : scalarOf(def.innerType));
}

function shared<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new WeakMap<Key, Value>();
  return (key) => {
    const known = made.get(key);
    if (known !== undefined) {
      return known;
    }
    const fresh = make(key);
    made.set(key, fresh);
    return fresh;
  };
}

/** A field with presence: absent when it is not set. */
export const optional: (schema: z.core.SomeType) => Schema = /* @__PURE__ */ shared((schema: z.core.SomeType) =>
  z.optional(schema as Schema),
);

/** A field without presence: its zero value when it is not set. */
export const implicit: (schema: z.core.SomeType) => Schema = /* @__PURE__ */ shared((schema: z.core.SomeType) =>
  z.prefault(schema as Schema, scalarOf(schema)?.zero as never),
);

/** A repeated field: an empty array when it is not set. */
export function repeated(items: z.core.SomeType, ...checks: Check[]): Schema {
  const array = z.array(items as Schema);
  return z.prefault(checks.length > 0 ? array.check(...(checks as z.core.$ZodCheck<unknown[]>[])) : array, () => []);
}

/* Maps */

function keyKind(name: string, read: (key: string) => string | undefined): Scalar {
  const refusal = new Refusal(`Invalid map key: expected ${name}`, name);
  return { name, read: (key) => read(String(key)) ?? refusal, jsonSchema: () => ({ type: "string" }) };
}

function integerKey(name: string, minimum: bigint, maximum: bigint): Scalar {
  return keyKind(name, (key) => {
    const integer = integerOf(key);
    return integer !== undefined && integer >= minimum && integer <= maximum ? String(integer) : undefined;
  });
}

/** Keys of `map<string, _>`. */
export const stringKey: z.ZodType<string, string> = /* @__PURE__ */ scalar(
  keyKind("text of valid Unicode", (key) => (isText(key) ? key : undefined)),
);
/** Keys of `map<bool, _>`. */
export const boolKey: z.ZodType<"true" | "false", string> = /* @__PURE__ */ scalar(
  keyKind('"true" or "false"', (key) => (key === "true" || key === "false" ? key : undefined)),
);
/** Keys of `map<int32, _>` and its kin. */
export const int32Key: z.ZodType<string, string> = /* @__PURE__ */ scalar(
  integerKey("int32", BigInt(-2147483648), BigInt(2147483647)),
);
/** Keys of `map<uint32, _>` and its kin. */
export const uint32Key: z.ZodType<string, string> = /* @__PURE__ */ scalar(
  integerKey("uint32", BigInt(0), BigInt(4294967295)),
);
/** Keys of `map<int64, _>` and its kin. */
export const int64Key: z.ZodType<string, string> = /* @__PURE__ */ scalar(integerKey("int64", INT64_MIN, INT64_MAX));
/** Keys of `map<uint64, _>` and its kin. */
export const uint64Key: z.ZodType<string, string> = /* @__PURE__ */ scalar(integerKey("uint64", BigInt(0), UINT64_MAX));

interface MapDef extends z.core.$ZodTypeDef {
  type: "custom";
  keyType: Schema;
  valueType: Schema;
}

const MapSchema: z.core.$constructor<z.ZodType, MapDef> = /* @__PURE__ */ z.core.$constructor(
  "ProtoMap",
  (inst: z.ZodType, def: MapDef) => {
    init(z.ZodType, inst, def);
    inst._zod.parse = (payload, ctx) => {
      const input = payload.value;
      if (!isObject(input)) {
        payload.issues.push(issueOf(new Refusal("Invalid map: expected an object", "map"), input, inst));
        return payload;
      }
      const output = {};
      payload.value = output;
      const waiting: Promise<void>[] = [];
      for (const name of Object.keys(input)) {
        const read = (key: z.core.ParsePayload, item: z.core.ParsePayload): void => {
          collectIssues(payload, [...key.issues, ...item.issues], name);
          if (key.issues.length === 0) {
            setOwn(output, String(key.value), item.value);
          }
        };
        const key = def.keyType._zod.run({ value: name, issues: [] }, ctx);
        const item = def.valueType._zod.run({ value: input[name], issues: [] }, ctx);
        if (key instanceof Promise || item instanceof Promise) {
          waiting.push(Promise.all([key, item]).then(([k, v]) => read(k, v)));
        } else {
          read(key, item);
        }
      }
      return waiting.length === 0 ? payload : Promise.all(waiting).then(() => payload);
    };
    inst._zod.processJSONSchema = (ctx, json, params) => {
      const path = [...params.path, "additionalProperties"];
      Object.assign(json, {
        type: "object",
        additionalProperties: z.core.process(def.valueType, ctx, { ...params, path }),
        ...(inst._zod.bag["jsonSchema"] as object | undefined),
      });
    };
  },
);

function collectIssues(payload: z.core.ParsePayload, issues: z.core.$ZodRawIssue[], key: string): void {
  for (const issue of issues) {
    (issue as { path?: PropertyKey[] }).path = [key, ...(issue.path ?? [])];
    payload.issues.push(issue);
  }
}

/** Set a property as `JSON.parse` does: "__proto__" is a key like any other. */
function setOwn(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, configurable: true, enumerable: true, writable: true });
}

/** A map field: an empty object when it is not set. */
export function map(keys: z.core.SomeType, values: z.core.SomeType, ...checks: Check[]): Schema {
  const schema = new MapSchema({
    type: "custom",
    keyType: keys as Schema,
    valueType: values as Schema,
    checks: checks as z.core.$ZodCheck<never>[],
  });
  return z.prefault(schema, () => ({}));
}

/* Messages */

/** A rule on a value: what `.check()` takes. */
export type Check = z.core.$ZodCheck<never>;

/** The fields of a message as zod schemas, by JSON name. */
export type MessageShape<Output, Input> = {
  [Key in keyof Output]-?: {} extends Pick<Output, Key>
    ? z.ZodOptional<z.ZodType<Exclude<Output[Key], undefined>, FieldInput<Input, Key>>>
    : z.ZodPrefault<z.ZodType<Output[Key], FieldInput<Input, Key>>>;
};

type FieldInput<Input, Key> = Key extends keyof Input ? Exclude<Input[Key], undefined> : unknown;

/** Which fields `pick` and `omit` mean. */
export type Mask<Shape> = { [Key in keyof Shape]?: true };

type Picked<Shape, Kept> = { [Key in keyof Shape as Key extends Kept ? Key : never]: Shape[Key] };

interface MessageInternals<Output, Input> extends z.core.$ZodTypeInternals<Output, Input> {
  def: z.core.$ZodObjectDef;
}

/**
 * The schema of a message. It is a `ZodObject` at run time; `pick`, `omit`, `extend` and the like give plain objects
 * that read ProtoJSON too and no longer check the rules of the message as a whole.
 */
export interface MessageSchema<Output, Input> extends z.ZodType<Output, Input, MessageInternals<Output, Input>> {
  /** Full name of the message. */
  readonly typeName: string;
  readonly shape: MessageShape<Output, Input>;
  keyof(): z.ZodEnum<{ [Key in keyof Output & string]: Key }>;
  pick<M extends Mask<Output>>(
    mask: M,
  ): z.ZodObject<Picked<MessageShape<Output, Input>, keyof M>, z.core.$strict>;
  omit<M extends Mask<Output>>(
    mask: M,
  ): z.ZodObject<Picked<MessageShape<Output, Input>, Exclude<keyof Output, keyof M>>, z.core.$strict>;
  partial(): z.ZodObject<
    { [Key in keyof Output]-?: z.ZodOptional<MessageShape<Output, Input>[Key]> },
    z.core.$strict
  >;
  extend<Shape extends z.core.$ZodLooseShape>(
    shape: Shape,
  ): z.ZodObject<Omit<MessageShape<Output, Input>, keyof Shape> & Shape, z.core.$strict>;
}

/** What else a message has. */
export interface MessageDetails {
  /** Proto names by JSON name, where the one does not follow from the other as `user_id` from `userId`. */
  readonly names?: { readonly [jsonName: string]: string };
  /** JSON names of the members of each oneof. */
  readonly oneofs?: { readonly [name: string]: readonly string[] };
  /** Whether keys such as `[acme.v1.extension]` may be there. */
  readonly extendable?: boolean;
  /** The author's comment. */
  readonly description?: string;
  /** Rules on the message as a whole. */
  readonly checks?: () => readonly Check[];
}

interface MessageDef extends z.core.$ZodObjectDef {
  message: Names;
}

/** How keys of a document lead to fields. */
interface Names {
  readonly typeName: string;
  readonly jsonNames: () => ReadonlyMap<string, string>;
  /** Fields for which `null` is a value. */
  readonly keepsNull: () => ReadonlySet<string>;
  readonly extendable: boolean;
  /** The field that is named "__proto__", which zod would leave out. */
  readonly protoField: () => z.core.SomeType | undefined;
}

let depth = 0;

const MessageSchemaClass: z.core.$constructor<z.ZodObject, MessageDef> = /* @__PURE__ */ z.core.$constructor(
  "ProtoMessage",
  (inst: z.ZodObject, def: MessageDef) => {
    init(z.ZodObject, inst, def);
    const part = (): z.ZodObject => withoutOwnRules(inst, def);
    inst.pick = (mask: object) => z.core.util.pick(part(), mask as never) as never;
    inst.omit = (mask: object) => z.core.util.omit(part(), mask as never) as never;
    inst.partial = (mask?: object) => z.core.util.partial(z.ZodOptional, part(), mask as never) as never;
    inst.extend = (shape) => z.core.util.safeExtend(inst, shape as never) as never;
    const readFields = inst._zod.parse;
    const names = def.message;
    inst._zod.parse = (payload, ctx) => {
      const input: unknown = payload.value;
      if (!isObject(input)) {
        const message = input === undefined ? "Required" : `Invalid ${names.typeName}: expected an object`;
        payload.issues.push({ code: "invalid_type", expected: "object", message, input, inst });
        return payload;
      }
      const { fields, extras, issue } = renamed(input, names, inst);
      if (issue !== undefined) {
        payload.issues.push(issue);
        return payload;
      }
      payload.value = fields;
      depth += 1;
      try {
        const result = readFields(payload, ctx);
        if (extras === undefined) {
          return result;
        }
        const finish = (read: z.core.ParsePayload): z.core.util.MaybeAsync<z.core.ParsePayload> =>
          withExtras(read, extras, names, ctx);
        return result instanceof Promise ? result.then(finish) : finish(result);
      } finally {
        depth -= 1;
      }
    };
  },
);

/** Rules of a message as a whole, which may speak of fields that a part of it has not. */
const ownRules: WeakSet<object> = /* @__PURE__ */ new WeakSet();

function withoutOwnRules(inst: z.ZodObject, def: MessageDef): z.ZodObject {
  const checks = (def.checks ?? []).filter((rule) => !ownRules.has(rule));
  return inst.clone(z.core.util.mergeDefs(def, { checks }) as never);
}

interface Renamed {
  readonly fields: { [jsonName: string]: unknown };
  /** Extensions and the field named "__proto__". */
  readonly extras?: { [key: string]: unknown } | undefined;
  readonly issue?: z.core.$ZodRawIssue;
}

/** The document with JSON names only and without nulls that mean "not set". */
function renamed(input: { [key: string]: unknown }, names: Names, inst: Schema): Renamed {
  // Without a prototype: a field named "constructor" is not there unless the document has it.
  const fields = Object.create(null) as { [jsonName: string]: unknown };
  if (depth >= MAX_DEPTH) {
    const message = `Nested too deep: expected at most ${MAX_DEPTH} messages in each other`;
    return { fields, issue: { code: "custom", message, input, inst } };
  }
  const jsonNames = names.jsonNames();
  let extras: { [key: string]: unknown } | undefined;
  if (names.protoField() !== undefined) {
    extras = Object.create(null) as { [key: string]: unknown };
    extras["__proto__"] = undefined;
  }
  for (const key of Object.keys(input)) {
    const value = input[key];
    const name = jsonNames.get(key);
    if (name === undefined) {
      if (names.extendable && key.startsWith("[") && key.endsWith("]")) {
        extras ??= {};
        extras[key] = value;
      } else {
        // Whatever it is, the strict object below refuses it (or a schema that extends this one takes it).
        setOwn(fields, key, value);
      }
    } else if (value !== undefined && (value !== null || names.keepsNull().has(name))) {
      if (Object.hasOwn(fields, name)) {
        const message = "Invalid message: the field is given under both of its names";
        return { fields, issue: { code: "custom", message, path: [name], input: value, inst } };
      }
      fields[name] = value;
    }
  }
  if (extras !== undefined && Object.hasOwn(fields, "__proto__") && names.protoField() !== undefined) {
    extras["__proto__"] = fields["__proto__"];
    delete fields["__proto__"];
  }
  return { fields, extras };
}

/** Schemas of extensions by `[full.name]`. */
const extensionSchemas: Map<string, Schema> = /* @__PURE__ */ new Map<string, Schema>();

/** Put extras beside the fields. An extension is checked when its module is loaded, else it is plain JSON. */
function withExtras(
  payload: z.core.ParsePayload,
  extras: { [key: string]: unknown },
  names: Names,
  ctx: z.core.ParseContextInternal,
): z.core.util.MaybeAsync<z.core.ParsePayload> {
  const output = payload.value as object;
  const waiting: Promise<void>[] = [];
  for (const [key, value] of Object.entries(extras)) {
    if (value === null) {
      continue;
    }
    const finish = (read: z.core.ParsePayload): void => {
      collectIssues(payload, read.issues, key);
      if (read.value !== undefined) {
        setOwn(output, key, read.value);
      }
    };
    const schema = key === "__proto__" ? names.protoField() : extensionSchemas.get(key);
    const read = ((schema ?? anyJson) as Schema)._zod.run({ value, issues: [] }, ctx);
    if (read instanceof Promise) {
      waiting.push(read.then(finish));
    } else {
      finish(read);
    }
  }
  return waiting.length === 0 ? payload : Promise.all(waiting).then(() => payload);
}

const anyJson: z.ZodType<JsonValue, JsonValue> = value;

/** The schema of an extension field. */
export interface Extension<Output, Input> extends z.ZodType<Output, Input> {}

/** The schema of an extension, which from now on checks `[full.name]` in every message. */
export function extension<Output, Input>(fullName: string, schema: z.core.SomeType): Extension<Output, Input> {
  extensionSchemas.set(`[${fullName}]`, schema as Schema);
  return schema as Schema as Extension<Output, Input>;
}

/**
 * The schema of a message.
 *
 * @param typeName full name of the message
 * @param fields its fields by JSON name; called when the schema is used for the first time
 */
export function message<Output, Input>(
  typeName: string,
  fields: () => Fields,
  details: MessageDetails = {},
): MessageSchema<Output, Input> {
  const all = once(fields);
  const protoField = once(() => Object.getOwnPropertyDescriptor(all(), "__proto__")?.value as Schema | undefined);
  const shape = once(() => {
    const { ["__proto__"]: _protoField, ...others } = all();
    return others;
  });
  const names: Names = {
    typeName,
    extendable: details.extendable === true,
    protoField,
    jsonNames: once(() => {
      const given = new Map(Object.entries(details.names ?? {}));
      const jsonNames = Object.keys(all());
      const protoNames = jsonNames.map((name): [string, string] => [given.get(name) ?? usualProtoName(name), name]);
      // A JSON name beats a proto name of another field.
      return new Map([...protoNames, ...jsonNames.map((name): [string, string] => [name, name])]);
    }),
    keepsNull: once(
      () => new Set(Object.entries(shape()).flatMap(([name, field]) => (scalarOf(field)?.keepsNull ? [name] : []))),
    ),
  };
  const checks = [...Object.entries(details.oneofs ?? {}).map(exclusive), ...lazyChecks(details.checks)];
  checks.forEach((rule) => ownRules.add(rule));
  const schema = new MessageSchemaClass({
    type: "object",
    get shape() {
      return shape() as never;
    },
    catchall: z.never(),
    message: names,
    checks: checks as z.core.$ZodCheck<never>[],
  });
  messages.set(typeName, schema);
  if (details.description !== undefined) {
    z.globalRegistry.add(schema, { description: details.description });
  }
  return Object.assign(schema, { typeName }) as Schema as MessageSchema<Output, Input>;
}

function usualProtoName(jsonName: string): string {
  return jsonName.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function lazyChecks(checks: MessageDetails["checks"]): Check[] {
  if (checks === undefined) {
    return [];
  }
  const made = once(checks);
  return [check((payload) => made().forEach((rule) => rule._zod.check(payload as never)))];
}

/**
 * A check from a function that pushes issues.
 *
 * @param keywords what the rule adds to the JSON Schema of its field
 */
export function check(
  test: (payload: z.core.ParsePayload) => void,
  keywords?: { readonly [keyword: string]: JsonValue },
): Check {
  const describe = (schema: Schema): void => {
    schema._zod.bag["jsonSchema"] = { ...(schema._zod.bag["jsonSchema"] as object | undefined), ...keywords };
  };
  const onattach = keywords === undefined ? [] : [describe];
  return { _zod: { check: test as never, def: { check: "custom" }, onattach } };
}

/** A field with its comment. */
export function described(schema: z.core.SomeType, description: string): Schema {
  return (schema as z.ZodType).describe(description);
}

/** A value with rules. */
export function checked(schema: z.core.SomeType, ...rules: Check[]): Schema {
  return (schema as z.ZodType).check(...(rules as z.core.$ZodCheck<unknown>[]));
}

/** At most one member of a oneof. */
function exclusive([oneof, members]: [string, readonly string[]]): Check {
  return check((payload) => {
    const output = payload.value as object;
    const given = members.filter((name) => Object.hasOwn(output, name));
    if (given.length > 1) {
      const message = `Only one of ${members.join(", ")} may be set, got ${given.join(" and ")}`;
      payload.issues.push({ code: "custom", message, input: output, params: { oneof }, continue: true });
    }
  });
}

/** `google.protobuf.Empty`. */
export const empty: MessageSchema<EmptyMessage, EmptyMessage> = /* @__PURE__ */ message("google.protobuf.Empty", () => ({}));
