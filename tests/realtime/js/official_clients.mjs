// Runs stories of official clients, all at once. The line on stdin is a list of {name, story, ...what the story needs};
// the answer is {name: {told} or {failed}}.
import { createInterface } from "node:readline";

import * as stories from "./stories.mjs";

// What a library throws at a packet that it cannot read has no caller: its story waits in vain.
const thrown = [];
process.on("uncaughtException", (error) => thrown.push(error.stack));

async function run({ story, ...given }) {
  try {
    return { told: (await stories[story](given)) ?? null };
  } catch (error) {
    return { failed: [error.stack, ...thrown.slice(0, 3)].join("\n") };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const ends = await Promise.all(JSON.parse(line).map(async (one) => [one.name, await run(one)]));
  process.stdout.write(JSON.stringify(Object.fromEntries(ends)) + "\n");
}
