import Foundation
import Testing

/// The arrows of the architecture: what each target of Sources may import of ours.
private let arrows: [String: Set<String>] = [
  "Telemetry": [],
  "MQTT": ["CMosquitto", "CMosquittoGuard", "COpenSSL", "CSocketBuffer"],
  "Decoding": ["Telemetry", "CSimdjson"],
  "Register": ["Telemetry"],
  "Storage": ["Telemetry", "Register", "CZstd", "COpenSSL", "CPageChecks"],
  "Ingestion": ["MQTT", "Decoding", "Telemetry", "Storage"],
  "Aggregation": ["Telemetry", "Register", "Storage"],
  "Reporting": ["Aggregation", "Telemetry", "Register"],
  "Spreadsheets": ["Reporting", "Aggregation", "Telemetry", "CXLSXWriter"],
  "Simulation": ["Telemetry"],
  "Processes": ["CProcessStart"],
  "millwright": [
    "Telemetry", "MQTT", "Decoding", "Register", "Storage", "Ingestion", "Aggregation", "Reporting",
    "Spreadsheets", "Simulation", "Processes", "CProcessMemory", "CStopSignals",
  ],
]

/// What may be imported from elsewhere, by target; Foundation and Glibc are everyone's.
private let libraries: [String: Set<String>] = [
  "Storage": ["GRDB", "GRDBSQLite", "Synchronization"],
  "MQTT": ["Synchronization"],
  "Processes": ["Synchronization"],
  "Ingestion": ["Synchronization"],
  "millwright": ["ArgumentParser", "Logging", "Yams", "Dispatch", "Synchronization"],
]

private let top = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()

@Suite("Architecture") struct ImportTests {
  @Test("Every target of Sources imports only what its arrows allow", arguments: arrows.keys.sorted())
  func imports(target: String) throws {
    let allowed = (arrows[target] ?? []).union(libraries[target] ?? []).union(["Foundation", "Glibc"])
    let folder = top.appendingPathComponent("Sources/\(target)")
    let files = try swiftFiles(in: folder)
    #expect(!files.isEmpty)
    for file in files {
      for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
        let words = line.split(separator: " ")
        guard let place = words.firstIndex(of: "import"), place < 3, place + 1 < words.count,
          !line.hasPrefix("//"), !line.hasPrefix(" ")
        else { continue }
        let module = String(words[place + 1].split(separator: ".")[0])
        #expect(allowed.contains(module), "\(file.lastPathComponent) of \(target) imports \(module)")
      }
    }
  }

  @Test("The package states these arrows and no others", arguments: arrows.keys.sorted())
  func manifest(target: String) throws {
    let manifest = try String(contentsOf: top.appendingPathComponent("Package.swift"), encoding: .utf8)
    // From the target's name to the end of its list of dependencies; products of packages are not ours.
    let named = "arget(name: \"\(target)\""
    let spread = "arget(\n      name: \"\(target)\""
    let start = try #require(manifest.range(of: named) ?? manifest.range(of: spread)).upperBound
    let ending = target == "Telemetry" ? ")," : "])"
    let end = try #require(manifest.range(of: ending, range: start..<manifest.endIndex)).lowerBound
    let products = /\.product\(name: "[^"]*", package: "[^"]*"\)/
    let declared = String(manifest[start..<end]).replacing(products, with: "")
      .matches(of: /"([A-Za-z]+)"/).map { String($0.output.1) }
    #expect(Set(declared).subtracting(["Yams"]) == arrows[target])
  }

  @Test("Every folder of Sources is a target with arrows, or a C library's face") func folders() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: top.path + "/Sources")
    let faces: Set = [
      "CMosquitto", "COpenSSL", "CZstd", "CXLSXWriter", "CSimdjson", "CSocketBuffer",
      "CProcessMemory", "CPageChecks", "CMosquittoGuard", "CStopSignals", "CProcessStart",
    ]
    #expect(Set(folders) == Set(arrows.keys).union(faces))
  }

  @Test("No file of Sources can end the process on input, or hides a data race without saying why")
  func traps() throws {
    for target in arrows.keys {
      for file in try swiftFiles(in: top.appendingPathComponent("Sources/\(target)")) {
        let text = try String(contentsOf: file, encoding: .utf8)
        for trap in ["try!", "fatalError(", "@unchecked Sendable", "as!"] {
          #expect(!text.contains(trap), "\(file.lastPathComponent) has \(trap)")
        }
      }
    }
  }

  private func swiftFiles(in folder: URL) throws -> [URL] {
    try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".swift") }
      .map { folder.appendingPathComponent($0) }
  }
}
