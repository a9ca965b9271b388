// =============================================================================
// AUTO-GENERATED FILE - DO NOT EDIT MANUALLY
// Generated from a zoo of types
// Run: pytest
// =============================================================================

/** What a thing looks like. */
export const Color = {
  RED: "red",
  DARK_BLUE: "dark \"blue\"",
  CRIMSON: "red",
} as const;
export type Color = (typeof Color)[keyof typeof Color];

export const Priority = {
  LOW: -1,
  HIGH: 10,
} as const;
export type Priority = (typeof Priority)[keyof typeof Priority];

export const Mode = {
  ON: "on",
  OFF: "off",
} as const;
export type Mode = (typeof Mode)[keyof typeof Mode];

export const Mixed = {
  NUMBER: 1.5,
  WORD: "word",
} as const;
export type Mixed = (typeof Mixed)[keyof typeof Mixed];

export const Answer = {
  YES: true,
  NO: false,
  UNKNOWN: null,
} as const;
export type Answer = (typeof Answer)[keyof typeof Answer];

export const Right = {
  READ: 1,
  WRITE: 2,
} as const;
export type Right = number;

export type Size = "s" | "m" | "l";

export type UserId = number;

export type Json = { [key: string]: Json } | Json[] | string | number | boolean | null;

export type Pair<Item> = readonly [Item, Item];

/** Where it is. */
export type Point = readonly [x: number, y: number, label: string | null];

export type Words = readonly [default_: number, new_: number, größe: number, enum_: string];

export type Labelled<Item> = readonly [value: Item, color: Color];

export interface Address {
  street: string;
  zip?: string;
}

export interface Movie {
  street: string;
  zip?: string;
  title: string;
  year?: number;
  readonly tags?: string[];
}

export interface Headers {
  "content-type": string;
  class: number | null;
  "2nd": Size;
}

/**
 * A thing with an identity.
 *
 * A comment may hold *\/ and `code`.
 */
export interface Entity {
  id: UserId;
  created: string;
  kind: string;
  parent: Entity | null;
}

export interface Audited {
  by: string;
  at: string;
}

export interface User extends Omit<Entity, "kind">, Omit<Audited, "by"> {
  by: string | null;
  kind: "user";
  friends: User[];
  me: User | null;
  "länge": number;
}

export interface Admin extends Omit<User, "me"> {
  me: Admin | null;
  rights: Right;
}

export interface Page<Item> {
  items: Item[];
  next: Page<Item> | null;
}

export interface Users extends Page<User> {
  total: number;
}

export interface Bounded<Text extends string, Choice extends number | string> {
  text: Text;
  choice: Choice;
  either: Text | Choice;
}

export interface Low<Item> {
  low: Item;
}

export interface Middle<Item> extends Low<Item[]> {
  middle: Item;
}

export interface High extends Middle<string> {
  high: number;
}

export interface Recursive<Item> {
  same: Recursive<Item> | null;
  other: Recursive<Item[]> | null;
  items: Item[];
}

export interface Variadic<Item, Rest extends unknown[]> {
  first: Item;
  rest: readonly [...Rest];
}

export interface Narrower<K> extends Variadic<number, [K, K]> {
  by_size: { [K_ in Size]?: K };
}

export interface Gaps extends Page<number | null> {
  count: number;
}

export interface Defaulted<Other = number> {
  other: Other;
}

export interface Square {
  area: number;
}

export interface Envelope<Item> {
  items: Item[];
}

export interface Letters {
  items: string[];
  count: number;
}

/** A subclass of a NamedTuple adds no element. */
export type Farther = readonly [x: number, y: number, label: string | null];

export const Inner = {
  ONE: 1,
} as const;
export type Inner = (typeof Inner)[keyof typeof Inner];

export interface Modern {
  limit: number;
  derived: number;
  inner: Inner[];
}

export interface Frozen {
  readonly name: string;
  readonly sizes: readonly Size[];
  readonly path: readonly number[];
}

export interface Empty {}

export interface Scalars {
  a_bool: boolean;
  an_int: number;
  a_float: number;
  text: string;
  raw: string;
  moment: string;
  day: string;
  time: string;
  span: string;
  money: string;
  uid: string;
  path: string;
  address: string;
  nothing: null;
  anything: unknown;
  forgotten: string | null;
}

export interface Collections {
  optional_items: (number | null)[];
  optional_list: number[] | null;
  nested: ((string | null)[] | null)[];
  pair: readonly [number, string];
  lone: readonly [string];
  no_items: readonly [];
  many: readonly (number | null)[];
  first_and_rest: readonly [number, ...string[]];
  chosen: Size[];
  fixed: readonly number[];
  queue: boolean[];
  sequence: readonly ("a" | 1 | true | null)[];
  by_text: Record<string, unknown>;
  by_number: Record<number, string>;
  by_flag: { [K in "true" | "false"]?: number };
  by_color: { [K in Color]?: number };
  by_priority: { readonly [K in Priority]?: Point[] };
  by_size: { [K in Size]?: null };
  by_id: Record<number, User>;
  by_day: Record<string, number>;
  by_either: Record<string, number>;
  grouped: Record<string, number[]>;
  counted: Record<string, number>;
  bare: unknown[];
  bare_mapping: Record<string, unknown>;
  readonly: Readonly<Record<string, number>>;
}

export interface References {
  color: Color;
  red: "red";
  priority: Priority;
  mode: Mode;
  mixed: Mixed;
  answer: Answer;
  right: Right;
  size: Size;
  point: Point;
  labelled: Labelled<number>;
  movie: Movie;
  headers: Headers;
  json: Json;
  pair: Pair<number>;
  /** How many. */
  documented: number;
  bounded: Bounded<string, number>;
  any_page: Page<unknown>;
  users: Users;
  frozen: Frozen;
  empty: Empty;
  defaulted: Defaulted<number>;
}
