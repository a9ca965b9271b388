/**
 * What JSON Schema can say and zod has no word for. Every schema here takes values of `JSON.parse`.
 *
 * Needs zod 4 and, as JSON Schema itself, regular expressions with the `u` flag.
 *
 * @module
 */
import * as z from "zod";

/** Any zod schema. */
export type Schema = z.ZodType;

/** The outputs of several schemas at once. */
type All<S> = S extends readonly [infer First, ...infer Rest] ? z.output<First & Schema> & All<Rest> : unknown;
type AllInputs<S> = S extends readonly [infer First, ...infer Rest] ? z.input<First & Schema> & AllInputs<Rest> : unknown;

type JsonObject = { [key: string]: unknown };
type Shape = { readonly [key: string]: Schema };
type Kind = "null" | "boolean" | "number" | "string" | "array" | "object";

/** Says that a value is refused: by what a nested schema found, or in words. */
type Refuse = (why: string | z.ZodError, ...path: PropertyKey[]) => void;

/** A schema from a function that returns what becomes of a value. */
function schema<Output, Input = unknown>(run: (value: unknown, refuse: Refuse) => unknown): z.ZodType<Output, Input> {
  const made = z.unknown().transform((value, context) =>
    run(value, (why, ...path) => {
      if (typeof why === "string") {
        context.issues.push({ code: "custom", message: why, input: value, path });
        return;
      }
      for (const issue of why.issues) {
        context.issues.push({ ...issue, input: value, path: [...path, ...issue.path] } as z.core.$ZodRawIssue);
      }
    }),
  );
  return made as unknown as z.ZodType<Output, Input>;
}

/** A schema that refuses some values and changes none. */
function condition(run: (value: unknown, refuse: Refuse) => void): Schema {
  return schema((value, refuse) => {
    run(value, refuse);
    return value;
  });
}

function has(value: object, key: string): boolean {
  return Object.prototype.hasOwnProperty.call(value, key);
}

/** Sets a property, even one named `__proto__`. */
function define(target: JsonObject, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): Kind | undefined {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  const kind = typeof value;
  return kind === "boolean" || kind === "number" || kind === "string" || kind === "object" ? kind : undefined;
}

/** One text for all values that are equal as JSON. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? "";
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${members.join()}}`;
}

/** Two results of parsing one value: both have all of it, each may have filled in defaults. */
function merge(one: unknown, other: unknown): unknown {
  if (Array.isArray(one) && Array.isArray(other)) return one.map((item, index) => merge(item, other[index]));
  if (!isObject(one) || !isObject(other)) return one;
  const merged: JsonObject = {};
  for (const key of Object.keys(one)) define(merged, key, has(other, key) ? merge(one[key], other[key]) : one[key]);
  for (const key of Object.keys(other)) if (!has(one, key)) define(merged, key, other[key]);
  return merged;
}

/** What all schemas accept; defaults of each are filled in. */
export function all<const S extends readonly [Schema, ...Schema[]]>(...schemas: S): z.ZodType<All<S>, AllInputs<S>> {
  return schema((value, refuse) => {
    let found: unknown;
    schemas.forEach((one, index) => {
      const result = one.safeParse(value);
      if (!result.success) refuse(result.error);
      else found = index === 0 ? result.data : merge(found, result.data);
    });
    return found;
  });
}

/** What exactly one schema accepts. */
export function exactlyOne<const S extends readonly Schema[]>(
  ...schemas: S
): z.ZodType<z.output<S[number]>, z.input<S[number]>> {
  return schema((value, refuse) => {
    const accepted = schemas.map((one) => one.safeParse(value)).filter((result) => result.success);
    if (accepted.length !== 1) refuse(`${accepted.length} of ${schemas.length} schemas accept it; one is to`);
    return accepted[0]?.data;
  });
}

/** What a schema refuses. */
export function not(refused: Schema): Schema {
  return condition((value, refuse) => {
    if (refused.safeParse(value).success) refuse("is of a form that is excluded");
  });
}

/** What `then` accepts of all that `test` accepts, and `otherwise` of the rest. */
export function when(test: Schema, then: Schema, otherwise: Schema): Schema {
  return schema((value, refuse) => {
    const result = (test.safeParse(value).success ? then : otherwise).safeParse(value);
    if (!result.success) refuse(result.error);
    return result.data;
  });
}

