internal import Glibc
internal import Processes

/// A PostgreSQL cluster of its own: made in a directory, reached by a local socket only, with durable commits
/// (`fsync` and `synchronous_commit` on), and thrown away.
///
/// The server and its tools run as the user `postgres` when this process is root, as this process's user otherwise.
/// The settings are in favour of the peer: no checkpoint, no vacuum and no replication disturbs a measurement.
/// Safety: the C calls read paths and names during the call only.
public final class PostgresCluster {
    private let directory: String
    private let programs: String
    private let prefix: [String]
    private let socket: String
    private let server: ChildProcess

    /// Makes the directory, which must not exist, and starts a server. Throws ``PeerError/Code/absent`` when PostgreSQL
    /// is not installed.
    public init(directory: String) throws {
        guard let programs = PostgresCluster.installation() else {
            throw PeerError(
                .absent, "PostgreSQL's server is not installed: install the package postgresql, or measure without it")
        }
        self.directory = directory
        self.programs = programs
        let name = "@mohur-\(ThisProcess.id)"
        socket = name
        guard unsafe mkdir(directory, 0o700) == 0 else { throw PeerError(.failed, "\(directory) cannot be made") }
        prefix = getuid() == 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] : []
        if getuid() == 0 { try PostgresCluster.handOver(directory) }
        let data = "\(directory)/data"
        try ChildProcess.run(
            prefix + ["\(programs)/initdb", "-D", data, "-A", "peer", "-E", "UTF8", "--locale=C", "--no-sync"])
        // The kernel ends the server when this process dies before it could.
        let starting = prefix.isEmpty ? ["setpriv"] : prefix
        server = try ChildProcess(
            starting + ["--pdeathsig=QUIT", "\(programs)/postgres", "-D", data]
                + PostgresCluster.settings(socket: name).flatMap { ["-c", $0] },
            errorOutput: .output, endSignal: SIGQUIT)
        try awaitServer()
    }

    deinit {
        server.kill(SIGINT)
        server.wait()
    }

    private static func settings(socket: String) -> [String] {
        [
            "listen_addresses=", "unix_socket_directories=\(socket)", "fsync=on", "synchronous_commit=on",
            "full_page_writes=on", "wal_level=minimal", "max_wal_senders=0", "shared_buffers=512MB",
            "wal_buffers=64MB", "max_wal_size=8GB", "checkpoint_timeout=1h", "autovacuum=off", "jit=off",
            "max_connections=100", "log_min_messages=fatal",
        ]
    }

    /// The newest installation's folder of programs, as Debian lays them out.
    private static func installation() -> String? {
        (10...40).reversed().map { "/usr/lib/postgresql/\($0)/bin" }.first { folder in
            ["initdb", "postgres", "pgbench", "psql"].allSatisfy { unsafe access("\(folder)/\($0)", X_OK) == 0 }
        }
    }

    private static func handOver(_ directory: String) throws(PeerError) {
        guard let user = unsafe getpwnam("postgres") else {
            throw PeerError(.absent, "there is no user postgres to run PostgreSQL as: install the package postgresql")
        }
        guard unsafe chown(directory, user.pointee.pw_uid, user.pointee.pw_gid) == 0 else {
            throw PeerError(.failed, "\(directory) cannot be given to the user postgres")
        }
    }

    private func awaitServer() throws {
        for _ in 0..<200 {
            if (try? run("psql", ["-d", "postgres", "-c", "SELECT 1"])) != nil { return }
            usleep(50_000)
        }
        server.kill(SIGKILL)
        let said = server.line() ?? "it says nothing"
        throw PeerError(.failed, "PostgreSQL did not start within 10 s: \(said)")
    }

    @discardableResult
    private func run(_ program: String, _ words: [String]) throws -> [String] {
        try ChildProcess.run(prefix + ["\(programs)/\(program)", "-h", socket] + words)
    }

    /// Runs SQL, each text in a transaction of its own.
    public func execute(_ texts: String...) throws {
        try run("psql", ["-q", "-v", "ON_ERROR_STOP=1", "-d", "postgres"] + texts.flatMap { ["-c", $0] })
    }

    /// What pgbench measured, and the most anonymous memory of the server's processes together, in bytes.
    public struct Rate: Sendable {
        public let transactionsPerSecond: Double
        public let memory: UInt64
    }

    /// Runs `sql` as often as `clients` clients can in `seconds`, with prepared statements. `variables` are
    /// pgbench's, as is `client_id`.
    public func measure(
        _ sql: String, clients: Int, seconds: Int, variables: [(name: String, value: String)]
    ) throws -> Rate {
        let script = "\(directory)/script.sql"
        try write(sql, to: script)
        let threads = min(clients, 2)
        let options = [
            "-n", "-M", "prepared", "-c", "\(clients)", "-j", "\(threads)", "-T", "\(seconds)", "-f", script,
        ]
        let child = try ChildProcess(
            prefix + ["\(programs)/pgbench", "-h", socket] + options
                + variables.flatMap { ["-D", "\($0.name)=\($0.value)"] } + ["postgres"], errorOutput: .output)
        child.closeInput()
        var memory: UInt64 = 0
        var lines: [String] = []
        while let line = child.line({ memory = max(memory, serverMemory) }) { lines.append(line) }
        guard child.wait() == 0, let line = lines.first(where: { $0.hasPrefix("tps = ") }),
            let rate = line.split(separator: " ").dropFirst(2).first.flatMap({ Double($0) })
        else {
            throw PeerError(.failed, "pgbench failed: \(lines.suffix(4).joined(separator: "\n"))")
        }
        return Rate(transactionsPerSecond: rate, memory: memory)
    }

    private var serverMemory: UInt64 {
        ([server.id] + ResidentMemory.children(of: server.id)).reduce(0) {
            $0 + (ResidentMemory.anonymous(of: $1) ?? 0)
        }
    }

    private func write(_ text: String, to path: String) throws(PeerError) {
        let descriptor = unsafe open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw PeerError(.failed, "\(path) cannot be written") }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard count == bytes.count else { throw PeerError(.failed, "\(path) cannot be written") }
    }
}
