import Foundation
import StoreGenerator

/// What one report costs, in milliseconds, each series ascending.
struct Result {
  var subject: Subject
  /// Reading, judging and rendering JSON, within a process that runs.
  var inProcess: [Double]
  /// Processor time of one of them, the mean: what is left of it on a machine that others use.
  var processor: Double
  /// The whole command, from start to exit.
  var command: [Double]
  /// SQLite adding up the same rows of day totals.
  var scan: [Double]
  var bytes: Int

  static func median(_ series: [Double]) -> Double { series[(series.count - 1) / 2] }

  var holds: Bool? { subject.target.map { Self.median(inProcess) < $0 } }

  var line: String {
    let (report, command, scan) = (Self.median(inProcess), Self.median(command), Self.median(scan))
    return Results.row(
      subject.name,
      [report, processor, command, scan].map(Results.number) + [
        String(format: "%.2f", report / scan), Results.number(subject.target), Results.text(holds),
      ])
  }
}

/// All results of a run, as a table and as JSON.
struct Results {
  var plan: GeneratorPlan
  var rounds: Int
  var all: [Result] = []
  var set: SetResult?
  var checks: [String] = []

  init(plan: GeneratorPlan, rounds: Int) {
    self.plan = plan
    self.rounds = rounds
  }

  static var heading: String {
    row("milliseconds, median", ["report", "of CPU", "command", "SQLite", "ratio", "target", "holds"])
  }

  static func row(_ name: String, _ cells: [String]) -> String {
    name.padding(toLength: 33, withPad: " ", startingAt: 0)
      + cells.map { String(repeating: " ", count: max(1, 9 - $0.count)) + $0 }.joined()
  }

  static func number(_ milliseconds: Double?) -> String {
    guard let milliseconds else { return "" }
    return String(format: milliseconds < 100 ? "%.1f" : "%.0f", milliseconds)
  }

  static func text(_ holds: Bool?) -> String { holds.map { $0 ? "yes" : "NO" } ?? "" }

  static func json(_ value: (some CustomStringConvertible)?) -> String { value?.description ?? "null" }

  /// Every figure of the run.
  var json: String {
    let measured = all.map { result in
      """
          {"report": "\(result.subject.name)", "from": "\(result.subject.days.lowerBound)", \
      "to": "\(result.subject.days.upperBound)", "target_ms": \(Self.json(result.subject.target)), "holds": \(Self.json(result.holds)), \
      "bytes": \(result.bytes),
           "in_process_ms": \(series(result.inProcess)), "processor_ms": \(String(format: "%.3f", result.processor)), "command_ms": \(series(result.command)), \
      "sqlite_scan_ms": \(series(result.scan))}
      """
    }
    let set = set.map { result in
      """
        "set": {"from": "\(result.subject.days.lowerBound)", "to": "\(result.subject.days.upperBound)", \
      "target_ms": \(Self.json(result.subject.target)), "holds": \(Self.json(result.holds)), "files": \(result.files), \
      "bytes": \(result.bytes), "processor_ms": \(String(format: "%.3f", result.processor)), \
      "command_ms": \(series(result.command))},

      """
    }
    return """
      {
        "schema": "millwright.bench-reports/1",
        "factories": \(plan.factories), "equipment": \(plan.equipment), "days": \(plan.days), "seed": \(plan.seed),
        "cores": \(ProcessInfo.processInfo.activeProcessorCount), "rounds": \(rounds),
        "reports": [
      \(measured.joined(separator: ",\n"))
        ],
      \(set ?? "")  "checked": [\(checks.map { "\"\($0)\"" }.joined(separator: ", "))]
      }

      """
  }

  private func series(_ values: [Double]) -> String {
    "[" + values.map { String(format: "%.3f", $0) }.joined(separator: ", ") + "]"
  }
}
