// The companion as `cargo xtask build` leaves it: its server and its command line.

import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { answering, freePort, start } from "./process.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PROGRAM = join(ROOT, "target/release/layercast");

/// The built page.
export const DIST = join(ROOT, "dist");

/// Starts `layercast serve`, its disk cache in a folder of its own.
export async function startCompanion(flags = []) {
  const cache = await mkdtemp(join(tmpdir(), "layercast-cache-"));
  const port = await freePort();
  const env = { ...process.env, XDG_CACHE_HOME: cache };
  const server = start(PROGRAM, ["serve", "--port", String(port), ...flags], { env });
  const url = `http://127.0.0.1:${port}/`;
  await answering(url, server);
  return {
    url,
    async stop() {
      await server.stop();
      await rm(cache, { recursive: true, force: true });
    },
  };
}

/// What `layercast estimate --format json` says of `source`.
export function estimate(source, flags = []) {
  const args = ["estimate", "--format", "json", ...flags, "-"];
  const { status, stdout, stderr, error } = spawnSync(PROGRAM, args, { input: source, encoding: "utf8" });
  if (error) throw error;
  if (status !== 0) throw new Error(`layercast ${args.join(" ")}: exit ${status}\n${stdout}${stderr}`);
  return JSON.parse(stdout);
}