/** A schema for each kind of value; other kinds are accepted. */
export function where(kinds: { readonly [kind in Kind]?: Schema }): Schema {
  return schema((value, refuse) => {
    const kind = kindOf(value);
    const result = (kind === undefined ? undefined : kinds[kind])?.safeParse(value);
    if (result === undefined) return value;
    if (!result.success) refuse(result.error);
    return result.data;
  });
}

/** Values that are listed, arrays and objects among them. */
export function listed(...values: readonly unknown[]): Schema {
  const known = new Set(values.map(canonical));
  return condition((value, refuse) => {
    if (!known.has(canonical(value))) refuse("is none of the values that are listed");
  });
}

/**
 * An object whose keys zod cannot tell from what every object inherits, or has patterns for.
 *
 * @param shape what belongs to each key
 * @param rules which keys are required, what belongs to keys by pattern, and to all others
 */
export function object<S extends Shape>(
  shape: S,
  rules: {
    readonly required?: readonly string[];
    readonly patterns?: ReadonlyArray<readonly [RegExp, Schema]>;
    readonly rest?: Schema;
  },
): z.ZodType<z.output<z.ZodObject<S, z.core.$loose>>, z.input<z.ZodObject<S, z.core.$loose>>> {
  const { required = [], patterns = [], rest } = rules;
  return schema((value, refuse) => {
    if (!isObject(value)) {
      refuse("Invalid input: expected object");
      return value;
    }
    const made: JsonObject = {};
    const parse = (key: string, one: Schema, input: unknown): void => {
      const result = one.safeParse(input);
      if (!result.success) refuse(result.error, key);
      else if (result.data !== undefined) define(made, key, has(made, key) ? merge(made[key], result.data) : result.data);
    };
    for (const key of Object.keys(value)) {
      const own = has(shape, key) ? shape[key] : undefined;
      const matching = patterns.filter(([pattern]) => pattern.test(key)).map(([, one]) => one);
      const schemas = own === undefined ? matching : [own, ...matching];
      if (schemas.length === 0) schemas.push(rest ?? z.unknown());
      for (const one of schemas) parse(key, one, value[key]);
    }
    for (const key of required) if (!has(value, key)) refuse("Invalid input: expected a value", key);
    for (const [key, one] of Object.entries(shape)) {
      // Only a default makes something of nothing.
      if (!has(value, key) && !required.includes(key)) parse(key, one, undefined);
    }
    return made;
  });
}

/** Objects with as many properties. */
export function properties(least: number, most: number = Infinity): Schema {
  return condition((value, refuse) => {
    if (!isObject(value)) return;
    const count = Object.keys(value).length;
    if (count < least || count > most) refuse(`has ${count} properties; ${range(least, most)} are to be there`);
  });
}

/** Objects whose keys a schema accepts. */
export function names(accepted: Schema): Schema {
  return condition((value, refuse) => {
    for (const key of isObject(value) ? Object.keys(value) : []) {
      if (!accepted.safeParse(key).success) refuse("the name of the property is not allowed", key);
    }
  });
}

/** Objects that have all keys that go with a key they have. */
export function together(keys: ReadonlyArray<readonly [string, readonly string[]]>): Schema {
  return condition((value, refuse) => {
    if (!isObject(value)) return;
    for (const [key, others] of keys) {
      if (!has(value, key)) continue;
      for (const other of others) if (!has(value, other)) refuse(`is required beside ${JSON.stringify(key)}`, other);
    }
  });
}

/** Objects that a schema accepts if they have a key. */
export function given(key: string, then: Schema): Schema {
  return schema((value, refuse) => {
    if (!isObject(value) || !has(value, key)) return value;
    const result = then.safeParse(value);
    if (!result.success) refuse(result.error);
    return result.data;
  });
}

/** Arrays in which no two items are equal. */
export function unique(): Schema {
  return condition((value, refuse) => {
    if (!Array.isArray(value)) return;
    const seen = new Set<string>();
    value.forEach((item, index) => {
      const text = canonical(item);
      if (seen.has(text)) refuse("is in the list twice", index);
      seen.add(text);
    });
  });
}

