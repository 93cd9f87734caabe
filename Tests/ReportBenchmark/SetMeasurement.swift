import Foundation
import StoreGenerator

/// What the full set of a month costs: the district's report and each factory's, as HTML and XLSX, by the command
/// that a timer runs.
struct SetMeasurement {
  let store: MeasuredStore
  let subject: Subject

  /// The set of the month of `plan` in which the district is measured too.
  init?(_ store: MeasuredStore, _ subjects: [Subject]) {
    guard let month = subjects.first(where: { $0.factory == nil }) else { return nil }
    self.store = store
    subject = Subject(name: "set, a month", factory: nil, days: month.days, target: 30_000)
  }

  /// - Parameter timed: the milliseconds of each round, of what it is given.
  func run(rounds: Int, timed: (() throws -> Void) throws -> [Double]) throws -> SetResult {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("report-bench-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let before = Self.processorTime
    let command = try timed {
      try? FileManager.default.removeItem(atPath: folder)
      _ = try store.set(subject, into: folder)
    }
    let processor = (Self.processorTime - before) / Double(rounds + 1)
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.contains(".") }
    let sizes = try names.map {
      try FileManager.default.attributesOfItem(atPath: folder + "/" + $0)[.size] as? Int ?? 0
    }
    // A page leads to the reports.
    guard names.count == 2 * (store.plan.factories + 1) + 1, !sizes.contains(0) else {
      throw Disagreement("\(subject.name): \(names.count) files, \(sizes.count { $0 == 0 }) of them empty")
    }
    return SetResult(
      subject: subject, command: command, processor: processor, files: names.count,
      bytes: sizes.reduce(0, +))
  }

  /// Milliseconds of processor time of all commands that have ended.
  private static var processorTime: Double {
    var used = rusage()
    getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &used)
    let seconds = Double(used.ru_utime.tv_sec + used.ru_stime.tv_sec)
    return seconds * 1000 + Double(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000
  }
}

/// What a set costs, in milliseconds.
struct SetResult {
  var subject: Subject
  /// The whole command, ascending.
  var command: [Double]
  /// Processor time of one, the mean.
  var processor: Double
  var files: Int
  var bytes: Int

  var holds: Bool? { subject.target.map { Result.median(command) < $0 } }

  var line: String {
    Results.row(
      subject.name,
      [
        "", Results.number(processor), Results.number(Result.median(command)), "", "",
        Results.number(subject.target), Results.text(holds),
      ]) + "\n\(files) files of HTML and XLSX, \(bytes / 1_000_000) MB"
  }
}
