"""Behind: the tests' fault proxy as a process of its own, so that it takes no time of the job's.

python -m bench.storage.behind http://127.0.0.1:9000 slow_down 1 40
"""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from servers.fault_proxy import Fault, proxied


@contextmanager
def behind(upstream: str, kind: str, every: int = 1, value: float = 0.0) -> Iterator[str]:
    """The address of a proxy before `upstream`."""
    command = [sys.executable, "-m", "bench.storage.behind", upstream, kind, str(every), str(value)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def main() -> None:
    upstream, kind, every, value = sys.argv[1:]
    with proxied(upstream, Counter()) as proxy:
        methods = ("PUT",) if kind == "flipped_upload" else Fault.methods
        proxy.fault = Fault(kind, int(every), float(value), methods)
        print(proxy.url, flush=True)
        proxy.over.wait()


if __name__ == "__main__":
    main()
