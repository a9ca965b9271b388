// Asks protobuf-es: {m, t} lines on stdin, {ok, canonical} lines on stdout; the image is the argument.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.env.PROTOGATE_NODE_MODULES}/`);
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const { createFileRegistry, fromBinary, fromJsonString, toBinary, toJsonString } = await load("@bufbuild/protobuf");
const { FileDescriptorSetSchema } = await load("@bufbuild/protobuf/wkt");

const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(process.argv[2])));
const options = { registry };

function ask({ m, t }) {
  const descriptor = registry.getMessage(m);
  let message;
  try {
    message = fromJsonString(descriptor, t, options);
    toBinary(descriptor, message);
  } catch (error) {
    return { ok: false };
  }
  try {
    return { ok: true, canonical: toJsonString(descriptor, message, options) };
  } catch (error) {
    return { ok: true };
  }
}

const lines = readFileSync(0, "utf8").split("\n").filter(Boolean);
process.stdout.write(lines.map((line) => JSON.stringify(ask(JSON.parse(line)))).join("\n") + "\n");
