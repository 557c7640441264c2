"""Runs a command and prints, as the last line of standard output, what it and its descendants took:
"WALL_SECONDS CPU_SECONDS PEAK_KILOBYTES STATUS". The peak is that of the largest single process."""

import os
import sys
import time

start = time.monotonic()
child = os.fork()
if child == 0:
    os.dup2(2, 1)
    try:
        os.execvp(sys.argv[1], sys.argv[1:])
    except OSError as error:
        print(error, file=sys.stderr)
        os._exit(127)
_, status, usage = os.wait4(child, 0)
wall = time.monotonic() - start
print(f"{wall:.3f} {usage.ru_utime + usage.ru_stime:.3f} {usage.ru_maxrss} {os.waitstatus_to_exitcode(status)}")
