"""slow_link.py HOST_PID SWITCH_PID MILLISECONDS LOSS NAME: a slow cable, until it is killed.

Its ends are the interfaces NAME of the switch and, without the name of the host in front, of the host. It delays what
the host sends, and loses a share of that, like `tc qdisc add … root netem delay … loss …` on the host. Not every kernel
has netem.
"""

import collections
import fcntl
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
    host, switch = make_end(host_pid, name.partition("-")[2]), make_end(switch_pid, name)
    print("ready", flush=True)
    dice = random.Random(1)
    under_way = collections.deque()  # (when it arrives, the frame)
    selector = selectors.DefaultSelector()
    for end in (host, switch):
        selector.register(end, selectors.EVENT_READ)
    while True:
        wait = max(0, under_way[0][0] - time.monotonic()) if under_way else None
        for key, _ in selector.select(wait):
            try:
                while True:
                    frame = os.read(key.fd, 65536)
                    if key.fd == switch:
                        os.write(host, frame)
                    elif dice.random() >= loss:
                        under_way.append((time.monotonic() + delay, frame))
            except OSError:  # no more frames, or an interface is down
                pass
        while under_way and under_way[0][0] <= time.monotonic():
            try:
                os.write(switch, under_way.popleft()[1])
            except OSError:  # the interface is down
                pass


if __name__ == "__main__":
    main()
