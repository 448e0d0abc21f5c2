// Validate an AsyncAPI document with the official parser: print what it finds, exit 1 on any error.
import { readFile } from "node:fs/promises";
import { Parser } from "@asyncapi/parser";

const SEVERITIES = ["error", "warning", "information", "hint"];
const ERROR = 0;

const [path] = process.argv.slice(2);
if (!path) {
  console.error("usage: node validate.mjs <document>");
  process.exit(2);
}

const { document, diagnostics } = await new Parser().parse(await readFile(path, "utf8"), { source: path });
for (const { severity, path: place, message } of diagnostics) {
  console.log(`${SEVERITIES[severity]}: ${place.join(".") || "document"}: ${message}`);
}
const errors = diagnostics.filter(({ severity }) => severity === ERROR);
if (errors.length > 0 || !document) {
  console.log(`${path}: ${errors.length} errors`);
  process.exit(1);
}
const counts = [document.allChannels(), document.allOperations(), document.allMessages()].map((all) => all.all().length);
console.log(`${path}: AsyncAPI ${document.version()}, ${counts[0]} channels, ${counts[1]} operations, ${counts[2]} messages, no errors`);
