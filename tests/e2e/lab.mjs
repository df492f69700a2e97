// The lab's Docker, for builds that are real: `cargo xtask lab up` brings it up.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/// The environment in which `docker` is the lab's; none where there is no lab, which is said. In CI that is a failure.
export function lab(test) {
  const folder = process.env.LAYERCAST_LAB || join(ROOT, "target/lab");
  const socket = join(folder, "docker.sock");
  if (existsSync(socket)) {
    return {
      DOCKER_HOST: `unix://${socket}`,
      DOCKER_CONFIG: join(folder, "config"),
      PATH: `${join(folder, "bin")}:${process.env.PATH}`,
    };
  }
  if (process.env.CI === "true") throw new Error("there is no lab to build in");
  console.error(`left out: ${test}, as there is no lab (cargo xtask lab up)`);
  return undefined;
}
