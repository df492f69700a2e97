// The companion as `cargo xtask build` leaves it: its server and its command line.

import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { answering, freePort, start } from "./process.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PROGRAM = process.env.LAYERCAST || join(ROOT, "target/release/layercast");

// What registries say is kept apart from the user's own, and only as long as these tests run.
const CACHE = mkdtempSync(join(tmpdir(), "layercast-cache-"));
process.on("exit", () => rmSync(CACHE, { recursive: true, force: true }));

/// Starts `layercast serve`.
export async function startCompanion(flags = []) {
  const port = await freePort();
  const server = start(PROGRAM, ["serve", "--port", String(port), "--cache-dir", CACHE, ...flags]);
  const url = `http://127.0.0.1:${port}/`;
  await answering(url, server);
  return { url, stop: () => server.stop() };
}

/// Starts `layercast serve --build` for a folder: `printed` is the address that lets its holder build.
export async function startBuilding(folder, environment, port) {
  port ??= await freePort();
  const flags = ["serve", "--offline", "--port", String(port), "--cache-dir", CACHE, "--build", folder];
  const server = start(PROGRAM, flags, { env: { ...process.env, ...environment } });
  const [line] = await once(createInterface(server.child.stdout), "line");
  return { url: `http://127.0.0.1:${port}/`, printed: line, port, stop: () => server.stop() };
}

/// What `layercast estimate --format json` says of `source`.
export function estimate(source, flags = []) {
  const args = ["estimate", "--format", "json", "--cache-dir", CACHE, ...flags, "-"];
  const { status, stdout, stderr, error } = spawnSync(PROGRAM, args, { input: source, encoding: "utf8" });
  if (error) throw error;
  if (status !== 0) throw new Error(`layercast ${args.join(" ")}: exit ${status}\n${stdout}${stderr}`);
  return JSON.parse(stdout);
}
