import Aggregation
import Daemon
import Foundation
import Reporting
import Synchronization
import Telemetry

/// The full set of a period: the district's report and each factory's, in every format asked for, in a folder
/// named after the period, and a page that leads to all of them if people open these formats. Each file is written beside
/// its place and renamed, so that nobody reads half of one.
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
    guard !folder.isEmpty else {
      throw CommandFailure(.usage, "--output-dir: name a folder", "--output-dir：请指定文件夹")
    }
    try OutputFile.makeFolder(target, option: "--output-dir")
    let reports = try service.reports(for: request)
    let names = SetFileNames(Self.factories(of: reports.district, ids: reports.factories, options.language))
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
      try write(try reports.report(onFactory: id), named: names[id], into: target)
      advance()
    }
    var links: [String: String] = [:]
    for id in reports.factories where formats.contains(.html) {
      links[id] = Self.file(names[id], .html)
    }
    try write(reports.district, named: SetFileNames.district, into: target, links: links)
    let hasIndex = formats.contains(where: \.isDocument)
    if hasIndex { try writeIndex(reports.district, reports.factories, names, into: target) }
    advance()
    return (count * formats.count + (hasIndex ? 1 : 0), target)
  }

  /// Path of the page that leads to all reports of a set.
  static func index(of folder: String) -> String { "\(folder)/\(file(SetFileNames.index, .html))" }

  private static func file(_ stem: String, _ format: ReportFormat) -> String {
    "\(stem).\(format.endings[0])"
  }

  private func write(
    _ report: Report, named name: String, into folder: String, links: [String: String] = [:]
  ) throws {
    var options = options
    options.links = links
    options.index = Self.file(SetFileNames.index, .html)
    for format in formats {
      try format.write(report, options, to: "\(folder)/\(Self.file(name, format))")
    }
  }

  private func writeIndex(
    _ district: Report, _ factories: [String], _ names: SetFileNames, into folder: String
  ) throws {
    // A report to look at comes before data.
    let order = formats.filter(\.isDocument) + formats.filter { !$0.isDocument }
    func files(_ stem: String) -> [SetIndexRenderer.File] {
      order.map { .init(format: $0.rawValue.uppercased(), name: Self.file(stem, $0)) }
    }
    let page = SetIndexRenderer(language: options.language).render(
      district, files: files(SetFileNames.district),
      factoryFiles: Dictionary(uniqueKeysWithValues: factories.map { ($0, files(names[$0])) }))
    try OutputFile.write(Data(page.utf8), to: Self.index(of: folder))
  }

  /// The factories of a set with their names, in the language of the set if they have one in it.
  private static func factories(
    of district: Report, ids: [String], _ language: Language
  ) -> [(id: String, name: String)] {
    guard case .district(let ranking) = district.contents else { return ids.map { ($0, "") } }
    let registered = Dictionary(
      ranking.factories.map { ($0.factory.id, $0.factory) }, uniquingKeysWith: { first, _ in first })
    return ids.map { id in
      let names = [registered[id]?.nameEnglish ?? "", registered[id]?.nameChinese ?? ""]
      let inOrder = language == .english ? names : names.reversed()
      return (id, inOrder.first { !$0.isEmpty } ?? "")
    }
  }

  /// `2026-10`, `2026-Q3` or `2026` if the period is one that is over, else its first and last day.
  static func name(of period: Period) -> String {
    switch period.name {
    case .month(let year, let month)?: "\(year)-\(month < 10 ? "0" : "")\(month)"
    case .quarter(let year, let quarter)?: "\(year)-Q\(quarter)"
    case .year(let year)?: "\(year)"
    case nil: "\(period.firstDay)--\(period.lastDay)"
    }
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
