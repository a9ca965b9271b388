/**
 * CEL for generated schemas: reads ProtoJSON values, and one function for each thing that JavaScript does otherwise.
 *
 * Inside an expression an `int` or `uint` is a bigint, a timestamp or duration is a bigint of nanoseconds, bytes are a
 * string with one character a byte, a list is an array, a map is a Map, a message is its JSON object or undefined.
 * A failed evaluation throws CelError; the rule counts as broken then.
 *
 * @module
 */

/** An expression has no value: overflow, division by zero, a missing key, text that does not convert. */
export class CelError extends Error {
  override readonly name = "CelError";
}

const big = (text: string): bigint => BigInt(text);

const ZERO = big("0");
const ONE = big("1");
const MINUS_ONE = big("-1");
const THOUSAND = big("1000");
const MILLION = big("1000000");
const SECOND = big("1000000000");
const MINUTE = SECOND * big("60");
const HOUR = MINUTE * big("60");
const DAY = HOUR * big("24");
const INT_MIN = big("-9223372036854775808");
const INT_MAX = big("9223372036854775807");
const UINT_MAX = big("18446744073709551615");
/** 0001-01-01T00:00:00Z. */
const TIMESTAMP_MIN = big("-62135596800") * SECOND;
/** 9999-12-31T23:59:59.999999999Z. */
const TIMESTAMP_MAX = big("253402300800") * SECOND - ONE;
/** What google.protobuf.Duration can hold. */
const DURATION_MAX = big("315576000001") * SECOND - ONE;

// --- a rule as a whole

/** Undefined when the rule holds, otherwise what to tell the user. */
export function verdict(rule: () => boolean | string, message: string): string | undefined {
  try {
    const result = rule();
    if (result === true || result === "") return undefined;
    return message || (typeof result === "string" ? result : "");
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    return message ? `${message}: ${error.message}` : error.message;
  }
}

/** The present, in nanoseconds since 1970. */
export function now(): bigint {
  return BigInt(Date.now()) * MILLION;
}

// --- reading ProtoJSON

/** The JSON value of a field under either of its names; undefined when it is absent or null. */
export function get(message: unknown, jsonName: string, protoName: string): unknown {
  if (typeof message !== "object" || message === null) return undefined;
  const fields = message as { readonly [name: string]: unknown };
  const name = Object.prototype.hasOwnProperty.call(fields, jsonName) ? jsonName : protoName;
  return Object.prototype.hasOwnProperty.call(fields, name) ? (fields[name] ?? undefined) : undefined;
}

/** Whether a field is there. */
export function has(message: unknown, jsonName: string, protoName: string): boolean {
  return get(message, jsonName, protoName) !== undefined;
}

/** An integer of any width. */
export function int(value: unknown, unset: bigint = ZERO): bigint {
  if (value === undefined || value === null) return unset;
  if (typeof value === "bigint") return value;
  const text = String(value);
  return /^[+-]?[0-9]+$/.test(text) ? BigInt(text.replace("+", "")) : decimalInt(text);
}

/** `1.0`, `12e3`, `1200e-2`: the other ways to write an integer in JSON. */
function decimalInt(text: string): bigint {
  const found = /^([+-]?)([0-9]*)\.?([0-9]*)(?:[eE]([+-]?[0-9]+))?$/.exec(text);
  if (found === null) throw new CelError(`${text} is no integer`);
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = found;
  const shift = Number(exponent) - fraction.length;
  const digits = BigInt(whole + fraction || "0");
  const size = shift < 0 ? digits / power(-shift) : digits * power(shift);
  return sign === "-" ? -size : size;
}

function power(exponent: number): bigint {
  return BigInt("1" + "0".repeat(Math.min(exponent, 400)));
}

/** A double. */
export function double(value: unknown, unset = 0): number {
  return value === undefined || value === null ? unset : Number(value);
}

/** A float, rounded to the 32 bits it has in Protobuf. */
export function float(value: unknown, unset = 0): number {
  return Math.fround(double(value, unset));
}

/** A text. */
export function string(value: unknown, unset = ""): string {
  return value === undefined || value === null ? unset : String(value);
}

/** A bool. */
export function bool(value: unknown, unset = false): boolean {
  return value === undefined || value === null ? unset : value === true || value === "true";
}

