// Unmodified @kafkajs/confluent-schema-registry: register, look up, encode, decode.
import assert from "node:assert/strict";
import kafkajs from "@kafkajs/confluent-schema-registry";

const { COMPATIBILITY, SchemaRegistry, SchemaType } = kafkajs;
const input = JSON.parse(await new Promise((resolve) => {
  let text = "";
  process.stdin.on("data", (part) => { text += part; });
  process.stdin.on("end", () => resolve(text));
}));
const settings = { host: input.url, retry: { retries: 0 } };
const registry = new SchemaRegistry(settings);
const type = SchemaType.PROTOBUF;
const subject = "shop/v1/money.proto";

const first = await registry.register({ type, schema: input.money }, { subject });
assert.equal(first.id, 1);
// The client sets the level of a new subject itself, and insists on it later.
assert.equal((await registry.register({ type, schema: input.money }, { subject })).id, 1);
await assert.rejects(
  registry.register({ type, schema: input.money }, { subject, compatibility: COMPATIBILITY.FULL }),
  /Compatibility does not match/,
);
assert.equal(await registry.getRegistryIdBySchema(subject, { type, schema: input.money }), 1);
assert.equal(await registry.getRegistryId(subject, 1), 1);
assert.equal(await registry.getLatestSchemaId(subject), 1);
await assert.rejects(registry.getLatestSchemaId("nobody"), /nobody/);

const data = await registry.encode(1, { currency: "EUR", units: 12 });
const reader = new SchemaRegistry(settings);
const money = await reader.decode(data);
assert.equal(money.currency, "EUR");
assert.equal(Number(money.units), 12);

const references = [{ name: subject, subject, version: 1 }];
const order = await registry.register({ type, schema: input.order, references }, { subject: "orders-value" });
const sent = await registry.encode(order.id, { id: "o-1", total: { currency: "EUR", units: 7 } });
const received = await new SchemaRegistry(settings).decode(sent);
assert.equal(received.id, "o-1");
assert.equal(Number(received.total.units), 7);
console.log("every call answered");
