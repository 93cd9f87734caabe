import Aggregation
import Daemon
import Foundation
import Reporting
import Synchronization
import Telemetry

/// The full set of a period: the district's report and each factory's, in every format asked for, in a folder
/// named after the period. Each file is written beside its place and renamed, so that nobody reads half of one.
struct ReportSet {
  let service: ReportService
  let request: ReportRequest
  let formats: [ReportFormat]
  let options: RenderingOptions
  /// Where the period's folder lies.
  let folder: String

  /// Writes the set; returns how many files there are, and where.
  ///
  /// - Parameter progress: told how many reports of how many are written.
  func write(progress: @Sendable (Int, Int) -> Void) throws -> (files: Int, folder: String) {
    let target = folder + "/" + Self.name(of: request.period)
    guard !folder.isEmpty else { throw CommandFailure(.usage, "--output-dir: name a folder") }
    try OutputFile.makeFolder(target, option: "--output-dir")
    let reports = try service.reports(for: request)
    let count = reports.factories.count + 1
    let done = Mutex(0)
    @Sendable func advance() {
      progress(
        done.withLock { done in
          done += 1
          return done
        }, count)
    }
    progress(0, count)
    try Concurrently.forEach(reports.factories) { id in
      try write(try reports.report(onFactory: id), named: Self.name(of: id), into: target)
      advance()
    }
    try write(reports.district, named: "district", into: target)
    advance()
    return (count * formats.count, target)
  }

  private func write(_ report: Report, named name: String, into folder: String) throws {
    for format in formats {
      try format.write(report, options, to: "\(folder)/\(name).\(format.endings[0])")
    }
  }

  /// `2026-10`, `2026-Q3` or `2026` where the period is one, else its first and last day.
  static func name(of period: Period) -> String {
    let (year, month, day) = period.firstDay.civil
    let (lastYear, lastMonth, lastDay) = period.lastDay.civil
    let endsMonth = lastDay == CalendarDay.length(ofMonth: lastMonth, year: lastYear)
    if day == 1, endsMonth, year == lastYear {
      let number = { (value: Int) in value < 10 ? "0\(value)" : "\(value)" }
      switch (month, lastMonth - month) {
      case (1, 11): return "\(year)"
      case (1, 2), (4, 2), (7, 2), (10, 2): return "\(year)-Q\((month + 2) / 3)"
      case (_, 0): return "\(year)-\(number(month))"
      default: break
      }
    }
    return "\(period.firstDay)--\(period.lastDay)"
  }

  /// A factory's id as the name of a file: what is not usual in one is written as `%` and two hexadecimal digits.
  static func name(of factory: String) -> String {
    let usual = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
    // A dot may stand anywhere but in front, and `district` is the district's.
    let name = factory.addingPercentEncoding(
      withAllowedCharacters: factory.hasPrefix(".") ? usual : usual.union(CharacterSet(charactersIn: ".")))
    return name.map { $0 == "district" ? "factory-district" : $0 } ?? "factory"
  }
}

/// Work on many things by as many threads as there are processors.
enum Concurrently {
  /// Calls `body` with each element. Once one has failed no other begins, and its error is thrown.
  static func forEach<Element: Sendable>(
    _ elements: [Element], _ body: @Sendable (Element) throws -> Void
  ) throws {
    let failure = Mutex<(any Error)?>(nil)
    DispatchQueue.concurrentPerform(iterations: elements.count) { index in
      guard failure.withLock({ $0 == nil }) else { return }
      do { try body(elements[index]) } catch { failure.withLock { $0 = $0 ?? error } }
    }
    if let error = failure.withLock({ $0 }) { throw error }
  }
}

/// How far a set is, on a terminal's standard error; nothing elsewhere.
final class SetProgress: Sendable {
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let shown = Mutex(false)

  /// Draws a bar over the one before.
  func show(_ done: Int, of all: Int) {
    guard isTerminal else { return }
    shown.withLock { shown in
      let full = all > 0 ? done * 30 / all : 0
      let bar = String(repeating: "#", count: full) + String(repeating: ".", count: 30 - full)
      FileHandle.standardError.write(Data("\r[\(bar)] \(done)/\(all) ".utf8))
      shown = true
    }
  }

  /// Takes the bar away.
  func clear() {
    shown.withLock { shown in
      if shown { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
      shown = false
    }
  }
}