/** The number of an enum value that is given by name or number. */
export function enumNumber(value: unknown, numbers: { readonly [name: string]: number }, unset: bigint = ZERO): bigint {
  if (typeof value === "string" && Object.prototype.hasOwnProperty.call(numbers, value)) {
    return BigInt(numbers[value] ?? 0);
  }
  return int(value, unset);
}

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Bytes from base64 of either alphabet, or from a Uint8Array. */
export function bytes(value: unknown, unset = ""): string {
  if (value === undefined || value === null) return unset;
  if (value instanceof Uint8Array) return Array.from(value, (byte) => String.fromCharCode(byte)).join("");
  let result = "";
  let bits = 0;
  let count = 0;
  for (const char of String(value).replace(/=+$/, "").replace(/-/g, "+").replace(/_/g, "/")) {
    bits = (bits << 6) | BASE64.indexOf(char);
    count += 6;
    if (count >= 8) {
      count -= 8;
      result += String.fromCharCode((bits >> count) & 255);
    }
    bits &= (1 << count) - 1;
  }
  return result;
}

/** A timestamp from RFC 3339, in nanoseconds; the epoch when absent. */
export function timestamp(value: unknown): bigint {
  return value === undefined || value === null ? ZERO : timestampOfString(String(value));
}

/** A duration from `1.5s`, in nanoseconds. */
export function duration(value: unknown): bigint {
  return value === undefined || value === null ? ZERO : durationOfString(String(value));
}

/** A wrapper such as google.protobuf.Int64Value: null when absent. */
export function optional<T>(value: unknown, read: (value: unknown) => T): T | null {
  return value === undefined || value === null ? null : read(value);
}

/** A message as it is. */
export function message(value: unknown): unknown {
  return value;
}

/** A repeated field. */
export function list<T>(value: unknown, read: (value: unknown) => T): T[] {
  return Array.isArray(value) ? value.map((item: unknown) => read(item)) : [];
}

/** A map field. */
export function map<K, V>(value: unknown, readKey: (key: unknown) => K, read: (value: unknown) => V): Map<K, V> {
  const found = new Map<K, V>();
  if (typeof value === "object" && value !== null) {
    for (const [name, item] of Object.entries(value)) found.set(readKey(name), read(item));
  }
  return found;
}

/** Whether a double without presence counts as set: protobuf writes -0. */
export function nonzero(value: number): boolean {
  return !Object.is(value, 0);
}

/** What a wrapper holds. */
export function some<T>(value: T | null): T {
  if (value === null) throw new CelError("null where a value is needed");
  return value;
}

// --- logic: an error on one side yields to a decisive other side

function decisive(side: () => boolean, value: boolean): boolean {
  try {
    return side() === value;
  } catch (error) {
    if (error instanceof CelError) return false;
    throw error;
  }
}

/** `left && right`. */
export function both(left: () => boolean, right: () => boolean): boolean {
  try {
    return left() && right();
  } catch (error) {
    if (error instanceof CelError && decisive(right, false)) return false;
    throw error;
  }
}

/** `left || right`. */
export function either(left: () => boolean, right: () => boolean): boolean {
  try {
    return left() || right();
  } catch (error) {
    if (error instanceof CelError && decisive(right, true)) return true;
    throw error;
  }
}

/** `items.all(x, holds)`. */
export function allOf<T>(items: readonly T[], holds: (item: T) => boolean): boolean {
  return !exists(items, (item) => !holds(item));
}

/** `items.exists(x, holds)`. */
export function exists<T>(items: readonly T[], holds: (item: T) => boolean): boolean {
  let failure: CelError | undefined;
  for (const item of items) {
    try {
      if (holds(item)) return true;
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      failure = error;
    }
  }
  if (failure !== undefined) throw failure;
  return false;
}

/** Whether one item holds, no more. */
export function exactlyOne<T>(items: readonly T[], holds: (item: T) => boolean): boolean {
  return items.filter(holds).length === 1;
}

// --- equality and containers

/** Deep equality; numbers compare by value whatever their types. */
export function equal(left: unknown, right: unknown): boolean {
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item: unknown, index) => equal(item, right[index]));
  }
  if (left instanceof Map && right instanceof Map) {
    if (left.size !== right.size) return false;
    return Array.from(left).every(([name, item]) => right.has(name) && equal(item, right.get(name)));
  }
  const numeric = isNumber(left) && isNumber(right);
  // The loose operator is the one that compares a bigint with a number.
  return numeric ? (left as unknown) == (right as unknown) : left === right;
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

/** `item in items`. */
export function inList(item: unknown, items: readonly unknown[]): boolean {
  return items.some((other) => equal(item, other));
}

/** `items[index]`. */
export function at<T>(items: readonly T[], index: bigint): T {
  if (index < ZERO || index >= BigInt(items.length)) {
    throw new CelError(`no item ${index} in a list of ${items.length}`);
  }
  return items[Number(index)] as T;
}

