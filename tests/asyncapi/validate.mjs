// node validate.mjs <document> <folder with node_modules>: prints what the AsyncAPI project's own parser finds wrong.
// Leaves with 1 on errors and on warnings; what it merely recommends is printed and passes.
import { createRequire } from "node:module";
import { join } from "node:path";

const [document, installed] = process.argv.slice(2);
const { Parser, fromFile } = createRequire(join(installed, "/"))("@asyncapi/parser");

const SEVERITIES = ["error", "warning", "information", "hint"];
const WARNING = 1;

const { document: parsed, diagnostics } = await fromFile(new Parser(), document).parse();
for (const { severity, code, path, message } of diagnostics) {
  console.log(`${SEVERITIES[severity]} ${code} at ${path.join(".") || "the root"}: ${message}`);
}
if (parsed) {
  const { length: channels } = parsed.allChannels().all();
  const { length: messages } = parsed.allMessages().all();
  console.log(`AsyncAPI ${parsed.version()}: ${channels} channels, ${messages} messages`);
}
process.exit(!parsed || diagnostics.some(({ severity }) => severity <= WARNING) ? 1 : 0);
