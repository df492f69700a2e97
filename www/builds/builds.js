// The panel of real builds, where the companion offers them (`layercast serve --build`). It shows the one build that the
// companion has, whoever began it; the build is the companion's, the page only looks.

import { call, listen, onNewToken, Refusal, wasOpened } from "./companion.js";
import { time, truth } from "./figures.js";
import { show as showGraph, watch } from "./graph.js";
import { make, Step } from "./steps.js";
import { WORDS } from "./words.js";
import { fill, t } from "../tabs/tabs.js";

// In milliseconds: who hears the page is told at rest, not every change.
const SAY = 700;
const RUNNING = ["running", "weighing"];

let act;
let view;
let offer;
// The build, as it is known: its steps by their places.
let build;
let listenAnew = () => {};
let connected = false;

/// Joins the panel to the page: `action` takes a verb and a value. Called again for another worker.
export function connect(_worker, action) {
  act = action;
  if (view) return;
  const page = document.querySelector(".right");
  if (!page) return;
  view = draw();
  page.append(view.panel);
  document.head.append(make("link", { rel: "stylesheet", href: new URL("builds.css", import.meta.url).href }));
  watch();
  onNewToken(() => begin(true));
  setInterval(tick, 250);
  begin(wasOpened());
}

async function begin(opened) {
  trouble(t(WORDS.looking));
  try {
    offer = await (await call("")).json();
  } catch (error) {
    if (error instanceof Refusal) return refused(error);
    trouble(fill(WORDS.away, 4), () => begin(opened));
    setTimeout(() => { if (!connected) begin(opened); }, 4_000);
    return;
  }
  connected = true;
  if (opened && offer.text) act("took", offer.text);
  if (listenAnew.listens) return listenAnew();
  listenAnew = Object.assign(listen(news, (why) => {
    connected = false;
    if (why instanceof Refusal) refused(why);
    else trouble(fill(WORDS.away, why), listenAnew);
  }), { listens: true });
}

// No token, or that of a companion that is no more.
function refused(error) {
  // The companion that answers now offers none.
  if (error.status === 404) return view.panel.remove();
  if (error.status !== 401) return trouble(error.message);
  trouble(build || offer ? t(WORDS.oldToken) : t(WORDS.noToken));
}

function news(said) {
  connected = true;
  if (said && said.id !== build?.id) {
    build = { id: said.id, target: said.target, stages: said.stages, steps: [] };
    view.list.replaceChildren();
    if (RUNNING.includes(said.state)) fold(false);
  }
  if (said) {
    const { steps, facts, ...rest } = said;
    // From now on the page's own figures start from what this build measured.
    if (facts) document.dispatchEvent(new CustomEvent("layercast:facts", { detail: { name: t(WORDS.lastBuild), text: facts } }));
    Object.assign(build, rest, { since: performance.now() - said.seconds * 1000 });
    for (const step of steps) {
      if (build.steps[step.at]) build.steps[step.at].take(step);
      else view.list.append((build.steps[step.at] = new Step(step, jump)).row);
    }
  }
  update();
}

async function start() {
  view.go.disabled = true;
  try {
    await call("start", order());
    fold(false);
    // What lights up should be seen.
    document.querySelector(".stages")?.scrollIntoView({ block: "start" });
  } catch (error) {
    trouble(error instanceof Refusal ? error.message : fill(WORDS.away, 1), listenAnew);
    if (error.status === 401) refused(error);
  }
  view.go.disabled = false;
}

async function cancel() {
  view.cancel.disabled = true;
  view.cancel.textContent = t(WORDS.cancelling);
  // Where it ended meanwhile, the news say so.
  await call("cancel", {}).catch(() => {});
}

// What stands in the editor and in the bar, at this moment.
function order() {
  const text = { text: document.querySelector(".source-plain")?.value };
  document.dispatchEvent(new CustomEvent("layercast:text", { detail: text }));
  const { target, platform } = chosen();
  const fields = [...document.querySelectorAll('.argument input[id^="argument-"]:not(#argument-new)')];
  const given = fields.filter(({ value }) => value).map(({ id, value }) => [id.slice("argument-".length), value]);
  return { dockerfile: text.text ?? "", target: target || null, platform: platform || null, args: Object.fromEntries(given) };
}

const choice = (name) => document.querySelector(`[data-testid="${name}"]`);
const chosen = () => ({ target: choice("target")?.value, platform: choice("platform")?.value });

function jump(line) { act("jump", `${line}`); }

// Everything that is no step.
function update() {
  const running = RUNNING.includes(build?.state);
  view.panel.dataset.state = build?.state ?? "none";
  view.go.hidden = running;
  view.go.disabled = !connected;
  view.go.textContent = build ? t(WORDS.again) : t(WORDS.build);
  if (view.cancel.hidden === running) {
    view.cancel.hidden = !running;
    view.cancel.disabled = false;
    view.cancel.textContent = t(WORDS.cancel);
  }
  view.fold.hidden = !build;
  view.trouble.hidden = true;
  if (!build) {
    const { target, platform } = chosen();
    say(fill(WORDS.offer, target || choice("target")?.selectedOptions[0]?.textContent || "", platform, offer.context));
    return;
  }
  const steps = build.steps.filter((step) => step && !step.isInternal);
  const ended = steps.filter(({ news: { state } }) => ["done", "cached"].includes(state));
  const failed = build.steps.find((step) => step?.news.state === "failed");
  build.steps.forEach((step) => step?.end(!running));
  if (failed && build.shown !== failed) {
    build.shown = failed;
    view.body.scrollTop = failed.row.offsetTop - view.body.offsetTop - 40;
  }
  view.progress.hidden = !running;
  view.progress.max = steps.length || 1;
  view.progress.value = ended.length;
  say({
    running: () => fill(WORDS.running, build.target, ended.length, steps.length),
    weighing: () => fill(WORDS.weighing, build.target),
    done: () => fill(WORDS.done, build.target, time(build.seconds)),
    failed: () => failed?.news.line ? fill(WORDS.failedAt, build.target, failed.news.line) : fill(WORDS.failed, build.target),
    cancelled: () => fill(WORDS.cancelled, build.target),
  }[build.state]());
  ending(failed);
  showGraph(build.stages.map((name, at) => ({ name, state: stateOf(at) })));
  tick();
}