/** `items[wanted]`. */
export function key<K, V>(items: ReadonlyMap<K, V>, wanted: K): V {
  if (!items.has(wanted)) throw new CelError(`no key ${String(wanted)} in the map`);
  return items.get(wanted) as V;
}

/** The keys of a map. */
export function keys<K>(items: ReadonlyMap<K, unknown>): K[] {
  return Array.from(items.keys());
}

/** A map written out. */
export function mapOf<K, V>(...entries: [K, V][]): Map<K, V> {
  const found = new Map(entries);
  if (found.size !== entries.length) throw new CelError("a key stands twice in the map");
  return found;
}

/** Whether no scalar stands twice; NaN equals nothing. */
export function unique(items: readonly unknown[]): boolean {
  const comparable = items.filter((item) => !Number.isNaN(item)).map((item) => (item === 0 ? 0 : item));
  return new Set(comparable).size === comparable.length;
}

// --- numbers

/** The value, if it fits 64 bits. */
export function signed(value: bigint): bigint {
  if (value < INT_MIN || value > INT_MAX) throw new CelError("integer overflow");
  return value;
}

/** The value, if it fits 64 bits without a sign. */
export function unsigned(value: bigint): bigint {
  if (value < ZERO || value > UINT_MAX) throw new CelError("unsigned integer overflow");
  return value;
}

/** `left / right`, cut towards zero. */
export function divide(left: bigint, right: bigint): bigint {
  if (right === ZERO) throw new CelError("division by zero");
  if (left === INT_MIN && right === MINUS_ONE) throw new CelError("integer overflow");
  return left / right;
}

/** `left % right`, with the sign of `left`. */
export function modulo(left: bigint, right: bigint): bigint {
  if (right === ZERO) throw new CelError("modulus by zero");
  if (left === INT_MIN && right === MINUS_ONE) throw new CelError("integer overflow");
  return left % right;
}

/** `int(value)`, cut towards zero; the ends of the range are out, as in the reference implementations. */
export function intOfDouble(value: number): bigint {
  if (value > -(2 ** 63) && value < 2 ** 63) return BigInt(Math.trunc(value));
  throw new CelError("double does not fit int");
}

/** `uint(value)`, cut towards zero. */
export function uintOfDouble(value: number): bigint {
  if (value >= 0 && value < 2 ** 64) return BigInt(Math.trunc(value));
  throw new CelError("double does not fit uint");
}

/** `int(text)`. */
export function intOfString(text: string): bigint {
  if (!/^[+-]?[0-9]+$/.test(text)) throw new CelError("text is no int");
  return signed(int(text));
}

/** `uint(text)`. */
export function uintOfString(text: string): bigint {
  if (!/^\+?[0-9]+$/.test(text)) throw new CelError("text is no uint");
  return unsigned(int(text));
}

/** `double(text)`. */
export function doubleOfString(text: string): number {
  if (!/^[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|inf|infinity|nan)$/i.test(text)) {
    throw new CelError("text is no double");
  }
  const word = text.replace(/^[+-]/, "").toLowerCase();
  const sign = text.startsWith("-") ? -1 : 1;
  if (word === "nan") return NaN;
  return sign * (word.startsWith("inf") ? Infinity : Number(word));
}

/** `bool(text)`. */
export function boolOfString(text: string): boolean {
  if (["1", "t", "true", "TRUE", "True"].includes(text)) return true;
  if (["0", "f", "false", "FALSE", "False"].includes(text)) return false;
  throw new CelError("text is no bool");
}

/** Whether a double is infinite, on the side of `sign` if that is not 0. */
export function isInf(value: number, sign: bigint = ZERO): boolean {
  return Math.abs(value) === Infinity && (sign === ZERO || value > 0 === sign > ZERO);
}

// --- text, counted in code points

