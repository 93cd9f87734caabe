// swift-tools-version: 6.1
import PackageDescription

// Measures the decoders beside Foundation and swift-protobuf, and compares Sparkplug payloads with swift-protobuf. Apart
// from the ordinary build, which needs no swift-protobuf: Scripts/bench builds it in a folder with links to Sources and
// Tests.
let package = Package(
  name: "format-benchmark",
  dependencies: [.package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0")],
  targets: [
    .target(name: "CSimdjson", linkerSettings: [.linkedLibrary("simdjson")]),
    .target(name: "Telemetry"),
    .target(name: "Decoding", dependencies: ["Telemetry", "CSimdjson"]),
    .target(
      name: "SparkplugSchema", dependencies: [.product(name: "SwiftProtobuf", package: "swift-protobuf")],
      path: "FormatBenchmark/Schema", exclude: ["sparkplug.proto"]),
    .executableTarget(
      name: "format-bench",
      dependencies: [
        "Decoding", "SparkplugSchema", "Telemetry",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      path: "FormatBenchmark/Bench"),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)
