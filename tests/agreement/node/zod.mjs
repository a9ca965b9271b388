// Feeds documents to generated zod schemas: JSON objects on stdin, [accepts, defect] on stdout.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const schemas = new Map();

async function schemaOf({ module, name }) {
  const key = `${module} ${name}`;
  if (!schemas.has(key)) schemas.set(key, await load(module, name));
  return schemas.get(key);
}

async function load(module, name) {
  try {
    const exported = Object.values(await import(pathToFileURL(module).href));
    const named = (schema) => schema?._zod?.def?.message?.typeName === name;
    return exported.find(named) ?? `no schema for ${name} is exported`;
  } catch (error) {
    return `no schema: ${error}`;
  }
}

async function verdict(asked) {
  const schema = await schemaOf(asked);
  if (typeof schema === "string") return [false, schema];
  let value;
  try {
    value = JSON.parse(asked.text);
  } catch {
    return [false, ""];
  }
  try {
    return [schema.safeParse(value).success, ""];
  } catch (error) {
    return [false, String(error)];
  }
}

const lines = readFileSync(0, "utf8").split("\n").filter(Boolean);
const answers = [];
for (const line of lines) answers.push(JSON.stringify(await verdict(JSON.parse(line))));
process.stdout.write(answers.join("\n") + "\n");