/** The sign of the difference of two texts in the order of their code points, which is not that of UTF-16. */
export function compare(left: string, right: string): number {
  const one = Array.from(left);
  const other = Array.from(right);
  for (let index = 0; index < Math.min(one.length, other.length); index += 1) {
    const difference = codePoint(one[index]) - codePoint(other[index]);
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}

function codePoint(char: string | undefined): number {
  return char?.codePointAt(0) ?? -1;
}

/** The number of code points. */
export function size(text: string): bigint {
  return BigInt(Array.from(text).length);
}

/** The character at `index`, empty at the very end. */
export function charAt(text: string, index: bigint): string {
  const length = size(text);
  return substring(text, index, index < length ? index + ONE : length);
}

/** The characters from `start` up to `end`. */
export function substring(text: string, start: bigint, end?: bigint): string {
  const chars = Array.from(text);
  const stop = end ?? BigInt(chars.length);
  if (start < ZERO || start > stop || stop > BigInt(chars.length)) {
    throw new CelError(`no substring ${start} to ${stop} in ${chars.length} characters`);
  }
  return chars.slice(Number(start), Number(stop)).join("");
}

/** Where `wanted` first stands at or after `start`, -1 when nowhere. */
export function indexOf(text: string, wanted: string, start: bigint = ZERO): bigint {
  const found = text.indexOf(wanted, substring(text, ZERO, start).length);
  return found < 0 ? MINUS_ONE : size(text.slice(0, found));
}

/** Where `wanted` last starts at or before `start`, -1 when nowhere. */
export function lastIndexOf(text: string, wanted: string, start?: bigint): bigint {
  const limit = start === undefined ? text.length : substring(text, ZERO, start).length;
  const found = text.lastIndexOf(wanted, limit);
  return found < 0 ? MINUS_ONE : size(text.slice(0, found));
}

/** A-Z lowered, nothing else. */
export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]/g, (char) => char.toLowerCase());
}

/** a-z raised, nothing else. */
export function upperAscii(text: string): string {
  return text.replace(/[a-z]/g, (char) => char.toUpperCase());
}

/** Without white space at the ends: Unicode's White_Space, which `trim` departs from. */
export function trim(text: string): string {
  const space = "[\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
  return text.replace(new RegExp(`^${space}`), "").replace(new RegExp(`${space}$`), "");
}

/** The characters in reverse order. */
export function reverse(text: string): string {
  return Array.from(text).reverse().join("");
}

/** The first `count` of `old` replaced, all of them when `count` is negative. */
export function replace(text: string, old: string, replacement: string, count: bigint = MINUS_ONE): string {
  const pieces = old === "" ? ["", ...Array.from(text), ""] : text.split(old);
  const most = count < ZERO ? pieces.length - 1 : Math.min(pieces.length - 1, Number(count));
  const replaced = pieces.slice(0, most + 1).join(replacement);
  return [replaced, ...pieces.slice(most + 1)].join(old);
}

/** Cut at `separator` into at most `count` pieces, any number when `count` is negative. */
export function split(text: string, separator: string, count: bigint = MINUS_ONE): string[] {
  if (count === ZERO) return [];
  const pieces = separator === "" ? Array.from(text) : text.split(separator);
  if (pieces.length === 0) return [""];
  const most = count < ZERO ? pieces.length : Math.min(pieces.length, Number(count));
  return [...pieces.slice(0, most - 1), pieces.slice(most - 1).join(separator)];
}

/** `string(data)`: UTF-8 decoded. */
export function stringOfBytes(data: string): string {
  const text = decodeUtf8(data);
  if (text === undefined) throw new CelError("bytes are not UTF-8");
  return text;
}

function decodeUtf8(data: string): string | undefined {
  const escaped = data.replace(/[^]/g, (char) => `%${char.charCodeAt(0).toString(16).padStart(2, "0")}`);
  try {
    return decodeURIComponent(escaped);
  } catch {
    return undefined;
  }
}

/** `bytes(text)`: encoded in UTF-8. */
export function bytesOfString(text: string): string {
  return encodeURIComponent(text).replace(/%([0-9A-F]{2})/g, (_, code: string) =>
    String.fromCharCode(parseInt(code, 16)),
  );
}

const compiled = new Map<string, RegExp>();

/** Whether a pattern, translated to ECMAScript, matches somewhere. */
export function matches(text: string, pattern: string): boolean {
  let expression = compiled.get(pattern);
  if (expression === undefined) {
    expression = new RegExp(pattern, "u");
    compiled.set(pattern, expression);
  }
  return expression.test(text);
}

// --- timestamps and durations

/** A timestamp that many nanoseconds off. */
export function addTimestamp(left: bigint, right: bigint): bigint {
  const sum = left + right;
  if (sum < TIMESTAMP_MIN || sum > TIMESTAMP_MAX) throw new CelError("timestamp overflow");
  return sum;
}

/** The sum of two durations, which CEL keeps in 64 bits of nanoseconds. */
export function addDuration(left: bigint, right: bigint): bigint {
  return signed(left + right);
}

/** `timestamp(seconds)`. */
export function timestampOfInt(seconds: bigint): bigint {
  return addTimestamp(seconds * SECOND, ZERO);
}

/** `int(value)`: whole seconds, rounded down. */
export function secondsOf(value: bigint): bigint {
  return floorDivide(value, SECOND);
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < ZERO ? quotient - ONE : quotient;
}

