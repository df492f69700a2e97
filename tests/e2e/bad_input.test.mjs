// Text that is no Dockerfile: the page goes on answering, and is as good as new afterwards.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openPlayground, startBrowser } from "./browser.mjs";
import { startCompanion } from "./companion.mjs";

/// A person takes a page for frozen after a second or so. The rest is for a busy machine.
const LONGEST_ANSWER = 3_000;

let companion;
let browser;

before(async () => {
  companion = await startCompanion(["--offline"]);
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await companion?.stop();
});

const INPUTS = {
  "empty text": "",
  "white space alone": "\n \n\t\n",
  "no FROM": "RUN make\nCOPY . .\n",
  "binary noise": noise(20_000),
  "a file cut in a heredoc": "FROM scratch\nRUN <<EOF\necho hello\n",
  "a stage that takes from itself": "FROM scratch AS a\nCOPY --from=a / /\n",
  "5 MB of instructions": "FROM scratch\n" + "RUN echo hello && echo world\n".repeat(172_000),
  "5 MB in one line": "FROM scratch\nRUN " + "x".repeat(5_000_000) + "\n",
};

for (const [name, source] of Object.entries(INPUTS)) {
  test(`${name} does not freeze the page`, async () => {
    const playground = await openPlayground(browser, companion.url);
    const start = performance.now();
    if (source === "") await playground.clear();
    else await playground.paste(source);
    await playground.answerTime();
    const first = performance.now() - start;
    assert.ok(first < LONGEST_ANSWER, `answered after ${Math.round(first)} ms`);
    // What was put off until after the first frame counts too.
    await playground.page.waitForTimeout(500);
    const second = await playground.answerTime();
    assert.ok(second < LONGEST_ANSWER, `then answered after ${Math.round(second)} ms`);

    await playground.paste("FROM scratch AS well-again\n");
    await playground.stage("well-again").waitFor();
    assert.deepEqual(playground.errors, []);
    await playground.page.close();
  });
}

function noise(length) {
  let state = 42;
  return Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return String.fromCharCode(state % 256);
  }).join("");
}
