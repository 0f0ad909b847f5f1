"""slow_link.py HOST_PID SWITCH_PID MILLISECONDS LOSS NAME: a slow cable, until it is killed.

Its ends are the interfaces `slow` of the host and NAME of the switch. Linux can do the same with `tc netem`, which not
every kernel has. The losses are the same each time.
"""

import fcntl
import heapq
import os
import random
import selectors
import struct
import sys
import time

import hosts

TUNSETIFF = 0x400454CA
IFF_TAP_WITHOUT_HEADER = 0x0002 | 0x1000


def make_end(pid, name):
    hosts.enter_network(pid)
    end = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(end, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TAP_WITHOUT_HEADER))
    return end


def main():
    host_pid, switch_pid, milliseconds, loss, name = sys.argv[1:]
    delay, loss = float(milliseconds) / 1000, float(loss)
    ends = [make_end(host_pid, "slow"), make_end(switch_pid, name)]
    other = dict(zip(ends, reversed(ends)))
    print("ready", flush=True)
    dice = random.Random(1)
    under_way = []  # (when it arrives, its number, the end, the frame)
    count = 0
    selector = selectors.DefaultSelector()
    for end in ends:
        selector.register(end, selectors.EVENT_READ)
    while True:
        wait = max(0, under_way[0][0] - time.monotonic()) if under_way else None
        for key, _ in selector.select(wait):
            try:
                while True:
                    frame = os.read(key.fd, 65536)
                    if dice.random() >= loss:
                        count += 1
                        heapq.heappush(under_way, (time.monotonic() + delay, count, other[key.fd], frame))
            except OSError:  # no more frames, or the interface is down
                pass
        while under_way and under_way[0][0] <= time.monotonic():
            _, _, end, frame = heapq.heappop(under_way)
            try:
                os.write(end, frame)
            except OSError:  # the interface is down
                pass


if __name__ == "__main__":
    main()