// What the whole weighs, or why there is none.
function ending(failed) {
  const { unpacked, download } = build.sizes ?? {};
  const real = [[t(WORDS.image), truth(unpacked)], [t(WORDS.download), truth(download)]].filter(([, size]) => size);
  view.sizes.replaceChildren(...real.flatMap(([name, size]) => {
    const against = make("small", { textContent: size.against });
    if (size.fits !== undefined) against.dataset.fits = size.fits;
    return [make("span", {}, `${name}: `, make("b", { textContent: size.real }), " ", against)];
  }));
  view.sizes.hidden = !real.length;
  const line = failed?.news.line ?? /\bline (\d+)/.exec(build.message ?? "")?.[1];
  const words = build.state === "cancelled" ? [] : [failed?.news.error ?? build.message, build.hint].filter(Boolean);
  view.why.hidden = !words.length;
  // Only a change is announced.
  const key = [...words, line].join("\n");
  if (view.why.dataset.key === key) return;
  view.why.dataset.key = key;
  view.why.replaceChildren(...words.map((text) => make("p", { textContent: text })));
  if (words.length && line) view.why.append(button(fill(WORDS.goTo, line), () => jump(line)));
}

// What its steps make of a stage.
function stateOf(stage) {
  const states = build.steps.filter((step) => step?.news.stage === stage).map((step) => step.news.state);
  const is = (...some) => states.some((state) => some.includes(state));
  const running = RUNNING.includes(build.state);
  if (!states.length) return undefined;
  if (is("failed")) return "failed";
  if (is("cancelled")) return "cancelled";
  if (is("running") || (running && is("waiting") && is("done", "cached"))) return "running";
  if (is("waiting")) return running ? "waiting" : undefined;
  // Of an image that lies ready nothing is said to be cached.
  const work = build.steps.filter((step) => step?.news.stage === stage && !step.news.name.startsWith("FROM "));
  return work.length && work.every((step) => step.news.state === "cached") ? "cached" : "done";
}

function tick() {
  if (!build || !RUNNING.includes(build.state)) return put(view.time, "");
  put(view.time, time((performance.now() - build.since) / 1000));
  for (const step of build.steps) if (step?.news.state === "running") step.tick();
}

// The companion cannot be spoken to: why, and what to do.
function trouble(words, retry) {
  view.go.disabled = true;
  view.trouble.hidden = false;
  view.trouble.replaceChildren(words, ...(retry ? [" ", button(t(WORDS.tryNow), retry)] : []));
}

let saying = 0;
let said = 0;
function say(words) {
  clearTimeout(saying);
  const now = () => { said = performance.now(); put(view.say, words); };
  const wait = said + SAY - performance.now();
  if (wait <= 0) now();
  else saying = setTimeout(now, wait);
}

function fold(folded) {
  view.body.hidden = folded;
  view.fold.ariaExpanded = !folded;
  view.fold.ariaLabel = folded ? t(WORDS.show) : t(WORDS.hide);
  view.fold.title = view.fold.ariaLabel;
}

function draw() {
  const parts = {
    go: button(t(WORDS.build), start, "build-go"),
    cancel: button(t(WORDS.cancel), cancel),
    say: make("p", { className: "build-say", role: "status" }),
    time: make("span", { className: "build-time" }),
    progress: make("progress", { hidden: true, ariaLabel: t(WORDS.title) }),
    fold: button("", () => fold(!parts.body.hidden), "build-fold"),
    trouble: make("p", { className: "build-trouble", role: "status" }),
    why: make("div", { className: "build-why", role: "alert" }),
    sizes: make("p", { className: "build-sizes" }),
    list: make("ol", { className: "build-steps", ariaLabel: t(WORDS.steps) }),
  };
  parts.go.disabled = true;
  for (const part of [parts.cancel, parts.fold, parts.why, parts.sizes]) part.hidden = true;
  const bar = make("div", { className: "build-bar" }, parts.go, parts.cancel, parts.say, parts.progress, parts.time, parts.fold);
  parts.body = make("div", { className: "build-body", id: "build-body", hidden: true }, parts.why, parts.sizes, parts.list);
  parts.fold.setAttribute("aria-controls", "build-body");
  parts.panel = make("section", { className: "build", ariaLabel: t(WORDS.title) }, bar, parts.trouble, parts.body);
  // What is chosen in the bar is what is offered.
  document.querySelector(".bar")?.addEventListener("change", () => setTimeout(() => { if (connected && !build) update(); }));
  return parts;
}

function button(name, act, kind = "") {
  const made = make("button", { type: "button", className: `button small ${kind}`, textContent: name });
  made.addEventListener("click", () => act());
  return made;
}

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
