"""Neo4j 5.26.30 community: one Maven artifact with its dependencies, checked against one digest of all the jars.

It starts from an empty data folder with authentication on and a random password.
"""

from __future__ import annotations

import hashlib
import secrets
import socket
import tempfile
from pathlib import Path

from service_recipes.recipe import Failed, Launch, Talk, free_port, run, tool

VERSION = "5.26.30"
JARS = "c762a8aaac6e38af25cf33c654dc48b1d0dd8ed524d6e9bae31c48798ea86aec"
"""SHA-256 over the sorted lines `sha256  name` of all jars."""

PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>neo4j-dist</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.neo4j</groupId><artifactId>neo4j</artifactId><version>{VERSION}</version></dependency>
  </dependencies>
</project>
"""
CONFIGURATION = """\
server.default_listen_address=127.0.0.1
server.default_advertised_address=127.0.0.1
server.bolt.enabled=true
server.bolt.listen_address=127.0.0.1:{port}
server.bolt.advertised_address=127.0.0.1:{port}
server.http.enabled=false
server.https.enabled=false
dbms.security.auth_enabled=true
dbms.usage_report.enabled=false
server.bolt.telemetry.enabled=false
server.memory.pagecache.size=512m
server.directories.import=import
db.tx_log.preallocate=false
db.tx_log.rotation.size=64m
db.tx_log.rotation.retention_policy=keep_none
internal.dbms.bolt.netty_server_shutdown_quiet_period=0
"""
OPTIONS = (
    "-Xms256m -Xmx1g -XX:+UseG1GC --add-opens=java.base/java.nio=ALL-UNNAMED --add-opens=java.base/java.io=ALL-UNNAMED "
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED -Dio.netty.tryReflectionSetAccessible=true "
    "-Dlog4j2.disable.jmx=true -Dfile.encoding=UTF-8"
)
BOLT_HELLO = bytes.fromhex("6060b017" + "00000405" + "00000000" * 3)
"""The Bolt handshake: magic, then the versions offered (5.4)."""


class Neo4j:
    name = "neo4j"

    def installed(self, cache: Path) -> bool:
        return _jars(cache).exists()

    def install(self, cache: Path, talk: Talk) -> None:
        tool("java", "a JDK of version 17 or newer (Debian: openjdk-17-jdk-headless)")
        maven = tool("mvn", "Maven 3.8 or newer (Debian: maven)")
        jars = _jars(cache)
        jars.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=jars.parent, prefix="maven-") as folder:
            Path(folder, "pom.xml").write_text(POM)
            goal = [maven, "-B", "-ntp", "-q", f"-Dmaven.repo.local={folder}/repository", "-f", f"{folder}/pom.xml"]
            run([*goal, PLUGIN, "-DincludeScope=runtime", f"-DoutputDirectory={folder}/jars"])
            if (found := _digest(Path(folder, "jars"))) != JARS:
                raise Failed(f"the jars of neo4j {VERSION} have the digest {found}, expected {JARS}; nothing was kept")
            Path(folder, "jars").replace(jars)

    def launch(self, cache: Path, folder: Path) -> Launch:
        java = tool("java", "a JDK of version 17 or newer (Debian: openjdk-17-jdk-headless)")
        for name in ("conf", "run", "logs", "import"):
            (folder / name).mkdir()
        port, password = free_port(), secrets.token_urlsafe(18)
        (folder / "conf" / "neo4j.conf").write_text(CONFIGURATION.format(port=port))
        secret = folder / "set-password"  # as a file of arguments, so that no list of processes shows it
        secret.touch(mode=0o600)
        classes = f'-cp "{_jars(cache)}/*"'
        secret.write_text(f"{classes} org.neo4j.cli.AdminTool dbms set-initial-password {password}\n")
        home = {"NEO4J_HOME": str(folder), "NEO4J_CONF": str(folder / "conf")}
        run([java, "-Xmx128m", f"@{secret}"], **home)
        secret.unlink()
        start = folder / "start"
        where = f'--home-dir="{folder}" --config-dir="{folder / "conf"}"'
        start.write_text(f"{OPTIONS} {classes} org.neo4j.server.CommunityEntryPoint {where}\n")
        return Launch(
            [java, f"@{start}"],
            {
                "TRIPLOCK_NEO4J_URL": f"bolt://127.0.0.1:{port}",
                "TRIPLOCK_NEO4J_USER": "neo4j",
                "TRIPLOCK_NEO4J_PASSWORD": password,
            },
            lambda: _speaks_bolt(port) and _says_started(folder / "logs" / "neo4j.log"),
            home,
            folder / "logs" / "neo4j.log",
        )


def _jars(cache: Path) -> Path:
    return cache / "neo4j" / VERSION / "jars"


def _digest(folder: Path) -> str:
    lines = sorted(f"{hashlib.sha256(jar.read_bytes()).hexdigest()}  {jar.name}\n" for jar in folder.glob("*.jar"))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _speaks_bolt(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(BOLT_HELLO)
            return connection.recv(4) == BOLT_HELLO[4:8]
    except OSError:
        return False


def _says_started(log: Path) -> bool:
    """The server says so once its databases are open; it answers on the port a little earlier."""
    return log.exists() and "Started." in log.read_text(errors="replace")
