extension Scenario: CustomStringConvertible {
  /// The scenario as a page to read, for whoever looks into a seed that failed.
  var description: String {
    var lines = ["days \(days), end \(clock(end)), as of \(clock(asOf)), now \(clock(now))"]
    for one in imports {
      lines.append("register effective on \(one.effectiveOn)")
      lines += one.rows.map { row in
        "  \(row.id) \(row.category) \(row.workshop)/\(row.line) every \(row.interval.map { "\($0) s" } ?? "-")"
          + " in \(row.commissionedOn.map(String.init) ?? "-") out \(row.decommissionedOn.map(String.init) ?? "-")"
          + " meter '\(row.energyMeter)' rollover \(row.rollover.map(String.init) ?? "-")"
      }
    }
    lines += shifts.map {
      "shift \($0.workshop)/\($0.line) \($0.days) \($0.weekdays.sorted()) \($0.start)–\($0.end)"
    }
    lines += holidays.sorted().map { "holiday \($0)" }
    lines += shutdowns.map {
      "shutdown \($0.workshop)/\($0.line) \(clock($0.from)) – \(clock($0.until)) entered \(clock($0.enteredAt))"
    }
    for connection in connections {
      lines.append("connected \(clock(connection.from))\(connection.resumed ? ", resumed" : "")")
      lines += connection.events.map { "  " + text($0) }
      switch connection.ending {
      case .stopped(let at): lines.append("stopped \(clock(at))")
      case .lost(let at): lines.append("lost \(clock(at))")
      case .killed: lines.append("killed")
      }
    }
    return lines.joined(separator: "\n")
  }

  private func text(_ event: Connection.Event) -> String {
    switch event {
    case .message(let record):
      "\(clock(record.received)) \(record.workshop)/\(record.equipment)\(record.retained ? " retained" : "")"
        + " of \(clock(record.time)) \(record.payload)"
    case .quiet(let at): "\(clock(at)) quiet"
    case .drops(let total, let at, _): "\(clock(at)) broker dropped \(total)"
    }
  }

  /// Day, local time of day, and the instant.
  private func clock(_ instant: Int) -> String {
    let day = Self.day(at: instant)
    let second = (instant - Self.start(of: day)) / 1000
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let time = "\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))"
    return "\(day) \(time).\(String(instant % 1000 + 1000).dropFirst())"
  }
}
