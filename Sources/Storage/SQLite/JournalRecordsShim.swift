import Telemetry

extension JournalReader {
  public func forEachRecord(
    ofFactories factories: Set<String>?, fromDay day: CalendarDay?,
    _ body: (JournalRecord, Int64) throws -> Bool
  ) throws {
    var goesOn = true
    try forEachVerifiedBlock { block in
      guard goesOn else { return }
      try block.forEachRecord { record in
        if goesOn { goesOn = try body(record, block.number) }
      }
    }
  }
}
