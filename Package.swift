// swift-tools-version: 6.2
import PackageDescription

// Every target and the arrows between them are the architecture; Tests/ArchitectureTests holds both the
// imports in Sources and the dependencies written here against them.
//
// Hummingbird needs a package whose module is named as one of ours.
let aliases = ["Configuration": "SwiftConfiguration"]
let package = Package(
  name: "millwright",
  defaultLocalization: "en",
  products: [.executable(name: "millwright", targets: ["millwright"])],
  traits: [
    .trait(
      name: "SocketBuffer",
      description:
        "Gathers libmosquitto's reads and writes: a third of the processor time. Needs glibc, no sanitizer."),
    .default(enabledTraits: ["SocketBuffer"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(
      url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1",
      traits: ["ConfigurationSupport"]),
  ],
  targets: [
    // C libraries, each behind a small face.
    .systemLibrary(name: "CMosquitto", pkgConfig: "libmosquitto", providers: [.apt(["libmosquitto-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CXLSXWriter", providers: [.apt(["libxlsxwriter-dev"])]),
    .systemLibrary(name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
    .target(name: "CPageChecks", linkerSettings: [.linkedLibrary("sqlite3")]),
    .target(name: "CProcessMemory"),
    .target(name: "CSocketBuffer"),
    .target(name: "CMosquittoGuard", dependencies: ["CMosquitto"]),
    .target(name: "CStopSignals"),
    .target(name: "CProcessStart"),
    .target(name: "CSimdjson", linkerSettings: [.linkedLibrary("simdjson")]),

    // The product, from values and rules outwards.
    .target(name: "Telemetry"),
    .target(name: "Threads"),
    // Accounts, sessions and tokens of those who look at pages; knows neither HTTP nor a store.
    .target(name: "Access", dependencies: ["Telemetry", "COpenSSL"]),
    .target(
      name: "MQTT",
      dependencies: [
        "CMosquitto", "CMosquittoGuard", "COpenSSL",
        .target(name: "CSocketBuffer", condition: .when(traits: ["SocketBuffer"])),
      ]),
    .target(name: "Decoding", dependencies: ["Telemetry", "CSimdjson"]),
    .target(name: "Listening", dependencies: ["Decoding", "Telemetry"]),
    .target(name: "Register", dependencies: ["Telemetry"]),
    .target(name: "Ledgers", dependencies: ["Register", "Telemetry", "Threads", "CExpat", "CZip"]),
    .target(name: "Journal", dependencies: ["Telemetry", "CZstd", "COpenSSL"]),
    .target(name: "Storage", dependencies: ["Journal", "Register", "Telemetry"]),
    .target(
      name: "SQLiteStore",
      dependencies: [
        "Journal", "Register", "Storage", "Telemetry", "CPageChecks",
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ]),
    .target(name: "Ingestion", dependencies: ["Decoding", "Journal", "MQTT", "Storage", "Telemetry"]),
    .target(name: "Aggregation", dependencies: ["Journal", "Register", "Storage", "Telemetry"]),
    .target(name: "Reporting", dependencies: ["Aggregation", "Telemetry", "Register"]),
    .target(
      name: "Evidence",
      dependencies: [
        "Aggregation", "Decoding", "Ingestion", "Journal", "Register", "Reporting", "Storage", "Telemetry",
      ]),
    .target(
      name: "Spreadsheets",
      dependencies: [
        "Reporting", "Aggregation", "Register", "Telemetry", "Threads", "CXLSXWriter", "CZip", "CZlib",
      ]),
    .target(
      name: "Configuration",
      dependencies: [
        "Access", "Aggregation", "Decoding", "Ingestion", "Journal", "MQTT", "Register", "Storage",
        "Telemetry",
        "Yams",
      ]),
    .target(
      name: "Daemon",
      dependencies: [
        "Aggregation", "Configuration", "Decoding", "Ingestion", "Journal", "MQTT", "Reporting", "Storage",
        "Telemetry",
        .product(name: "Logging", package: "swift-log"),
      ]),
    // The read-only web server: pages, events and the API of a store.
    .target(
      name: "Web",
      dependencies: [
        "Access", "Aggregation", "Alerts", "Configuration", "Daemon", "Journal", "Listening", "Reporting",
        "Storage", "Telemetry", "CZlib",
        .product(name: "Hummingbird", package: "hummingbird", moduleAliases: aliases),
        .product(name: "HummingbirdCore", package: "hummingbird", moduleAliases: aliases),
        .product(name: "HummingbirdTLS", package: "hummingbird", moduleAliases: aliases),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .target(
      name: "Alerts",
      dependencies: [
        "Aggregation", "Configuration", "Daemon", "Journal", "MQTT", "Reporting", "Storage", "Telemetry",
        "COpenSSL",
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .target(name: "Simulation", dependencies: ["Telemetry"]),
    .target(name: "Processes", dependencies: ["CProcessStart"]),
    .executableTarget(
      name: "millwright",
      dependencies: [
        "Telemetry", "Access", "Alerts", "MQTT", "Configuration", "Daemon", "Decoding", "Journal", "Ledgers",
        "Listening",
        "Register",
        "SQLiteStore", "Storage", "Ingestion", "Aggregation", "Reporting", "Evidence", "Spreadsheets",
        "Simulation", "Web",
        "Processes",
        "CProcessMemory",
        "CStopSignals",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ]),

    // Real brokers, free ports and temporary folders for the tests.
    .target(
      name: "TestSupport", dependencies: ["Processes", "Telemetry"], path: "Tests/TestSupport",
      exclude: ["receiver.py"]),
    // Reads a store through its contract, for tests of ingestion and of the program.
    .target(
      name: "StoreReading", dependencies: ["Journal", "Storage", "Telemetry"], path: "Tests/StoreReading"),
    // A year of a district as a store, and what reports of it cost: Scripts/bench-reports.
    .target(
      name: "StoreGenerator",
      dependencies: [
        "Decoding", "Register", "Journal", "SQLiteStore", "Storage", "Telemetry", "TestSupport",
      ],
      path: "Tests/StoreGenerator"),
    .executableTarget(
      name: "report-bench",
      dependencies: [
        "StoreGenerator", "Aggregation", "Processes", "Register", "Reporting", "Journal", "SQLiteStore",
        "Storage", "Telemetry",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "GRDB", package: "GRDB.swift"),
      ], path: "Tests/ReportBenchmark"),
    // The way of a message without broker and disk, whose instructions Scripts/test counts.
    .executableTarget(
      name: "message-path",
      dependencies: ["Decoding", "Ingestion", "MQTT", "Journal", "SQLiteStore", "Storage", "Telemetry"],
      path: "Tests/MessagePath", exclude: ["baseline.txt"]),
    // A story of messages into a real store, by the story's clock: for the audit of Tests/Audit.
    .executableTarget(
      name: "audit-feed",
      dependencies: [
        "Decoding", "Ingestion", "MQTT", "Journal", "SQLiteStore", "Storage", "Telemetry", "TestSupport",
      ],
      path: "Tests/AuditFeed"),
    .testTarget(name: "ArchitectureTests"),
    .testTarget(name: "TelemetryTests", dependencies: ["Telemetry", "TestSupport"]),
    .testTarget(name: "ThreadsTests", dependencies: ["Threads"]),
    .testTarget(name: "AccessTests", dependencies: ["Access", "Telemetry", "TestSupport"]),
    .testTarget(
      name: "MQTTTests",
      dependencies: [
        "MQTT", "TestSupport", .target(name: "CSocketBuffer", condition: .when(traits: ["SocketBuffer"])),
      ]),
    .testTarget(
      name: "DecodingTests", dependencies: ["Decoding", "Telemetry", "TestSupport"], exclude: ["Golden"]),
    .testTarget(
      name: "ListeningTests",
      dependencies: ["Listening", "Configuration", "Decoding", "Register", "Telemetry"]),
    .testTarget(name: "RegisterTests", dependencies: ["Register", "Telemetry", "TestSupport"]),
    .testTarget(
      name: "LedgersTests", dependencies: ["Ledgers", "Register", "Telemetry", "TestSupport"],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "StorageTests",
      dependencies: [
        "Journal", "SQLiteStore", "Storage", "Telemetry", "Register", "TestSupport",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    // One suite for every kind of store.
    .testTarget(
      name: "StoreContract",
      dependencies: [
        "Decoding", "Ingestion", "Journal", "MQTT", "Register", "SQLiteStore", "Storage", "StoreReading",
        "Telemetry", "TestSupport", .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .testTarget(
      name: "IngestionTests",
      dependencies: [
        "Ingestion", "MQTT", "Decoding", "Journal", "SQLiteStore", "Storage", "StoreReading", "Telemetry",
        "TestSupport", .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .testTarget(
      name: "AggregationTests",
      dependencies: [
        "Aggregation", "Register", "Journal", "SQLiteStore", "Storage", "Telemetry", "TestSupport",
      ], exclude: ["Forms/oee.txt", "Forms/oee_package.py"]),
    .testTarget(
      name: "ReferenceTests",
      dependencies: [
        "Aggregation", "Decoding", "Ingestion", "MQTT", "Register", "Reporting", "Journal", "SQLiteStore",
        "Storage", "Telemetry",
        "TestSupport",
      ]),
    .testTarget(
      name: "ReportingTests",
      dependencies: [
        "Reporting", "Spreadsheets", "Aggregation", "Register", "Journal", "SQLiteStore", "Storage",
        "Telemetry", "TestSupport",
      ], exclude: ["Golden", "Python"]),
    // HTML reports and the pages of the web server in a real Chromium, spoken to by browser.py.
    .testTarget(
      name: "BrowserTests", dependencies: ["millwright", "audit-feed", "Processes", "TestSupport"],
      exclude: ["browser.py", "devtools.py"]),
    .testTarget(
      name: "WorkedExamples",
      dependencies: [
        "millwright", "Aggregation", "Configuration", "Decoding", "Ingestion", "MQTT", "Register",
        "Reporting",
        "Journal", "SQLiteStore", "Storage", "Telemetry", "TestSupport",
      ], path: "Tests/WorkedExamples", exclude: ["Examples", "README.md"]),
    .testTarget(
      name: "StoreGeneratorTests",
      dependencies: [
        "StoreGenerator", "Aggregation", "Decoding", "Ingestion", "MQTT", "Register", "Journal",
        "SQLiteStore", "Storage", "Telemetry",
        "TestSupport",
      ]),
    .testTarget(
      name: "EvidenceTests",
      dependencies: ["Evidence", "Journal", "Register", "Storage", "Telemetry", "TestSupport"],
      exclude: ["Golden"]),
    .testTarget(name: "ProcessesTests", dependencies: ["Processes", "TestSupport"]),
    .testTarget(name: "SimulationTests", dependencies: ["Simulation", "Telemetry"]),
    .testTarget(
      name: "MillwrightTests",
      dependencies: [
        "millwright", "Access", "Aggregation", "Configuration", "Daemon", "Decoding", "Register",
        "Reporting",
        "Storage",
        "Telemetry",
        "TestSupport",
      ]),
    .testTarget(
      name: "DaemonTests",
      dependencies: [
        "Daemon", "Aggregation", "Configuration", "Ingestion", "Journal", "MQTT", "Register", "Reporting",
        "SQLiteStore", "Storage", "Telemetry", "TestSupport",
        .product(name: "Logging", package: "swift-log"),
      ]),
    .testTarget(
      name: "OperatorsTests",
      dependencies: ["Aggregation", "Daemon", "Storage", "Telemetry", "TestSupport", "Web"]),
    .testTarget(
      name: "WebTests",
      dependencies: [
        "Web", "Access", "Aggregation", "Alerts", "Configuration", "Ingestion", "MQTT", "Register",
        "Reporting", "SQLiteStore",
        "Storage", "Telemetry", "TestSupport", "CZlib", .product(name: "Logging", package: "swift-log"),
      ]),
    .testTarget(
      name: "AlertsTests",
      dependencies: [
        "Alerts", "Aggregation", "Configuration", "Daemon", "Ingestion", "Journal", "MQTT", "Processes",
        "Register", "SQLiteStore", "Storage", "Telemetry", "TestSupport",
        .product(name: "Logging", package: "swift-log"),
      ]),
    .testTarget(
      name: "IntegrationTests",
      dependencies: [
        "millwright", "Decoding", "Ingestion", "MQTT", "Processes", "Journal", "SQLiteStore", "Storage",
        "StoreReading", "Telemetry", "TestSupport",
        .product(name: "GRDB", package: "GRDB.swift"),
      ], exclude: ["mutate.py"]),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)

// TEST_TARGETS, names with spaces between, leaves out all other test targets: Scripts/sanitize builds only a few.
if let wanted = Context.environment["TEST_TARGETS"]?.split(separator: " ").map(String.init) {
  package.targets.removeAll { $0.type == .test && !wanted.contains($0.name) }
}

// Tests are compiled without optimisation, since optimising them takes almost half of the time of a build. The product is
// optimised, and so are the tests with thousands of random cases.
for target in package.targets where target.type == .test && target.name != "ReferenceTests" {
  target.swiftSettings = (target.swiftSettings ?? []) + [.unsafeFlags(["-Onone"])]
}