/** Arrays with as many items that a schema accepts. */
export function contains(item: Schema, least: number, most: number = Infinity): Schema {
  return condition((value, refuse) => {
    if (!Array.isArray(value)) return;
    const count = value.filter((one) => item.safeParse(one).success).length;
    if (count < least || count > most) refuse(`has ${count} items of the form; ${range(least, most)} are to be there`);
  });
}

/** What part of a value was looked at by schemas that apply to all of it. */
export type Evaluated = {
  /** The rest counts only for values that it accepts. */
  readonly when?: Schema;
  readonly everything?: true;
  readonly keys?: readonly string[];
  readonly patterns?: readonly RegExp[];
  /** So many items from the start. */
  readonly first?: number;
  readonly items?: Schema;
  readonly inside?: readonly Evaluated[];
};

function applying(value: unknown, evaluated: readonly Evaluated[]): Evaluated[] {
  return evaluated
    .filter(({ when: test }) => test === undefined || test.safeParse(value).success)
    .flatMap((one) => [one, ...applying(value, one.inside ?? [])]);
}

/** Objects whose other properties, which nothing looked at, a schema accepts. */
export function otherProperties(evaluated: readonly Evaluated[], rest: Schema): Schema {
  return condition((value, refuse) => {
    if (!isObject(value)) return;
    const found = applying(value, evaluated);
    for (const key of Object.keys(value)) {
      const isKnown = found.some(
        (one) => one.everything || one.keys?.includes(key) || one.patterns?.some((pattern) => pattern.test(key)),
      );
      const result = isKnown ? undefined : rest.safeParse(value[key]);
      if (result?.success === false) refuse(result.error, key);
    }
  });
}

/** Arrays whose other items, which nothing looked at, a schema accepts. */
export function otherItems(evaluated: readonly Evaluated[], rest: Schema): Schema {
  return condition((value, refuse) => {
    if (!Array.isArray(value)) return;
    const found = applying(value, evaluated);
    value.forEach((item: unknown, index) => {
      const isKnown = found.some(
        (one) => one.everything || index < (one.first ?? 0) || one.items?.safeParse(item).success,
      );
      const result = isKnown ? undefined : rest.safeParse(item);
      if (result?.success === false) refuse(result.error, index);
    });
  });
}

type Check<Value> = (payload: z.core.ParsePayload<Value>) => void;

function check<Value>(holds: (value: Value) => boolean, message: string): Check<Value> {
  return ({ value, issues }) => {
    if (!holds(value)) issues.push({ code: "custom", message, input: value, path: [] });
  };
}

function range(least: number, most: number): string {
  if (least === most) return `${least}`;
  return most === Infinity ? `${least} or more` : `${least} to ${most}`;
}

/** A length in characters; `string.length` counts some of them twice. */
export function length(least: number, most: number = Infinity): Check<string> {
  return check((value) => {
    const count = [...value].length;
    return least <= count && count <= most;
  }, `is to have ${range(least, most)} characters`);
}

/** Whole numbers of any size. */
export function integer(): Check<number> {
  return check((value) => Number.isInteger(value), "is to be a whole number");
}

/** Exact multiples of a number as it is written. */
export function multipleOf(step: number): Check<number> {
  const divisor = decimal(step);
  return check((value) => {
    const dividend = decimal(value);
    const exponent = Math.min(divisor.exponent, dividend.exponent);
    return scaled(dividend, exponent) % scaled(divisor, exponent) === 0n;
  }, `is to be a multiple of ${step}`);
}

type Decimal = { readonly digits: bigint; readonly exponent: number };

function decimal(value: number): Decimal {
  const [mantissa = "0", exponent = "0"] = value.toExponential().split("e");
  const [whole = "0", fraction = ""] = mantissa.split(".");
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}

function scaled({ digits, exponent }: Decimal, to: number): bigint {
  return digits * 10n ** BigInt(exponent - to);
}

