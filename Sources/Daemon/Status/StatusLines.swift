import Ingestion
import Logging
import Reporting
import Telemetry

/// Log lines of a ``StatusBoard``.
extension Logger {
  /// Messages were refused for a reason, such as the example.
  func refused(_ line: RefusalLog.Line, _ example: RefusalExample?) {
    var metadata: Logger.Metadata = ["messages": "\(line.messages)", "reason": "\(line.reason.name)"]
    var command = "millwright quarantine list --reason \(line.reason.name)"
    if let example {
      metadata["topic"] = "\(example.topic)"
      if !example.detail.isEmpty { metadata["detail"] = "\(RejectionDetail.shown(example.detail))" }
      let remedies = Remedies(.english)
      metadata["problem"] = "\(remedies.problem(example.reason, example.detail, example.fault))"
      metadata["remedy"] = "\(remedies.remedy(example.reason, example.detail, example.fault))"
      command = "millwright quarantine show \(example.block)/\(example.record)"
    }
    warning("messages refused; '\(command)' shows one", metadata: metadata)
  }

  /// Little of the store's disk is free.
  func diskIsLow(_ line: DiskWatch.Line) {
    warning(
      "the store's disk is nearly full: make room, or shorten journal.retention",
      metadata: ["free": "\(line.free)", "total": "\(line.total)"])
  }
}
