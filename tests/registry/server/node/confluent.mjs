// Unmodified @confluentinc/schemaregistry: every call that its client has, and its Protobuf serializer.
import assert from "node:assert/strict";
import { createRegistry, createFileRegistry, create, fromBinary, equals } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import {
  ProtobufDeserializer, ProtobufSerializer, SchemaRegistryClient, SerdeType, RestError,
} from "@confluentinc/schemaregistry";

const input = JSON.parse(await new Promise((resolve) => {
  let text = "";
  process.stdin.on("data", (part) => { text += part; });
  process.stdin.on("end", () => resolve(text));
}));
const client = new SchemaRegistryClient({ baseURLs: [input.url], maxRetries: 0, cacheCapacity: 100 });
const money = { schema: input.money, schemaType: "PROTOBUF" };
const references = [{ name: "shop/v1/money.proto", subject: "shop/v1/money.proto", version: 1 }];
const order = { schema: input.order, schemaType: "PROTOBUF", references };
const wider = { ...order, schema: input.wider };
const broken = { ...order, schema: input.broken };
const refusal = (code) => (error) => error instanceof RestError && error.errorCode === code;
const subject = "node/ä b+.proto";

assert.equal(await client.register("shop/v1/money.proto", money), 1);
const id = await client.register(subject, order);
assert.equal(await client.getId(subject, order), id);
const full = await client.registerFullResponse(subject, wider);
client.clearCaches();
assert.equal((await client.getBySubjectAndId(subject, id)).schema, input.order);
assert.equal((await client.getByGuid(full.guid)).schema, input.wider);
assert.deepEqual(await client.getAllVersions(subject), [1, 2]);
assert.equal((await client.getLatestSchemaMetadata(subject)).version, 2);
assert.equal((await client.getSchemaMetadata(subject, 1)).schema, input.order);
assert.equal(await client.getVersion(subject, order), 1);
assert.deepEqual(await client.getAllSubjects(), [subject, "shop/v1/money.proto"]);
assert.equal(await client.testCompatibility(subject, 1, wider), true);
assert.equal(await client.testCompatibility(subject, 1, broken), false);
assert.equal(await client.testSubjectCompatibility(subject, broken), false);
await assert.rejects(client.register(subject, broken), (error) => error.status === 409);
await assert.rejects(client.getLatestSchemaMetadata("nobody"), refusal(40401));

assert.equal(await client.getDefaultCompatibility(), "BACKWARD");
assert.equal(await client.updateDefaultCompatibility("FULL"), "FULL");
await assert.rejects(client.getCompatibility(subject), refusal(40408));
assert.equal(await client.updateCompatibility(subject, "NONE"), "NONE");
assert.equal(await client.getCompatibility(subject), "NONE");
assert.deepEqual(await client.updateConfig(subject, { compatibility: "FORWARD" }), { compatibility: "FORWARD" });
assert.equal((await client.getConfig(subject)).compatibilityLevel, "FORWARD");
assert.equal((await client.updateDefaultConfig({ compatibility: "BACKWARD" })).compatibility, "BACKWARD");
assert.equal((await client.getDefaultConfig()).compatibilityLevel, "BACKWARD");
assert.deepEqual(await client.getAssociationsByResourceName("orders", "-", "topic", ["value"], null, 0, -1), []);

assert.equal(await client.deleteSubjectVersion(subject, 2), 2);
assert.equal(await client.deleteSubjectVersion(subject, 2, true), 2);
assert.deepEqual(await client.deleteSubject(subject), [1]);
assert.deepEqual(await client.deleteSubject(subject, true), [1]);

// The serializer registers the file and what it imports, as base64 of descriptors; the reader asks for them again.
const files = createFileRegistry(fromBinary(FileDescriptorSetSchema, Buffer.from(input.image, "base64")));
const Order = files.getMessage("shop.v1.Order");
const sent = create(Order, { id: "o-1", total: { currency: "EUR", units: 12n }, lines: [{ sku: "s", amount: 3 }] });
const serializer = new ProtobufSerializer(client, SerdeType.VALUE, {
  registry: createRegistry(Order), autoRegisterSchemas: true,
});
const data = await serializer.serialize("orders", sent);
client.clearCaches();
const received = await new ProtobufDeserializer(client, SerdeType.VALUE, {}).deserialize("orders", data);
assert.equal(received.id, "o-1");
assert.equal(received.total.units, 12n);
assert.deepEqual(received.lines.map((line) => line.amount), [3]);

const latest = new ProtobufSerializer(client, SerdeType.VALUE, {
  registry: createRegistry(Order), autoRegisterSchemas: false, useLatestVersion: true,
});
assert.deepEqual(await latest.serialize("orders", sent), data);
console.log("every call answered");
