import CProcessMemory
import Foundation
import Testing

/// In the data of the executable, beside its program text.
nonisolated(unsafe) private var kept = (1, 2)

@Suite("Memory of the process") struct ProcessMemoryTests {
  @Test("Program text is unmapped and runs again, and what is written stays")
  func unmapText() throws {
    kept.0 = 7
    let before = try resident()
    let unmapped = process_memory_unmap_text()
    let after = try resident()
    // Swift's and Foundation's libraries at least; all of it is among what is mapped of files and not written to.
    #expect(unmapped > 10 << 20)
    #expect(try unmapped <= mappedReadOnly())
    #expect(after < before - 4096)
    #expect(kept == (7, 2))
    #expect(try JSONDecoder().decode([Int].self, from: Data("[1, 2]".utf8)) == [1, 2])
  }

  /// Pages of files that are resident, in KiB.
  private func resident() throws -> Int {
    let line = try #require(try lines(of: "status").first { $0.hasPrefix("RssFile:") })
    return try #require(Int(line.filter(\.isNumber)))
  }

  /// Bytes of private mappings of files that cannot be written to.
  private func mappedReadOnly() throws -> Int {
    try lines(of: "maps").reduce(0) { sum, line in
      let fields = line.split(separator: " ", omittingEmptySubsequences: true)
      guard fields.count >= 6, fields[5].hasPrefix("/"), ["r-xp", "r--p"].contains(fields[1]) else {
        return sum
      }
      let ends = fields[0].split(separator: "-").compactMap { Int($0, radix: 16) }
      return sum + ends[1] - ends[0]
    }
  }

  private func lines(of file: String) throws -> [Substring] {
    let bytes = try #require(try FileHandle(forReadingAtPath: "/proc/self/\(file)")?.readToEnd())
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
  }
}
