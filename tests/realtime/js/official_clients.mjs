// Runs stories of official clients, all at once. The line on stdin is a list of {name, story, ...what the story needs};
// the response is {name: {result} or {failed}}.
import { createInterface } from "node:readline";

import * as stories from "./stories.mjs";

// An error that a library throws for a packet it cannot read reaches no caller: its story times out.
const thrown = [];
process.on("uncaughtException", (error) => thrown.push(error.stack));

async function run({ story, ...options }) {
  try {
    return { result: (await stories[story](options)) ?? null };
  } catch (error) {
    return { failed: [error.stack, ...thrown.slice(0, 3)].join("\n") };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const results = await Promise.all(JSON.parse(line).map(async (one) => [one.name, await run(one)]));
  process.stdout.write(JSON.stringify(Object.fromEntries(results)) + "\n");
}
