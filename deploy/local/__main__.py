"""Run Linkway on this machine from the command line: `python -m deploy.local up`."""

import argparse
import asyncio
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import httpx
import psutil

from deploy.local import compose
from deploy.local.addresses import Addresses
from deploy.local.home import Home
from deploy.local.jars import write_lock
from deploy.local.lock import ended, runner
from deploy.local.plan import Options
from deploy.local.secrets import keep_secrets, read_variables
from deploy.local.stack import Stack


def main(arguments: Sequence[str] | None = None) -> int:
    """Do one verb; the exit code says whether it was done."""
    options = parser().parse_args(arguments)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr] # a pipe must see the addresses at once
    home = Home.from_environment()
    try:
        return int(asyncio.run(VERBS[options.verb](home, options)))
    except (RuntimeError, compose.ComposeError) as error:
        print(error, file=sys.stderr)
        return 1


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    every = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    verbs = every.add_subparsers(dest="verb", required=True)
    for verb, text in (("up", "run everything until Ctrl-C"), ("infra", "run Kafka, PostgreSQL and the mail sink")):
        running = verbs.add_parser(verb, help=text)
        running.add_argument("--file", type=Path, default=Options.file, help="the list of processes")
        running.add_argument("--replicas", type=int, help="replicas of each Linkway service")
        running.add_argument("--kafka-nodes", type=int, default=1, help="nodes of the embedded Kafka")
        running.add_argument("--env-file", type=Path, help="values for ${NAME} in the file, a line each")
        running.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="one such value")
        running.add_argument("--containers", action="store_true", help="run Kafka and PostgreSQL as containers")
    verbs.add_parser("down", help="end what runs, wherever it was started")
    verbs.add_parser("status", help="say what runs and whether it is ready")
    verbs.add_parser("secrets", help="make the keys, for `docker compose --env-file`, and say where they are")
    verbs.add_parser("lock", help="write the list of Kafka's jars anew")
    return every


async def up(home: Home, options: argparse.Namespace) -> int:
    """Run a stack in the foreground until Ctrl-C or SIGTERM; a second one leaves the rest to the guardians."""
    interrupts = Interrupts(asyncio.current_task())
    began = time.monotonic()
    try:
        async with Stack(home, stack_options(options)) as stack:
            print_addresses(stack.addresses, time.monotonic() - began)
            interrupts.expected = True
            await asyncio.Event().wait()
    except asyncio.CancelledError:
        if not interrupts.expected:
            os._exit(130)  # a thread may still be downloading; what runs ends with us
    return 0


class Interrupts:
    """Turn a signal into the cancellation of a task."""

    def __init__(self, task: "asyncio.Task[object] | None") -> None:
        self.expected = False
        self._task = task
        self._count = 0
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self._come)

    def _come(self) -> None:
        self._count += 1
        if self._count > 1 or self._task is None:
            os._exit(130)
        print("ending")
        self._task.cancel()


def stack_options(options: argparse.Namespace) -> Options:
    """Turn the command line into what is asked of the stack."""
    pairs = (pair.partition("=") for pair in options.set)
    variables = read_variables(options.env_file) if options.env_file else {}
    return Options(
        file=options.file,
        replicas=options.replicas,
        variables=variables | {name: value for name, _, value in pairs},
        only_infrastructure=options.verb == "infra",
        published_ports=True,
        kafka_nodes=options.kafka_nodes,
        containers=options.containers,
        model=options.verb == "up",
    )


def print_addresses(addresses: Addresses, seconds: float) -> None:
    """Print the infrastructure as lines that a shell can read, and the rest as comments between them."""
    print(f"# up in {seconds:.1f} s; Ctrl-C ends it")
    for name, value in addresses.variables().items():
        print(f"export {name}={value}")
    if addresses.mail:
        print(f"# mails: {addresses.mail}")
    for service, doors in addresses.services.items():
        print(f"# {service}: {' '.join(doors)}")


async def down(home: Home, _options: argparse.Namespace) -> int:
    """End the stack of this home, whoever started it, and return when nothing of it is left."""
    process = runner(home.lock)
    if process:
        process.terminate()
    if not await ended(home.lock):
        print("it does not end", file=sys.stderr)
        return 1
    print("ended" if process else "nothing runs")
    return 0


async def status(home: Home, _options: argparse.Namespace) -> int:
    """Print each process, and for each service whether it is ready; the exit code is 1 if one is not."""
    if not runner(home.lock) or not home.addresses.exists():
        print("nothing runs")
        return 1
    addresses, pids = Addresses.read(home.addresses)
    for name, pid in pids.items():
        print(f"{name:24} pid {pid}{'' if psutil.pid_exists(pid) else ' (gone)'}")
    doors = [(service, door) for service, every in addresses.services.items() for door in every]
    async with httpx.AsyncClient(timeout=5) as client:
        answers = await asyncio.gather(*(ready(client, door) for _, door in doors))
    for (service, door), answer in zip(doors, answers, strict=True):
        print(f"{service:24} {door} {'ready' if answer else 'not ready'}")
    return 0 if all(answers) else 1


async def ready(client: httpx.AsyncClient, door: str) -> bool:
    """Ask one replica whether it is ready."""
    try:
        return (await client.get(f"{door}/health/ready")).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


async def make_secrets(home: Home, _options: argparse.Namespace) -> int:
    """Make the keys that the file names, unless they were made before."""
    keep_secrets(home.secrets, compose.secret_names(compose.load(Options.file.read_text())))
    print(home.secrets)
    return 0


async def lock_jars(home: Home, _options: argparse.Namespace) -> int:
    """Resolve Kafka's jars and write the list that later starts are checked against."""
    write_lock(home.cache)
    return 0


VERBS = {"up": up, "infra": up, "down": down, "status": status, "secrets": make_secrets, "lock": lock_jars}

if __name__ == "__main__":
    sys.exit(main())
