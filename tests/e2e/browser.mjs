// Chromium, and the page as a person uses it.

import { chromium } from "playwright-core";

// `--no-sandbox`: root, as in a container, has none. The rest keeps the browser from calling home.
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function startBrowser() {
  const executablePath = process.env.CHROMIUM || "/usr/bin/chromium";
  return chromium.launch({ executablePath, args: FLAGS });
}

/// Opens the page and waits for its editor. `errors` gathers all that it complains of.
export async function openPlayground(browser, url, options = {}) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, ...options });
  page.setDefaultTimeout(20_000);
  const errors = [];
  page.on("pageerror", (error) => errors.push(`${error}`));
  page.on("console", (message) => {
    // That a relay or an image is not there is an answer, though Chromium prints it as an error.
    const isAnswer = new URL(message.location().url || url).pathname.startsWith("/relay/");
    if (message.type() === "error" && !isAnswer) errors.push(`${message.text()} (${message.location().url})`);
  });
  await page.goto(url);
  const editor = page.locator(".cm-content");
  await editor.waitFor();
  return new Playground(page, editor, errors);
}

class Playground {
  constructor(page, editor, errors) {
    this.page = page;
    this.editor = editor;
    this.errors = errors;
    this.target = page.getByTestId("target");
    this.download = page.getByTestId("download");
    this.unpacked = page.getByTestId("unpacked");
    this.stages = page.locator('[data-testid^="stage-"]');
  }

  stage(name) {
    return this.page.getByTestId(`stage-${name}`);
  }

  /// Types as a person does, over what is there.
  async type(source) {
    await this.#selectAll();
    await this.page.keyboard.type(source);
  }

  /// Pastes over what is there.
  async paste(source) {
    await this.#selectAll();
    await this.editor.evaluate((element, text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", text);
      const event = { clipboardData, bubbles: true, cancelable: true };
      element.dispatchEvent(new ClipboardEvent("paste", event));
    }, source);
  }

  async clear() {
    await this.#selectAll();
    await this.page.keyboard.press("Delete");
  }

  /// How long the page takes, in milliseconds, until it has run what waits and drawn a frame.
  async answerTime() {
    const start = performance.now();
    await this.page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn))));
    return performance.now() - start;
  }

  async #selectAll() {
    await this.editor.click();
    await this.page.keyboard.press("ControlOrMeta+a");
  }
}

/// Waits until `read` gives a value that `accept` takes, and returns it.
export async function until(what, read, accept, limit = 15_000) {
  const deadline = Date.now() + limit;
  for (;;) {
    const value = await read();
    if (accept(value)) return value;
    if (Date.now() > deadline) throw new Error(`${what}: still ${JSON.stringify(value)} after ${limit} ms`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
}