const TIMESTAMP =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?(?:Z|([+-])([0-9]{2}):([0-9]{2}))$/;

/** `timestamp(text)` for RFC 3339. */
export function timestampOfString(text: string): bigint {
  const found = TIMESTAMP.exec(text);
  if (found === null) throw new CelError("text is no RFC 3339 timestamp");
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1, 7).map(Number);
  const days = daysFromCivil(year, month, day);
  const [, checkedMonth, checkedDay] = civilFromDays(days);
  if (checkedMonth !== month || checkedDay !== day || hour > 23 || minute > 59 || second > 59) {
    throw new CelError("text is no RFC 3339 timestamp");
  }
  const shift = (Number(found[9] ?? 0) * 60 + Number(found[10] ?? 0)) * (found[8] === "-" ? -60 : 60);
  const seconds = ((days * 24 + hour) * 60 + minute) * 60 + second - shift;
  return addTimestamp(BigInt(seconds) * SECOND, BigInt((found[7] ?? "").padEnd(9, "0")));
}

/** Days since 1970 of a day in the Gregorian calendar; years start in March here, so that leap days come last. */
function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month > 2 ? year : year - 1;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146097 + dayOfEra - 719468;
}

function civilFromDays(days: number): [year: number, month: number, day: number] {
  const shifted = days + 719468;
  const era = Math.floor(shifted / 146097);
  const dayOfEra = shifted - era * 146097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = ((monthFromMarch + 2) % 12) + 1;
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day];
}

const UNITS: { readonly [unit: string]: bigint } = {
  h: HOUR,
  m: MINUTE,
  s: SECOND,
  ms: MILLION,
  us: THOUSAND,
  ns: ONE,
};

/** `duration(text)` for `1h30m`, `1.5s` and the like. */
export function durationOfString(text: string): bigint {
  const found = /^([+-]?)((?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:h|ms|m|s|us|ns))+|0)$/.exec(text);
  if (found === null) throw new CelError("text is no duration");
  const part = /([0-9]*)\.?([0-9]*)(h|ms|m|s|us|ns)/g;
  let total = ZERO;
  for (let piece = part.exec(found[2] ?? ""); piece !== null; piece = part.exec(found[2] ?? "")) {
    const [, whole = "", fraction = "", unit = ""] = piece;
    const scale = UNITS[unit] ?? ONE;
    total += BigInt(whole || "0") * scale + (BigInt(fraction || "0") * scale) / power(fraction.length);
  }
  if (total > DURATION_MAX) throw new CelError("duration overflow");
  return found[1] === "-" ? -total : total;
}

/** `string(value)` of a timestamp, in UTC, with as many groups of three decimals as it takes. */
export function stringOfTimestamp(value: bigint): string {
  return `${dateAndTime(value)}${decimals(value - floorDivide(value, SECOND) * SECOND)}Z`;
}

/** `string(value)` of a duration, in seconds. */
export function stringOfDuration(value: bigint): string {
  const length = value < ZERO ? -value : value;
  return `${value < ZERO ? "-" : ""}${length / SECOND}${decimals(length % SECOND)}s`;
}