/** Texts of a format. */
export function format(name: keyof typeof FORMATS): Check<string> {
  const holds = FORMATS[name];
  return check(holds, `is to be of the format ${name}`);
}

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME = /^(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|([+-])(\d\d):(\d\d))?$/;
const DURATION =
  /^[+-]?P(?:\d+W|(?=\d|T\d)(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?)$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const HOSTNAME = new RegExp(`^(?=.{1,253}$)${LABEL}(?:\\.${LABEL})*$`, "i");
const EMAIL = new RegExp(`^[a-z0-9!#$%&'*+/=?^_\`{|}~-]+(?:\\.[a-z0-9!#$%&'*+/=?^_\`{|}~-]+)*@${LABEL}(?:\\.${LABEL})*$`, "i");
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
const HEXTET = /^[0-9a-f]{1,4}$/i;
const PCHAR = "(?:[a-z0-9._~!$&'()*+,;=:@-]|%[0-9a-f]{2})";
const AUTHORITY =
  "(?:(?:[a-z0-9._~!$&'()*+,;=:-]|%[0-9a-f]{2})*@)?" +
  "(?:\\[(?:[0-9a-f:.]+|v[0-9a-f]+\\.[a-z0-9._~!$&'()*+,;=:-]+)\\]|(?:[a-z0-9._~!$&'()*+,;=-]|%[0-9a-f]{2})*)(?::\\d*)?";
const PATH = `(?:\\/\\/${AUTHORITY}(?:\\/${PCHAR}*)*|\\/(?:${PCHAR}+(?:\\/${PCHAR}*)*)?|${PCHAR}+(?:\\/${PCHAR}*)*)?`;
const QUERY = `(?:\\?(?:${PCHAR}|[/?])*)?(?:#(?:${PCHAR}|[/?])*)?`;
const URI = new RegExp(`^[a-z][a-z0-9+.-]*:${PATH}${QUERY}$`, "i");
const RELATIVE = new RegExp(`^(?![^/?#]*:)${PATH}${QUERY}$`, "i");
const POINTER = /^(?:\/(?:[^~/]|~[01])*)*$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const BASE64URL = /^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2}(?:==)?|[A-Za-z0-9_-]{3}=?)?$/;

function isDate(text: string): boolean {
  const [, year, month, day] = DATE.exec(text) ?? [];
  if (day === undefined) return false;
  const leap = Number(year) % 4 === 0 && (Number(year) % 100 !== 0 || Number(year) % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][Number(month) - 1] ?? 0;
  return Number(day) >= 1 && Number(day) <= days;
}

/** RFC 3339, and a time without an offset, which ISO 8601 allows and pydantic writes. */
function isTime(text: string): boolean {
  const [matched, hour, minute, second, sign, offsetHour = "0", offsetMinute = "0"] = TIME.exec(text) ?? [];
  if (matched === undefined) return false;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(offsetHour) > 23 || Number(offsetMinute) > 59) return false;
  if (Number(second) < 60) return true;
  const offset = (sign === "-" ? -1 : 1) * (Number(offsetHour) * 60 + Number(offsetMinute));
  // A leap second is the last one of a day in UTC.
  return Number(second) === 60 && (Number(hour) * 60 + Number(minute) - offset + 2880) % 1440 === 1439;
}

function isDateTime(text: string): boolean {
  return /^[Tt]$/.test(text.charAt(10)) && isDate(text.slice(0, 10)) && isTime(text.slice(11));
}

function isIpv6(text: string): boolean {
  const last = text.lastIndexOf(":") + 1;
  const hasV4 = text.includes(".");
  if (hasV4 && !IPV4.test(text.slice(last))) return false;
  const halves = (hasV4 ? `${text.slice(0, last)}0:0` : text).split("::");
  const groups = halves.flatMap((half) => (half === "" ? [] : half.split(":")));
  if (halves.length > 2 || !groups.every((group) => HEXTET.test(group))) return false;
  return halves.length === 2 ? groups.length < 8 : groups.length === 8;
}

function isRegex(text: string): boolean {
  try {
    new RegExp(text, "u");
    return true;
  } catch {
    return false;
  }
}

const FORMATS = {
  base64: (text: string) => BASE64.test(text),
  base64url: (text: string) => BASE64URL.test(text),
  date: isDate,
  "date-time": isDateTime,
  duration: (text: string) => DURATION.test(text),
  email: (text: string) => EMAIL.test(text),
  hostname: (text: string) => HOSTNAME.test(text),
  ipv4: (text: string) => IPV4.test(text),
  ipv6: isIpv6,
  ip: (text: string) => IPV4.test(text) || isIpv6(text),
  "json-pointer": (text: string) => POINTER.test(text),
  regex: isRegex,
  time: isTime,
  uri: (text: string) => URI.test(text),
  "uri-reference": (text: string) => URI.test(text) || RELATIVE.test(text),
  uuid: (text: string) => UUID.test(text),
};
