// Take the makers' sponsor pages out of the lock, so that it names no host at all; the hashes are what pins it.
import { readFileSync, writeFileSync } from "node:fs";

const lock = new URL("./package-lock.json", import.meta.url);
const content = JSON.parse(readFileSync(lock, "utf8"));
for (const entry of Object.values(content.packages)) {
  delete entry.funding;
  delete entry.resolved;
}
writeFileSync(lock, JSON.stringify(content, null, 2) + "\n");
