// swift-tools-version: 6.2
import PackageDescription

// MARK: - System libraries: one module map each, nothing else

let system: [Target] = [
    .systemLibrary(name: "CLMDB", pkgConfig: "lmdb", providers: [.apt(["liblmdb-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CMicroHTTP", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
    .systemLibrary(name: "CPKCS11", pkgConfig: "p11-kit-1", providers: [.apt(["libp11-kit-dev"])]),
    .systemLibrary(name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
    .target(name: "CShims", dependencies: ["CCrypto"]),
    .target(name: "CMicroHTTPShims", dependencies: ["CMicroHTTP"]),
]

// MARK: - Modules, lowest first: a module imports only what stands above it here

let modules: [Target] = [
    .target(name: "Digests", dependencies: ["CCrypto", "CShims"]),
    .target(name: "Threading", dependencies: ["CShims"]),
    .target(name: "Processes", dependencies: ["CShims", "Threading"]),
    .target(name: "Peers", dependencies: ["CLMDB", "CSQLite", "Processes"]),
    .target(name: "Files", dependencies: ["CShims"]),
    .target(name: "JSON"),
    .target(name: "Merkle", dependencies: ["Digests"]),
    .target(name: "EventFormat", dependencies: ["Digests"]),
    .target(name: "Contents", dependencies: ["Files", "Digests", "EventFormat"]),
    .target(name: "Signing", dependencies: ["CCrypto", "CShims", "Digests", "Files"]),
    .target(name: "Tokens", dependencies: ["CPKCS11", "Digests", "Signing"]),
    .target(name: "Timestamping", dependencies: ["CCrypto", "CShims", "Digests"]),
    .target(name: "Transparency", dependencies: ["Digests", "Merkle", "EventFormat", "Signing"]),
    .target(name: "Keyring", dependencies: ["Digests", "JSON", "EventFormat", "Signing", "Transparency"]),
    .target(name: "StoreFormat", dependencies: ["Digests", "Merkle", "EventFormat"]),
    .target(name: "LMDBFile"),
    .target(
        name: "Verifying",
        dependencies: [
            "Threading", "Files", "Digests", "JSON", "Merkle", "EventFormat", "Contents", "Signing", "Transparency",
            "Keyring", "StoreFormat", "LMDBFile",
        ]),
    .target(
        name: "EventLog",
        dependencies: [
            "CLMDB", "CShims", "Threading", "Files", "Digests", "JSON", "Merkle", "EventFormat", "Contents", "Signing",
            "Keyring", "StoreFormat",
        ]),
    .target(name: "Interchange", dependencies: ["CExpat", "CZlib", "Digests", "EventFormat", "JSON"]),
    .target(name: "Simulating", dependencies: ["EventFormat"]),
    .target(
        name: "Ledger",
        dependencies: [
            "Threading", "Files", "Digests", "Merkle", "EventFormat", "Contents", "Signing", "Transparency", "Keyring",
            "EventLog",
        ]),
    .target(
        name: "Publishing",
        dependencies: [
            "Threading", "Files", "Digests", "Merkle", "EventFormat", "Signing", "Timestamping", "Transparency",
            "Keyring",
            "EventLog", "Ledger",
        ]),
    .target(
        name: "Witnessing", dependencies: ["Threading", "Files", "Digests", "Merkle", "Signing", "Transparency"]),
    .target(name: "Serving", dependencies: ["CMicroHTTP", "CMicroHTTPShims", "Threading"]),
    .target(name: "Fetching"),
    .target(
        name: "ArchiveFormat",
        dependencies: ["Files", "Digests", "JSON", "Merkle", "EventFormat", "Transparency"]),
    .target(
        name: "Archiving",
        dependencies: [
            "Threading", "Files", "Digests", "JSON", "Merkle", "EventFormat", "Contents", "Signing", "Transparency",
            "Keyring", "StoreFormat", "EventLog", "Ledger", "Publishing", "ArchiveFormat",
        ]),
    .target(
        name: "Auditing",
        dependencies: [
            "Threading", "Files", "Digests", "JSON", "Merkle", "EventFormat", "Signing", "Timestamping", "Transparency",
            "Keyring", "ArchiveFormat",
        ]),
    .target(
        name: "Projecting",
        dependencies: ["CSQLite", "JSON", "Threading", "Digests", "EventFormat", "EventLog", "Ledger"]),
    .target(
        name: "Projections", path: "projections",
        resources: [.embedInCode("case-register.sql"), .embedInCode("activity-log.sql")]),
    .executableTarget(
        name: "mohur",
        dependencies: [
            "Threading", "Processes", "Peers", "Files", "Digests", "EventFormat", "Contents", "Merkle", "StoreFormat",
            "EventLog",
            "Ledger", "JSON", "Interchange", "Simulating", "Projecting", "Projections", "Verifying", "Signing",
            "Tokens",
            "Timestamping", "Transparency", "Keyring", "Publishing", "Witnessing", "Serving", "Fetching",
            "ArchiveFormat",
            "Archiving", "Auditing",
        ], path: "tools/mohur"),
    .executableTarget(
        name: "mohur-verify",
        dependencies: [
            "Threading", "Processes", "Files", "Digests", "JSON", "Merkle", "EventFormat", "Transparency", "Keyring",
            "Fetching", "ArchiveFormat", "Auditing",
        ], path: "tools/mohur-verify"),
]

// MARK: - Tests

let tests: [Target] = [
    .target(
        name: "TestSupport",
        dependencies: ["Digests", "EventFormat", "Merkle", "Signing", "StoreFormat", "Transparency"],
        path: "Tests/TestSupport"),
    .testTarget(name: "TidyTests"),
    .testTarget(name: "DocumentationTests", dependencies: ["Ledger"]),
    .testTarget(name: "MerkleTests", dependencies: ["TestSupport", "Merkle", "Digests"]),
    .target(name: "FaultInjection", path: "Tests/FaultInjection"),
    .executableTarget(
        name: "LedgerWorker",
        dependencies: [
            "Ledger", "EventLog", "Publishing", "Archiving", "Signing", "Transparency", "Witnessing", "Files",
        ], path: "Tests/LedgerWorker"),
    .testTarget(name: "LedgerTests", dependencies: ["TestSupport", "Ledger", "Digests", "Transparency"]),
    .testTarget(
        name: "EventLogTests", dependencies: ["EventLog", "EventFormat", "StoreFormat", "Digests", "Threading"]),
    .testTarget(
        name: "FaultTests",
        dependencies: [
            "TestSupport", "Ledger", "Verifying", "LedgerWorker", "mohur", "Publishing", "Signing", "Transparency",
            "Merkle", "Digests", "Files", "Archiving", "ArchiveFormat", "Auditing", "Witnessing", "EventLog",
            "StoreFormat", "EventFormat",
        ]),
    .testTarget(
        name: "CommandLineTests",
        dependencies: ["TestSupport", "mohur", "Digests", "Merkle", "Publishing", "Signing", "Transparency"],
        exclude: ["Clients", "Transcripts"]),
    .testTarget(name: "LMDBFileTests", dependencies: ["TestSupport", "LMDBFile", "CLMDB"]),
    .testTarget(name: "FilesTests", dependencies: ["Files"]),
    .testTarget(name: "SigningTests", dependencies: ["TestSupport", "Signing", "Digests", "JSON", "Files"]),
    .testTarget(name: "TokensTests", dependencies: ["TestSupport", "CPKCS11", "Tokens", "Signing", "Digests"]),
    .testTarget(name: "TimestampingTests", dependencies: ["TestSupport", "Timestamping", "Digests"]),
    .testTarget(
        name: "TransparencyTests",
        dependencies: ["TestSupport", "Transparency", "Signing", "Merkle", "EventFormat", "Digests", "JSON"],
        exclude: ["Corpus"]),
    .testTarget(
        name: "KeyringTests",
        dependencies: ["TestSupport", "Keyring", "Transparency", "Signing", "EventFormat", "Digests", "JSON"],
        exclude: ["Corpus"]),
    .testTarget(
        name: "PublishingTests",
        dependencies: [
            "TestSupport", "Publishing", "Ledger", "EventLog", "Transparency", "Keyring", "Signing", "Merkle",
            "EventFormat", "Digests", "Files", "Timestamping",
        ]),
    .testTarget(
        name: "WitnessingTests",
        dependencies: ["TestSupport", "Witnessing", "Transparency", "Signing", "Merkle", "Digests", "Files"]),
    .testTarget(name: "ServingTests", dependencies: ["TestSupport", "Serving", "Fetching"]),
    .testTarget(
        name: "ArchivingTests",
        dependencies: [
            "TestSupport", "Archiving", "ArchiveFormat", "Publishing", "Ledger", "EventLog", "Transparency", "Keyring",
            "Signing", "Merkle", "EventFormat", "Contents", "Digests", "Files", "Simulating",
        ], exclude: ["Corpus"]),
    .testTarget(
        name: "TrustTests",
        dependencies: [
            "TestSupport", "Auditing", "Archiving", "ArchiveFormat", "Publishing", "Witnessing", "Ledger", "EventLog",
            "Transparency", "Keyring", "Signing", "Merkle", "EventFormat", "Digests", "Files", "JSON",
        ]),
    .testTarget(name: "JSONTests", dependencies: ["TestSupport", "JSON"]),
    .testTarget(name: "DigestsTests", dependencies: ["Digests"]),
    .testTarget(name: "EventFormatTests", dependencies: ["TestSupport", "Digests", "Merkle", "EventFormat"]),
    .testTarget(
        name: "StoreFormatTests", dependencies: ["TestSupport", "Digests", "Merkle", "EventFormat", "StoreFormat"]),
    .testTarget(
        name: "VerifyingTests",
        dependencies: [
            "TestSupport",
            "CLMDB", "Threading", "Digests", "EventFormat", "Merkle", "StoreFormat", "LMDBFile", "Signing", "Keyring",
            "Verifying", "EventLog", "Ledger",
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
        .executable(name: "mohur-verify", targets: ["mohur-verify"]),
        // For the tests that make disks fail: preloaded into worker processes.
        .library(name: "FaultInjection", type: .dynamic, targets: ["FaultInjection"]),
    ],
    targets: system + modules + tests,
    swiftLanguageModes: [.v6])
