// What the page's own thread does, as Chromium's tracing tells it: tasks with the time of their thread, which other
// programs on a busy machine do not lengthen.

const CATEGORIES = ["disabled-by-default-devtools.timeline", "devtools.timeline", "blink.user_timing", "__metadata"];

/// Starts to trace. `end` gives the tasks of the page's thread: `[{ start, cpu }]`, microseconds, oldest first, and the
/// marks that were set by `performance.mark`.
export async function trace(page) {
  const session = await page.context().browser().newBrowserCDPSession();
  const events = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...value));
  await session.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories: CATEGORIES, excludedCategories: ["*"], recordMode: "recordUntilFull" },
  });
  return async function end() {
    const complete = new Promise((done) => session.once("Tracing.tracingComplete", done));
    await session.send("Tracing.end");
    await complete;
    await session.detach();
    const marks = events.filter(({ cat, ph }) => cat === "blink.user_timing" && (ph === "I" || ph === "R" || ph === "n"));
    const thread = marks[0];
    if (!thread) throw new Error("the trace has no mark of the page's");
    const ours = events.filter(({ pid, tid }) => pid === thread.pid && tid === thread.tid);
    const tasks = ours.filter(({ name, ph }) => name === "RunTask" && ph === "X")
      .map(({ ts, tdur, dur }) => ({ start: ts, cpu: tdur ?? dur, wall: dur }));
    tasks.sort((a, b) => a.start - b.start);
    return { tasks, marks: marks.map(({ ts, name }) => ({ at: ts, name })) };
  };
}

/// Milliseconds of each stretch between marks: the sum of its tasks, and its longest task.
export function stretches({ tasks, marks }, name) {
  const starts = marks.filter((mark) => mark.name === name).map(({ at }) => at);
  return starts.slice(0, -1).map((start, place) => {
    const within = tasks.filter((task) => task.start + task.wall > start && task.start < starts[place + 1]);
    const sum = within.reduce((total, { cpu }) => total + cpu, 0);
    return { sum: sum / 1000, longest: Math.max(0, ...within.map(({ cpu }) => cpu)) / 1000 };
  });
}

export function share(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}
