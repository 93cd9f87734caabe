import Foundation

/// The targets of `Sources`, with what their files import and what the manifest declares for them.
struct Imports {
  static let top = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Modules imported by a target's files, by target; C targets are left out.
  let files: [String: Set<String>]
  /// Every folder of `Sources`.
  let folders: Set<String>
  private let manifest: String

  init() throws {
    manifest = try String(contentsOf: Self.top.appendingPathComponent("Package.swift"), encoding: .utf8)
    let sources = Self.top.appendingPathComponent("Sources")
    folders = Set(try FileManager.default.contentsOfDirectory(atPath: sources.path))
    var files: [String: Set<String>] = [:]
    for folder in folders {
      let swift = try Self.swiftFiles(in: folder)
      guard !swift.isEmpty else { continue }
      files[folder] = try swift.reduce(into: []) { try $0.formUnion(Self.imports(of: $1)) }
    }
    self.files = files
  }

  static func swiftFiles(in folder: String) throws -> [URL] {
    let url = top.appendingPathComponent("Sources/\(folder)")
    return try FileManager.default.subpathsOfDirectory(atPath: url.path).filter { $0.hasSuffix(".swift") }
      .map { url.appendingPathComponent($0) }
  }

  /// Modules that a file imports, without the system's.
  private static func imports(of file: URL) throws -> Set<String> {
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    let modules = lines.compactMap { line -> String? in
      // Most lines begin with other letters, and the pattern is slow.
      guard let first = line.utf8.first, "@ip".utf8.contains(first),
        let match = line.wholeMatch(of: /(?:@\w+ |public |package |internal )*import (?:\w+ )?(\w+).*/)
      else { return nil }
      return String(match.output.1)
    }
    return Set(modules).subtracting([
      "Foundation", "FoundationNetworking", "Glibc", "Musl", "Darwin", "Dispatch", "Synchronization",
    ])
  }

  /// Targets and products that the manifest gives a target.
  func declared(_ target: String) throws -> Set<String> {
    let start = try Regex("arget\\(\\s*name: \"\(target)\"")
    guard let found = manifest.firstMatch(of: start) else { return [] }
    let rest = manifest[found.range.upperBound...]
    let own = rest[..<(rest.firstMatch(of: /\n    \.\w+\(/)?.range.lowerBound ?? rest.endIndex)]
    guard let list = own.range(of: "dependencies: [") else { return [] }
    // The list ends where its bracket is closed.
    var depth = 1
    let names = own[list.upperBound...].prefix { character in
      if character == "[" { depth += 1 }
      if character == "]" { depth -= 1 }
      return depth > 0
    }
    let named = /\.(?:product|target)\(name: "(\w+)"(?:\([^)]*\)|[^)])*\)/
    let plain = names.replacing(named, with: "").matches(of: /"(\w+)"/).map { String($0.output.1) }
    return Set(names.matches(of: named).map { String($0.output.1) } + plain)
  }

  /// Targets of `Sources` that a target reaches by imports, directly or through others.
  func reached(from target: String) -> Set<String> {
    var found: Set<String> = []
    var waiting = [target]
    while let next = waiting.popLast() {
      for module in files[next] ?? [] where files[module] != nil && found.insert(module).inserted {
        waiting.append(module)
      }
    }
    return found
  }
}

extension String {
  /// Whether the text, which has no zero byte, has these bytes: much faster than by characters.
  func hasBytes(of word: String) -> Bool { strstr(self, word) != nil }

  /// The lines with Chinese characters, or others of three bytes.
  var wideLines: [Substring] {
    split(separator: "\n").filter { line in line.utf8.contains { $0 >= 0xE2 } }
  }
}
