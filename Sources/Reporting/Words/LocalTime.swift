import Telemetry

extension LocalCalendar {
  /// `2026-11-22 21:40:05` in this zone.
  public func second(_ instant: Timestamp) -> String {
    let time = secondsOfDay(instant)
    return "\(minute(instant)):\(twoDigits(time % 60))"
  }

  /// `2026-11-22 21:40` in this zone.
  public func minute(_ instant: Timestamp) -> String {
    let time = secondsOfDay(instant)
    return "\(day(at: instant)) \(twoDigits(time / 3600)):\(twoDigits(time / 60 % 60))"
  }

  /// `+08:00`: this zone's offset from UTC at an instant.
  func offsetText(_ instant: Timestamp) -> String {
    let minutes = Int(offset(at: instant).milliseconds / 60_000)
    return "\(minutes < 0 ? "-" : "+")\(twoDigits(abs(minutes) / 60)):\(twoDigits(abs(minutes) % 60))"
  }

  /// RFC 3339 with this zone's offset.
  package func rfc3339(_ instant: Timestamp) -> String {
    instant.rfc3339(offset: offset(at: instant))
  }

  private func secondsOfDay(_ instant: Timestamp) -> Int {
    let local = instant.milliseconds + offset(at: instant).milliseconds
    return Int((local - Int64(day(at: instant).number) * 86_400_000) / 1000)
  }

  private func twoDigits(_ n: Int) -> String { n < 10 ? "0\(n)" : String(n) }
}