function dateAndTime(value: bigint): string {
  const [year, month, day] = civilFromDays(Number(floorDivide(value, DAY)));
  const seconds = Number(floorDivide(value - floorDivide(value, DAY) * DAY, SECOND));
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const pad = (part: number, width: number): string => String(part).padStart(width, "0");
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${clock.map((part) => pad(part, 2)).join(":")}`;
}

function decimals(rest: bigint): string {
  if (rest === ZERO) return "";
  return `.${String(rest).padStart(9, "0").replace(/(?:000){1,2}$/, "")}`;
}

/** A timestamp moved so that its UTC fields are the local ones of a zone. */
function local(value: bigint, zone: string): bigint {
  if (zone === "UTC" || zone === "") return value;
  const found = /^([+-]?)([0-9]{1,2}):([0-9]{2})$/.exec(zone);
  if (found === null) return value + zoneOffset(value, zone);
  const shift = BigInt(Number(found[2]) * 60 + Number(found[3])) * MINUTE;
  return found[1] === "-" ? value - shift : value + shift;
}

function zoneOffset(value: bigint, zone: string): bigint {
  const at = new Date(Number(floorDivide(value, SECOND)) * 1000);
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      era: "short",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    throw new CelError(`no time zone '${zone}'`);
  }
  const shown: { [type: string]: string } = {};
  for (const { type, value: text } of format.formatToParts(at)) shown[type] = text;
  const part = (type: string): number => Number(shown[type] ?? 0);
  const year = (shown["era"] ?? "").startsWith("B") ? 1 - part("year") : part("year");
  const days = daysFromCivil(year, part("month"), part("day"));
  const seconds = ((days * 24 + part("hour")) * 60 + part("minute")) * 60 + part("second");
  return BigInt(seconds) * SECOND - floorDivide(value, SECOND) * SECOND;
}

function civil(value: bigint, zone: string): [year: number, month: number, day: number] {
  return civilFromDays(Number(floorDivide(local(value, zone), DAY)));
}

function clock(value: bigint, zone: string, unit: bigint, limit: bigint): bigint {
  const count = floorDivide(local(value, zone), unit);
  return count - floorDivide(count, limit) * limit;
}

/** `value.getFullYear(zone)`. */
export function getFullYear(value: bigint, zone = "UTC"): bigint {
  return BigInt(civil(value, zone)[0]);
}

/** `value.getMonth(zone)`, January is 0. */
export function getMonth(value: bigint, zone = "UTC"): bigint {
  return BigInt(civil(value, zone)[1] - 1);
}

/** `value.getDate(zone)`, the day of the month from 1. */
export function getDate(value: bigint, zone = "UTC"): bigint {
  return BigInt(civil(value, zone)[2]);
}

/** `value.getDayOfMonth(zone)`, from 0. */
export function getDayOfMonth(value: bigint, zone = "UTC"): bigint {
  return getDate(value, zone) - ONE;
}

/** `value.getDayOfYear(zone)`, from 0. */
export function getDayOfYear(value: bigint, zone = "UTC"): bigint {
  const [year, month, day] = civil(value, zone);
  return BigInt(daysFromCivil(year, month, day) - daysFromCivil(year, 1, 1));
}

/** `value.getDayOfWeek(zone)`, Sunday is 0. */
export function getDayOfWeek(value: bigint, zone = "UTC"): bigint {
  const days = Number(floorDivide(local(value, zone), DAY));
  return BigInt((((days + 4) % 7) + 7) % 7);
}

/** `value.getHours(zone)`. */
export function getHours(value: bigint, zone = "UTC"): bigint {
  return clock(value, zone, HOUR, big("24"));
}

/** `value.getMinutes(zone)`. */
export function getMinutes(value: bigint, zone = "UTC"): bigint {
  return clock(value, zone, MINUTE, big("60"));
}

/** `value.getSeconds(zone)`. */
export function getSeconds(value: bigint, zone = "UTC"): bigint {
  return clock(value, zone, SECOND, big("60"));
}

/** `value.getMilliseconds(zone)`, of the second. */
export function getMilliseconds(value: bigint, zone = "UTC"): bigint {
  return clock(value, zone, MILLION, THOUSAND);
}

// --- format

/** `%s` of anything but text. */
export function show(value: unknown, kind: string): string {
  const [, outer = kind, inner = ""] = /^(\w+)\((.*)\)$/.exec(kind) ?? [];
  if (Array.isArray(value)) return `[${value.map((item: unknown) => show(item, inner)).join(", ")}]`;
  if (value instanceof Map) {
    const cut = inner.indexOf(", ");
    const [keyKind, valueKind] = [inner.slice(0, cut), inner.slice(cut + 2)];
    const pairs = Array.from(value, ([name, item]) => [show(name, keyKind), show(item, valueKind)] as const);
    pairs.sort(([one], [other]) => compare(one, other));
    return `{${pairs.map((pair) => pair.join(": ")).join(", ")}}`;
  }
  if (value === null) return "null";
  if (typeof value === "bigint") return showBigint(value, outer === "wrapper" ? inner : outer);
  if (typeof value === "number") return showNumber(value, general);
  return (outer === "wrapper" ? inner : outer) === "bytes" ? showBytes(String(value)) : String(value);
}

function showBytes(data: string): string {
  return decodeUtf8(data) ?? data.replace(/[\x80-\xff]/g, "\ufffd");
}

function showBigint(value: bigint, kind: string): string {
  if (kind === "duration") return stringOfDuration(value);
  if (kind !== "timestamp") return String(value);
  const rest = value - floorDivide(value, SECOND) * SECOND;
  const digits = rest === ZERO ? "" : `.${String(rest).padStart(9, "0").replace(/0+$/, "")}`;
  return `${dateAndTime(value)}${digits}Z`;
}

function showNumber(value: number, text: (value: number) => string): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  return Object.is(value, -0) || value < 0 ? `-${text(-value)}` : text(value);
}

/** C's `%g`. */
function general(value: number): string {
  const [, digits = "0", exponent = "0"] = /^([0-9.]+)e([+-][0-9]+)$/.exec(value.toExponential(5)) ?? [];
  const power = Number(exponent);
  if (power < -4 || power >= 6) return `${shorten(digits)}e${twoDigits(exponent)}`;
  return shorten(value.toFixed(5 - power));
}

function shorten(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function twoDigits(exponent: string): string {
  return exponent.replace(/^([+-])([0-9])$/, "$10$2");
}

/** `%f`: exact to the last digit, which `toFixed` is not beyond 10^21. */
export function fixed(value: number, precision = 6): string {
  return showNumber(value, (size) => {
    const [whole, scale] = fraction(size);
    const digits = String(rounded(whole * power(precision), scale)).padStart(precision + 1, "0");
    const point = digits.length - precision;
    return precision === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
  });
}

/** `%e`. */
export function exponent(value: number, precision = 6): string {
  return showNumber(value, (size) => {
    const [, digits = "0", shift = "+0"] = /^([0-9.]+)e([+-][0-9]+)$/.exec(halfEven(size, precision)) ?? [];
    return `${digits}e${twoDigits(shift)}`;
  });
}

/** `toExponential` rounds exact halves up, C rounds them to even. */
function halfEven(value: number, precision: number): string {
  if (value === 0) return value.toExponential(precision);
  const plain = value.toExponential(precision);
  const shift = precision - Number(plain.slice(plain.indexOf("e") + 1));
  const [whole, scale] = fraction(value);
  const digits = shift < 0 ? rounded(whole, scale * power(-shift)) : rounded(whole * power(shift), scale);
  const text = String(digits);
  if (text.length !== precision + 1) return plain;
  return `${text[0] ?? ""}${precision ? `.${text.slice(1)}` : ""}${plain.slice(plain.indexOf("e"))}`;
}

/** A finite double as an exact fraction. */
function fraction(value: number): [numerator: bigint, denominator: bigint] {
  let scale = ONE;
  let size = value;
  while (!Number.isInteger(size)) {
    size *= 2;
    scale *= big("2");
  }
  return [BigInt(size), scale];
}

function rounded(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  const twice = (numerator % denominator) * big("2");
  const up = twice > denominator || (twice === denominator && quotient % big("2") === ONE);
  return up ? quotient + ONE : quotient;
}

/** `%d`, `%o`, `%b`, and `%x` of a number. */
export function decimal(value: bigint | boolean, base = 10): string {
  return BigInt(value).toString(base);
}

/** `%x` of bytes. */
export function hexadecimal(data: string): string {
  return Array.from(data, (byte) => byte.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}

// --- formats of protovalidate

const LABEL = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/;
const EMAIL =
  /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;
const NATURAL = /^(?:0|[1-9][0-9]{0,4})$/;

/** Whether the text is an address as the HTML standard has it. */
export function isEmail(text: string): boolean {
  return EMAIL.test(text);
}

/** Whether the text is a host name by RFC 1034 whose last label is no number. */
export function isHostname(text: string): boolean {
  if (text.length > 253) return false;
  const labels = text.replace(/\.$/, "").split(".");
  return labels.every((label) => LABEL.test(label)) && !/^[0-9]+$/.test(labels[labels.length - 1] ?? "");
}

/** Whether the text is an IP address of version 4 or 6, of any when that is 0. */
export function isIp(text: string, version: bigint = ZERO): boolean {
  const wanted = Number(version);
  if ((wanted === 0 || wanted === 4) && ipv4(text) !== undefined) return true;
  return (wanted === 0 || wanted === 6) && ipv6WithZone(text) !== undefined;
}

/** Whether the text is `address/length`; strict ones have only zeros after the prefix. */
export function isIpPrefix(text: string, version: bigint = ZERO, strict = false): boolean {
  const cut = text.lastIndexOf("/");
  if (cut < 0) return false;
  const [address, length, wanted] = [text.slice(0, cut), text.slice(cut + 1), Number(version)];
  const four = wanted === 0 || wanted === 4 ? ipv4(address) : undefined;
  const six = wanted === 0 || wanted === 6 ? ipv6(address) : undefined;
  const [number, bits] = four !== undefined ? [four, 32] : [six, 128];
  if (number === undefined || !NATURAL.test(length) || Number(length) > bits) return false;
  const host = BigInt(bits - Number(length));
  return !strict || ((number >> host) << host) === number;
}

/** Whether the text is a host name or IP address (IPv6 in brackets) with `:port` or, if not required, without. */
export function isHostAndPort(text: string, portRequired: boolean): boolean {
  if (text.startsWith("[")) {
    const end = text.lastIndexOf("]");
    if (end < 0 || !isIp(text.slice(1, end), big("6"))) return false;
    const rest = text.slice(end + 1);
    return rest.startsWith(":") ? isPort(rest.slice(1)) : rest === "" && !portRequired;
  }
  const cut = text.lastIndexOf(":");
  const host = cut < 0 ? text : text.slice(0, cut);
  if (!isHostname(host) && ipv4(host) === undefined) return false;
  return cut < 0 ? !portRequired : isPort(text.slice(cut + 1));
}

function isPort(text: string): boolean {
  return NATURAL.test(text) && Number(text) <= 65535;
}

function ipv4(text: string): bigint | undefined {
  const octets = text.split(".");
  if (octets.length !== 4 || !octets.every((octet) => NATURAL.test(octet) && Number(octet) <= 255)) return undefined;
  return octets.reduce((number, octet) => number * big("256") + BigInt(octet), ZERO);
}

function ipv6WithZone(text: string): bigint | undefined {
  const cut = text.indexOf("%");
  if (cut < 0) return ipv6(text);
  const zone = text.slice(cut + 1);
  return zone === "" || zone.includes("\0") ? undefined : ipv6(text.slice(0, cut));
}

function ipv6(text: string): bigint | undefined {
  const cut = text.indexOf("::");
  const left = hextets(cut < 0 ? text : text.slice(0, cut), cut < 0);
  const right = hextets(cut < 0 ? "" : text.slice(cut + 2), true);
  if (left === undefined || right === undefined) return undefined;
  const missing = 8 - left.length - right.length;
  if (cut < 0 ? missing !== 0 : missing < 1) return undefined;
  const all = [...left, ...new Array<number>(missing).fill(0), ...right];
  return all.reduce((number, hextet) => number * big("65536") + BigInt(hextet), ZERO);
}

function hextets(text: string, last: boolean): number[] | undefined {
  if (text === "") return [];
  const groups = text.split(":");
  const tail: number[] = [];
  const final = groups[groups.length - 1] ?? "";
  if (last && final.includes(".")) {
    const embedded = ipv4(final);
    if (embedded === undefined) return undefined;
    tail.push(Number(embedded / big("65536")), Number(embedded % big("65536")));
    groups.pop();
  }
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return [...groups.map((group) => parseInt(group, 16)), ...tail];
}

const PCHAR = "(?:[A-Za-z0-9\\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})";
const AUTHORITY =
  "(?:(?:[A-Za-z0-9\\-._~!$&'()*+,;=:]|%[0-9A-Fa-f]{2})*@)?" +
  "(?:\\[([^\\]/?#]*)\\]|((?:[A-Za-z0-9\\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*))" +
  "(?::[0-9]*)?";
const TAIL = `(?:\\?(?:${PCHAR}|[/?])*)?(?:#(?:${PCHAR}|[/?])*)?$`;

function path(first: string): string {
  return `(?://${AUTHORITY}(?:/${PCHAR}*)*|/(?:${PCHAR}+(?:/${PCHAR}*)*)?|${first}+(?:/${PCHAR}*)*|)`;
}

const URI = new RegExp(`^[A-Za-z][A-Za-z0-9+.\\-]*:${path(PCHAR)}${TAIL}`);
const RELATIVE = new RegExp(`^${path(PCHAR.replace(":@", "@"))}${TAIL}`);

/** Whether the text is a URI by RFC 3986, with IPv6 zones by RFC 6874. */
export function isUri(text: string): boolean {
  return isReference(text, URI);
}

/** Whether the text is a URI or a relative reference by RFC 3986. */
export function isUriRef(text: string): boolean {
  return isReference(text, URI) || isReference(text, RELATIVE);
}

function isReference(text: string, pattern: RegExp): boolean {
  const found = pattern.exec(text);
  if (found === null) return false;
  if (found[1] !== undefined) return isIpLiteral(found[1]);
  return found[2] === undefined || isPercentEncodedText(found[2]);
}

function isIpLiteral(literal: string): boolean {
  if (/^[vV]/.test(literal)) return /^[vV][0-9A-Fa-f]+\.[A-Za-z0-9\-._~!$&'()*+,;=:]+$/.test(literal);
  const cut = literal.indexOf("%25");
  if (cut < 0) return ipv6(literal) !== undefined;
  const zone = literal.slice(cut + 3);
  if (!/^(?:[A-Za-z0-9\-._~]|%[0-9A-Fa-f]{2})+$/.test(zone) || !isPercentEncodedText(zone)) return false;
  return ipv6(literal.slice(0, cut)) !== undefined;
}

function isPercentEncodedText(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
