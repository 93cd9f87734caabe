import CMalloc
import Dispatch
import Foundation
import Glibc

/// Keeps a process that runs for months at what it uses.
package enum ProcessMemory {
  /// Has arrays that grow give back what they grew out of. By default glibc keeps blocks of up to 32 MB once one has
  /// been freed (mallopt(3), "dynamic mmap threshold"), and nothing else fits into the gaps they leave.
  static func returnLargeBlocks() { mallopt(M_MMAP_THRESHOLD, 128 << 10) }

  /// Gives back the pages of the executable and its libraries that only starting needed (linking, reading settings
  /// and the store), and every hour what the day's tasks have used since, until it is cancelled.
  ///
  /// They are some 30 MB, ten times what collecting goes on to use, and would count as this process's memory until
  /// the system runs short of it.
  static func releaseIdlePages() -> any DispatchSourceTimer {
    let timer = DispatchSource.makeTimerSource(queue: .global(qos: .utility))
    timer.setEventHandler { unmapText() }
    timer.schedule(deadline: .now() + .seconds(2), repeating: .seconds(3600), leeway: .seconds(1))
    timer.resume()
    return timer
  }

  /// Unmaps every page of program text and read-only data. One that is used again is mapped again from the page
  /// cache, as it was at first; nothing is written, and nothing is read from the disk that is still cached.
  package static func unmapText() {
    // Read to its end: such a file has no size, and is given a page at a time.
    guard let file = FileHandle(forReadingAtPath: "/proc/self/smaps"), let bytes = try? file.readToEnd()
    else {
      return
    }
    for range in unchanged(in: String(decoding: bytes, as: UTF8.self)) {
      guard let start = UnsafeMutableRawPointer(bitPattern: range.lowerBound) else { continue }
      madvise(start, range.count, MADV_DONTNEED)
    }
  }

  /// Address ranges of private mappings of files, not writable, of which no page differs from its file: one that
  /// was written to, by relocations or a debugger's breakpoints, could not be read from there again.
  ///
  /// - Parameter mappings: what `/proc/self/smaps` says (proc_pid_smaps(5)).
  package static func unchanged(in mappings: String) -> [Range<UInt>] {
    var ranges: [Range<UInt>] = []
    var candidate: Range<UInt>?
    for line in mappings.split(separator: "\n") {
      let fields = line.split(separator: " ", omittingEmptySubsequences: true)
      if let range = addresses(fields.first) {
        let isOfFile = fields.count >= 6 && fields[5].hasPrefix("/")
        candidate = isOfFile && ["r-xp", "r--p"].contains(fields[1]) ? range : nil
      } else if fields.count >= 2, fields[0] == "Anonymous:", let range = candidate {
        if fields[1] == "0" { ranges.append(range) }
        candidate = nil
      }
    }
    return ranges
  }

  private static func addresses(_ field: Substring?) -> Range<UInt>? {
    guard let ends = field?.split(separator: "-"), ends.count == 2, let from = UInt(ends[0], radix: 16),
      let to = UInt(ends[1], radix: 16), from < to
    else { return nil }
    return from..<to
  }
}
