"""BuildKit's own Go parser on each file of a list: nanoseconds, a tab, the path. Part of `cargo xtask bench`."""
import gc
import sys
import time

import dockerfile

TIMES = 5

gc.disable()
for path in open(sys.argv[1], encoding="utf-8").read().splitlines():
    with open(path, encoding="utf-8", errors="replace") as file:
        text = file.read()
    times = []
    try:
        for _ in range(TIMES):
            start = time.perf_counter_ns()
            dockerfile.parse_string(text)
            times.append(time.perf_counter_ns() - start)
    except dockerfile.GoParseError:
        continue
    print(f"{sorted(times)[TIMES // 2]}\t{path}")
