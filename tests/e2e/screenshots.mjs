// Pictures of the page: light and dark, wide and narrow.
//
//     node tests/e2e/screenshots.mjs FOLDER [DOCKERFILE]
//
// after `cargo xtask build`. The README's picture is `light-1440.png`.

import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { openPlayground, startBrowser } from "./browser.mjs";
import { startStaticHost } from "./static_host.mjs";

const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

const [folder, dockerfile] = process.argv.slice(2);
if (!folder) {
  console.error("usage: node screenshots.mjs FOLDER [DOCKERFILE]");
  process.exit(2);
}
await mkdir(folder, { recursive: true });
// Not from the companion: sizes of the catalogue are the same on every machine, with a network or without.
const host = await startStaticHost();
const browser = await startBrowser();
try {
  for (const colorScheme of ["light", "dark"]) {
    for (const viewport of SIZES) {
      const path = join(folder, `${colorScheme}-${viewport.width}.png`);
      const playground = await openPlayground(browser, host.url, { colorScheme, viewport });
      if (dockerfile) await playground.paste(await readFile(dockerfile, "utf8"));
      await playground.stages.first().waitFor();
      await playground.page.waitForTimeout(1_000); // the graph settles
      await playground.page.screenshot({ path });
      await playground.page.close();
      console.log(path);
    }
  }
} finally {
  await browser.close();
  host.stop();
}
