// Starting programs that serve, waiting until they answer, stopping them.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const LONGEST_START = 20_000;

// A test run that ends early leaves nothing behind.
const running = new Set();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/// Starts a program. What it says is kept, and shown only if it fails to start.
export function start(program, args, options = {}) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  running.add(child);
  child.on("exit", () => running.delete(child));
  const said = [];
  child.stdout.on("data", (data) => said.push(data));
  child.stderr.on("data", (data) => said.push(data));
  let failure;
  child.on("error", (error) => (failure = error));
  const ended = once(child, "exit").catch(() => {});
  return {
    child,
    get failure() {
      const end = child.exitCode ?? child.signalCode;
      if (failure || end !== null) {
        return new Error(`${program} ${args.join(" ")}: ${failure ?? end}\n${Buffer.concat(said)}`);
      }
      return undefined;
    },
    async stop() {
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), 3_000);
      await ended;
      clearTimeout(late);
    },
  };
}

/// Waits until `url` answers anything at all.
export async function answering(url, program) {
  const deadline = Date.now() + LONGEST_START;
  for (;;) {
    if (program.failure) throw program.failure;
    try {
      await (await fetch(url)).arrayBuffer();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`${url} does not answer`, { cause: error });
      await sleep(50);
    }
  }
}

export async function freePort() {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
