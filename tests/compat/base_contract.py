"""The contract that generated changes start from: every part of the language, five files, three packages.

`rootpkg` stands for the root package of a case; it is as long as the names that replace it.
"""

from __future__ import annotations

__all__ = ["BASE_FILES", "ROOT"]

ROOT = "rootpkg"

_COMMON = """
syntax = "proto3";

package rootpkg.shop;

option java_package = "com.rootpkg.shop";
option go_package = "example.com/rootpkg/shop";

enum Currency {
  CURRENCY_UNSPECIFIED = 0;
  CURRENCY_EUR = 1;
  CURRENCY_USD = 2;
  CURRENCY_GBP = 3;
}

enum Tone {
  option allow_alias = true;
  TONE_UNSPECIFIED = 0;
  TONE_GRAY = 1;
  TONE_GREY = 1;
  TONE_BLACK = 2;
  reserved 7, 10 to 20;
  reserved "TONE_PINK", "TONE_RED";
}

enum Mood {
  MOOD_UNSPECIFIED = 0;
  MOOD_FINE = 1;
}

message Money {
  Currency currency = 1;
  int64 units = 2;
  int32 nanos = 3;
}

message Place {
  string street = 1;
  string city = 2;
  reserved 5, 8 to 12, 20;
  reserved "zip", "region";
}

message Unused {
  string note = 1;
  repeated string tags = 2;
}
"""

_ORDER = """
syntax = "proto3";

package rootpkg.shop;

import "google/protobuf/timestamp.proto";
import "rootpkg/shop/common.proto";

message Order {
  message Line {
    string sku = 1;
    uint32 count = 2;
    Money price = 3;
    Size size = 4;
  }
  enum Size {
    SIZE_UNSPECIFIED = 0;
    SIZE_SMALL = 1;
    SIZE_LARGE = 2;
  }
  string id = 1;
  optional string note = 2;
  repeated Line lines = 3;
  Money total = 4;
  oneof payment {
    string card = 5;
    bytes cash = 6;
    Money voucher = 7;
  }
  oneof delivery {
    Place address = 8;
    string pickup_point = 9;
  }
  map<string, int32> counts = 10;
  map<int64, Place> places = 11;
  map<string, Tone> tones = 12;
  repeated int32 codes = 13;
  repeated double weights = 14;
  repeated string tags = 15;
  bool paid = 16;
  fixed32 hash32 = 17;
  sfixed64 hash64 = 18;
  sint32 delta = 19;
  sint64 big_delta = 20;
  float ratio = 21;
  double exact = 22;
  bytes blob = 23;
  int64 created_at = 24;
  optional int64 updated_at = 25;
  Tone tone = 26;
  Size size = 27;
  google.protobuf.Timestamp shipped_at = 28;
  reserved 40 to 45, 50;
  reserved "old_total";
}

message Basket {
  string id = 1;
  repeated Order orders = 2;
  Basket previous = 3;
}
"""

_LEGACY = """
syntax = "proto2";

package rootpkg.old;

import "rootpkg/shop/common.proto";

message Record {
  enum State {
    FRESH = 1;
    STALE = 2;
    GONE = 3;
  }
  required int32 id = 1;
  optional string name = 2 [default = "none"];
  optional int32 count = 3 [default = 7];
  optional bool active = 4 [default = true];
  optional double factor = 5 [default = 1.5];
  optional bytes raw = 6 [default = "ab"];
  optional State state = 7 [default = STALE];
  optional State last_state = 8;
  required string owner = 9;
  repeated int32 marks = 10 [packed = true];
  repeated int64 plain_marks = 11;
  optional group Extra = 12 {
    optional string text = 1;
    optional int32 rank = 2;
  }
  repeated group Entry = 13 {
    optional string key = 1;
  }
  oneof choice {
    string left = 14;
    int32 right = 15;
  }
  optional float part = 16;
  optional uint64 size = 17 [default = 99];
  optional rootpkg.shop.Money money = 18;
  map<string, string> attributes = 19;
  optional double tiny = 20 [default = 0.1];
  optional float wide = 21 [default = 1e30];
  optional bytes odd = 22 [default = "\\001\\377'"];
  optional string quoted = 23 [default = "\\"\u00e9\\" \\n"];
  optional int64 far = 24 [default = 9007199254740993];
  extensions 100 to 150;
  extensions 200 to 299, 400 to 500;
  extensions 1000 to max;
  reserved 60 to 70, 80;
  reserved "gone_field";
  extend Record {
    optional string nested_tag = 105;
  }
}

extend Record {
  optional string tag = 101;
  optional int32 level = 102 [default = 3];
  repeated Record.State states = 103;
  optional rootpkg.shop.Place at = 104;
}

message Holder {
  optional Record record = 1;
  required Record.State state = 2;
  repeated Record many = 3;
}

enum Level {
  LOW = 1;
  MID = 2;
  HIGH = 3;
  BELOW = -5;
  reserved -20 to -10, 10 to 15, 20 to max;
  reserved "TOP";
}

message Leaf {
  optional Level level = 1;
  optional int32 plain = 2;
}
"""

