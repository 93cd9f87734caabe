import Foundation
import Testing

@Suite("Architecture") struct ArchitectureTests {
  let imports: Imports

  init() throws { imports = try Imports() }

  @Test("Every target imports what the manifest declares for it, and all of that") func manifest() throws {
    for (target, imported) in imports.files {
      #expect(imported == (try imports.declared(target)), "\(target)")
    }
  }

  @Test(
    "A database is imported by its store and by alerts alone, and the store is reached by the executable alone"
  )
  func databases() {
    let databases: Set = ["GRDB", "GRDBSQLite", "SQLite3", "CPostgreSQL"]
    let stores = imports.files.filter { !$0.value.isDisjoint(with: databases) }.keys
    // Alerts keep their own state, which is no part of a store.
    #expect(Set(stores) == ["Alerts", "SQLiteStore"])
    let users = imports.files.keys.filter { imports.reached(from: $0).contains("SQLiteStore") }
    #expect(users == ["millwright"])
  }

  @Test("Alerts read a store through its contract, and HTTP is spoken by no other target") func alerts()
    throws
  {
    #expect(imports.reached(from: "Alerts").isDisjoint(with: ["SQLiteStore", "Simulation", "millwright"]))
    #expect(imports.files["Alerts"]?.contains("ArgumentParser") == false)
    for target in imports.files.keys where target != "Alerts" {
      for file in try Imports.swiftFiles(in: target) {
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(!text.contains("import FoundationNetworking"), "\(file.lastPathComponent) of \(target)")
      }
    }
  }

  @Test("Packs are made and verified without a database, a broker or the program's settings") func evidence()
  {
    let known = imports.reached(from: "Evidence")
    #expect(known.isDisjoint(with: ["SQLiteStore", "millwright"]))
    #expect(imports.files["Evidence"]?.isDisjoint(with: ["MQTT", "Yams", "ArgumentParser", "GRDB"]) == true)
    #expect(imports.files.filter { $0.value.contains("Evidence") }.map(\.key) == ["millwright"])
  }

  @Test("No statement of a database is written outside of its store") func statements() throws {
    let statement =
      #/\b(SELECT .+ FROM|INSERT (OR \w+ )?INTO|DELETE FROM|UPDATE \w+ SET|CREATE TABLE|PRAGMA) /#
    for target in imports.files.keys where target != "SQLiteStore" {
      for file in try Imports.swiftFiles(in: target) where !file.path.contains("/Alerts/Book/") {
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(text.firstMatch(of: statement) == nil, "\(file.lastPathComponent) of \(target)")
      }
    }
  }

  @Test(
    "The broker's session knows no equipment, values and rules know nobody, and nobody knows the executable")
  func layers() {
    #expect(imports.reached(from: "Telemetry").isEmpty)
    #expect(imports.reached(from: "MQTT").isEmpty)
    #expect(imports.reached(from: "Processes").isEmpty)
    #expect(imports.reached(from: "Journal") == ["Telemetry"])
    #expect(imports.reached(from: "Decoding") == ["Telemetry"])
    #expect(imports.reached(from: "Register") == ["Telemetry"])
    #expect(imports.reached(from: "Threads").isEmpty)
    #expect(imports.reached(from: "Access") == ["Telemetry"])
    #expect(imports.reached(from: "Ledgers") == ["Register", "Telemetry", "Threads"])
    #expect(imports.reached(from: "Aggregation").isDisjoint(with: ["Ingestion", "MQTT", "Decoding"]))
    #expect(imports.reached(from: "Reporting").isDisjoint(with: ["Ingestion", "MQTT", "Decoding"]))
    #expect(!imports.reached(from: "Configuration").contains("Daemon"))
    // What the daemon is runs over any store, and without a command line.
    #expect(imports.reached(from: "Daemon").isDisjoint(with: ["SQLiteStore", "millwright"]))
    #expect(imports.files["Daemon"]?.contains("ArgumentParser") == false)
    // Who serves pages reads any store, and cannot collect.
    #expect(imports.reached(from: "Web").isDisjoint(with: ["SQLiteStore", "millwright"]))
    #expect(imports.files["Web"]?.isDisjoint(with: ["MQTT", "Ingestion", "Decoding"]) == true)
    #expect(imports.files.filter { $0.value.contains("Hummingbird") }.map(\.key) == ["Web"])
    for target in imports.files.keys { #expect(!imports.reached(from: target).contains("millwright")) }
  }

  @Test("A folder without Swift files is a C library's face, and named as one") func faces() {
    let faces = imports.folders.subtracting(imports.files.keys)
    #expect(faces.allSatisfy { $0.hasPrefix("C") })
  }

  @Test("No file of Sources can end the process on input, or hides a data race without saying why")
  func traps() throws {
    for target in imports.files.keys {
      for file in try Imports.swiftFiles(in: target) {
        let text = try String(contentsOf: file, encoding: .utf8)
        for trap in ["try!", "fatalError(", "@unchecked Sendable", "as!"] {
          #expect(!text.contains(trap), "\(file.lastPathComponent) has \(trap)")
        }
      }
    }
  }

  @Test("The walk through the code in CONTRIBUTING.md has seven steps, each with a file that exists")
  func walk() throws {
    let text = try String(contentsOf: Imports.top.appendingPathComponent("CONTRIBUTING.md"), encoding: .utf8)
    let steps = text.matches(of: /(?m)^\| (\d) \| `([^`]+)` \|/)
    #expect(steps.map { String($0.output.1) } == ["1", "2", "3", "4", "5", "6", "7"])
    for step in steps {
      let path = Imports.top.appendingPathComponent(String(step.output.2)).path
      #expect(FileManager.default.fileExists(atPath: path), "\(step.output.2)")
    }
    #expect(Set(steps.map(\.output.2)).count == 7)
  }
}
