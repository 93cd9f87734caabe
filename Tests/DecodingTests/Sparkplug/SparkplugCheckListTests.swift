import Foundation
import Testing

/// Holds the list of checks, Golden/sparkplug-checks.md, against the ids in tests.
@Suite("List of checks of a Sparkplug host application") struct SparkplugCheckListTests {
  /// Number of ids in the list: 89 of the test kit, 2 of the specification's other statements, 17 about edge nodes.
  private static let count = 108

  private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().resolvingSymlinksInPath()

  /// The second cell of each row, by the first.
  private static func list() throws -> [(id: String, cell: String)] {
    let text = try String(
      contentsOf: tests.appending(path: "DecodingTests/Golden/sparkplug-checks.md"), encoding: .utf8)
    return text.split(separator: "\n").compactMap { line in
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      return cells.count == 2 && cells[0].hasPrefix("tck-id-") ? (cells[0], cells[1]) : nil
    }
  }

  /// Ids in the sources of tests, with the files that name them.
  private static func named() throws -> [String: Set<String>] {
    var found: [String: Set<String>] = [:]
    for file in try FileManager.default.subpathsOfDirectory(atPath: tests.path)
    where file.hasSuffix(".swift") {
      let text = try String(contentsOf: tests.appending(path: file), encoding: .utf8)
      for match in text.matches(of: /tck-id-[a-z0-9]+(-[a-z0-9]+)*/) {
        found[String(match.output.0), default: []].insert(file)
      }
    }
    return found
  }

  @Test("It has every id once, with the tests that are named after it or a reason")
  func complete() throws {
    let list = try Self.list()
    let named = try Self.named()
    #expect(list.count == Self.count)
    #expect(Set(list.map(\.id)).count == list.count)
    #expect(Set(named.keys).subtracting(list.map(\.id)) == [])
    for (id, cell) in list {
      guard let files = named[id] else {
        #expect(
          cell.hasPrefix("not held: ") || cell.hasPrefix("does not apply: "),
          "\(id) has no test and no reason")
        continue
      }
      #expect(Set(cell.components(separatedBy: "; ")) == files, "\(id)")
    }
  }
}