_MODERN = """
edition = "2023";

package rootpkg.edge;

import "rootpkg/old/legacy.proto";
import "rootpkg/shop/common.proto";

enum Shape {
  SHAPE_UNSPECIFIED = 0;
  SHAPE_ROUND = 1;
  SHAPE_FLAT = 2;
}

enum Strict {
  option features.enum_type = CLOSED;
  STRICT_ONE = 1;
  STRICT_TWO = 2;
}

message Widget {
  string id = 1 [features.field_presence = IMPLICIT];
  int32 must = 2 [features.field_presence = LEGACY_REQUIRED];
  int64 size = 3 [default = 12];
  repeated int32 packed_codes = 4;
  repeated int32 loose_codes = 5 [features.repeated_field_encoding = EXPANDED];
  Part part = 6;
  Part spare = 7 [features.message_encoding = DELIMITED];
  Shape shape = 8;
  Strict strict = 9;
  Strict other = 10 [default = STRICT_TWO];
  string loose_text = 11 [features.utf8_validation = NONE];
  map<string, Part> parts = 12;
  map<string, string> names = 13;
  oneof kind {
    string label = 14;
    Shape figure = 15;
  }
  rootpkg.shop.Money cost = 16;
  repeated string words = 17;
  bytes data = 18;
  rootpkg.old.Level level = 19;
  extensions 500 to 600;
  extensions 700 to 800;
  reserved 30 to 39;
  reserved gone, lost;
}

message Part {
  string name = 1;
  int32 weight = 2;
  Part inner = 3;
}

extend Widget {
  string color = 501;
  Part extra_part = 502;
}
"""

_SERVICE = """
syntax = "proto3";

package rootpkg.api;

import "rootpkg/shop/common.proto";
import "rootpkg/shop/order.proto";

message GetOrderRequest {
  string id = 1;
}

message ListOrdersRequest {
  int32 page_size = 1;
  string page_token = 2;
}

message ListOrdersResponse {
  repeated rootpkg.shop.Order orders = 1;
  string next_page_token = 2;
}

service Orders {
  rpc GetOrder(GetOrderRequest) returns (rootpkg.shop.Order) {
    option idempotency_level = NO_SIDE_EFFECTS;
  }
  rpc ListOrders(ListOrdersRequest) returns (ListOrdersResponse);
  rpc WatchOrders(ListOrdersRequest) returns (stream rootpkg.shop.Order);
  rpc Upload(stream rootpkg.shop.Order) returns (ListOrdersResponse);
  rpc Chat(stream GetOrderRequest) returns (stream rootpkg.shop.Order);
}

service Prices {
  rpc Price(GetOrderRequest) returns (rootpkg.shop.Money);
}
"""

BASE_FILES = {
    "rootpkg/shop/common.proto": _COMMON.lstrip(),
    "rootpkg/shop/order.proto": _ORDER.lstrip(),
    "rootpkg/old/legacy.proto": _LEGACY.lstrip(),
    "rootpkg/edge/modern.proto": _MODERN.lstrip(),
    "rootpkg/api/service.proto": _SERVICE.lstrip(),
}
