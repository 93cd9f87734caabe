// swift-tools-version: 6.1
import PackageDescription

// Fuzz targets, apart from the ordinary build: Scripts/fuzz builds them under the sanitizers, in a folder with links to
// Sources and Tests.
let package = Package(
  name: "fuzzing",
  dependencies: [.package(url: "https://github.com/jpsim/Yams", from: "6.2.0")],
  targets: [
    .systemLibrary(name: "CMosquitto", pkgConfig: "libmosquitto"),
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl"),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd"),
    .systemLibrary(name: "CZip", pkgConfig: "libzip"),
    .systemLibrary(name: "CExpat", pkgConfig: "expat"),
    .systemLibrary(name: "LibFuzzer", path: "Fuzzing/LibFuzzer"),
    .target(name: "CMosquittoGuard", dependencies: ["CMosquitto"]),
    .target(name: "CSimdjson", linkerSettings: [.linkedLibrary("simdjson")]),
    .target(name: "Telemetry"),
    .target(name: "Threads"),
    .target(name: "MQTT", dependencies: ["CMosquitto", "CMosquittoGuard", "COpenSSL"]),
    .target(name: "Decoding", dependencies: ["Telemetry", "CSimdjson"]),
    .target(name: "Register", dependencies: ["Telemetry"]),
    .target(name: "Ledgers", dependencies: ["Register", "Telemetry", "Threads", "CExpat", "CZip"]),
    .target(name: "Journal", dependencies: ["Telemetry", "CZstd", "COpenSSL"]),
    .target(name: "Storage", dependencies: ["Journal", "Register", "Telemetry"]),
    .target(name: "Ingestion", dependencies: ["Decoding", "Journal", "MQTT", "Storage", "Telemetry"]),
    .target(name: "Aggregation", dependencies: ["Journal", "Register", "Storage", "Telemetry"]),
    .target(
      name: "Configuration",
      dependencies: [
        "Aggregation", "Decoding", "Ingestion", "Journal", "MQTT", "Register", "Storage", "Telemetry", "Yams",
      ]),
    .target(name: "FuzzDriver", dependencies: ["LibFuzzer"], path: "Fuzzing/Driver"),
    .executableTarget(
      name: "fuzz-decoders", dependencies: ["FuzzDriver", "Decoding", "Telemetry"], path: "Decoders"),
    .executableTarget(
      name: "fuzz-settings",
      dependencies: ["FuzzDriver", "Configuration", "Decoding", "Ledgers", "Register", "Telemetry"],
      path: "Fuzzing/Settings"),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)
