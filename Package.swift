// swift-tools-version: 6.2
import PackageDescription

// MARK: - System libraries: one module map each, nothing else

let system: [Target] = [
    .systemLibrary(name: "CLMDB", pkgConfig: "lmdb", providers: [.apt(["liblmdb-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
    .target(name: "CShims", dependencies: ["CCrypto"]),
]

// MARK: - Modules, lowest first: a module imports only what stands above it here

let modules: [Target] = [
    .target(name: "Digests", dependencies: ["CCrypto", "CShims"]),
    .target(name: "Threading", dependencies: ["CShims"]),
    .target(name: "Processes", dependencies: ["CShims", "Threading"]),
    .target(name: "Peers", dependencies: ["CLMDB", "CSQLite", "Processes"]),
    .target(name: "Merkle", dependencies: ["Digests"]),
    .target(name: "EventFormat", dependencies: ["Digests"]),
    .target(name: "StoreFormat", dependencies: ["Digests", "Merkle", "EventFormat"]),
    .target(name: "LMDBFile"),
    .target(
        name: "Verifying", dependencies: ["Threading", "Digests", "Merkle", "EventFormat", "StoreFormat", "LMDBFile"]),
    .target(name: "EventLog", dependencies: ["CLMDB", "Threading", "Digests", "Merkle", "EventFormat", "StoreFormat"]),
    .target(name: "JSON"),
    .target(name: "Interchange", dependencies: ["CExpat", "CZlib", "Digests", "EventFormat", "JSON"]),
    .target(name: "Simulating", dependencies: ["EventFormat"]),
    .target(name: "Ledger", dependencies: ["Threading", "Digests", "Merkle", "EventFormat", "EventLog"]),
    .target(
        name: "Projecting",
        dependencies: ["CSQLite", "JSON", "Threading", "Digests", "EventFormat", "EventLog", "Ledger"]),
    .target(
        name: "Projections", path: "projections",
        resources: [.embedInCode("case-register.sql"), .embedInCode("activity-log.sql")]),
    .executableTarget(
        name: "mohur",
        dependencies: [
            "Threading", "Processes", "Peers", "Digests", "EventFormat", "Merkle", "StoreFormat", "EventLog", "Ledger",
            "JSON", "Interchange", "Simulating", "Projecting", "Projections", "Verifying",
        ], path: "tools/mohur"),
]

// MARK: - Tests

let tests: [Target] = [
    .target(
        name: "TestSupport", dependencies: ["Digests", "EventFormat", "StoreFormat"], path: "Tests/TestSupport"),
    .testTarget(name: "TidyTests"),
    .testTarget(name: "DocumentationTests", dependencies: ["Ledger"]),
    .testTarget(name: "MerkleTests", dependencies: ["TestSupport", "Merkle", "Digests"]),
    .target(name: "FaultInjection", path: "Tests/FaultInjection"),
    .executableTarget(name: "LedgerWorker", dependencies: ["Ledger", "EventLog"], path: "Tests/LedgerWorker"),
    .testTarget(name: "LedgerTests", dependencies: ["TestSupport", "Ledger", "Digests"]),
    .testTarget(name: "EventLogTests", dependencies: ["EventLog", "EventFormat", "Threading"]),
    .testTarget(name: "FaultTests", dependencies: ["Ledger", "Verifying", "LedgerWorker"]),
    .testTarget(name: "CommandLineTests", dependencies: ["mohur"], exclude: ["Transcripts"]),
    .testTarget(name: "LMDBFileTests", dependencies: ["TestSupport", "LMDBFile", "CLMDB"]),
    .testTarget(name: "JSONTests", dependencies: ["TestSupport", "JSON"]),
    .testTarget(name: "DigestsTests", dependencies: ["Digests"]),
    .testTarget(name: "EventFormatTests", dependencies: ["TestSupport", "Digests", "Merkle", "EventFormat"]),
    .testTarget(
        name: "StoreFormatTests", dependencies: ["TestSupport", "Digests", "Merkle", "EventFormat", "StoreFormat"]),
    .testTarget(
        name: "VerifyingTests",
        dependencies: [
            "TestSupport",
            "CLMDB", "Threading", "Digests", "EventFormat", "Merkle", "StoreFormat", "LMDBFile", "Verifying",
            "EventLog", "Ledger",
        ]),
    .testTarget(
        name: "ProjectingTests",
        dependencies: ["Projecting", "Ledger", "Digests", "EventFormat", "Interchange", "Simulating"]),
    .testTarget(
        name: "InterchangeTests", dependencies: ["TestSupport", "Interchange", "EventFormat", "JSON", "Digests"]),
    .testTarget(name: "SimulatingTests", dependencies: ["Simulating", "EventFormat", "Digests"]),
]

// MARK: - Settings of all targets

let settings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]
for target in modules { target.swiftSettings = settings + [.strictMemorySafety()] }
for target in tests { target.swiftSettings = settings }

let package = Package(
    name: "mohur",
    products: [
        .library(name: "Ledger", targets: ["Ledger"]),
        .executable(name: "mohur", targets: ["mohur"]),
        // For the tests that make disks fail: preloaded into worker processes.
        .library(name: "FaultInjection", type: .dynamic, targets: ["FaultInjection"]),
    ],
    targets: system + modules + tests,
    swiftLanguageModes: [.v6])
