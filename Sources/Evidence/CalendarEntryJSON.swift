import Register
import Storage
import Telemetry

/// An entry of a production calendar. A shift has days, weekdays (Monday is 1) and minutes from local midnight; a
/// holiday has days; a shutdown has instants.
struct CalendarEntryJSON: Codable {
  /// Position among the entries of the imported file, from 0.
  var position: Int
  var kind: String
  var workshop: String
  var line: String
  var from: String?
  var to: String?
  var from_ms: Int64?
  var until_ms: Int64?
  var weekdays: [Int]?
  var start_minute: Int?
  var end_minute: Int?
  var note: String
}

extension CalendarEntryJSON {
  init(_ placed: RegisterContents.PlacedEntry) {
    let entry = placed.entry
    self.init(
      position: placed.position, kind: "", workshop: entry.place.workshop, line: entry.place.line,
      note: entry.note)
    switch entry.kind {
    case .shift(let days, let weekdays, let start, let end):
      kind = "shift"
      (from, to) = ("\(days.lowerBound)", "\(days.upperBound)")
      self.weekdays = weekdays.sorted().unlessEmpty
      (start_minute, end_minute) = (start, end)
    case .holiday(let days):
      kind = "holiday"
      (from, to) = ("\(days.lowerBound)", "\(days.upperBound)")
    case .shutdown(let range):
      kind = "shutdown"
      (from_ms, until_ms) = (range.lowerBound.milliseconds, range.upperBound.milliseconds)
    }
  }

  func value(
    of factory: String, _ check: PackCheck
  ) throws(EvidenceError) -> RegisterContents.PlacedEntry {
    let place = ProductionCalendar.Place(
      workshop: try check.text(workshop, "workshop"), line: try check.text(line, "line"))
    return RegisterContents.PlacedEntry(
      position: try check.number(position, 0...Int(Int32.max), "position"),
      entry: CalendarEntry(
        factory: factory, place: place, kind: try value(check), note: try check.text(note, "note")))
  }

  private func value(_ check: PackCheck) throws(EvidenceError) -> CalendarEntry.Kind {
    switch kind {
    case "shift":
      guard let start = start_minute, (0...1440).contains(start), let end = end_minute,
        (0...2880).contains(end)
      else { throw check.misfit("start_minute or end_minute") }
      let weekdays = try check.list(weekdays, most: 7, "weekdays")
      try check.require(weekdays.allSatisfy((1...7).contains), "weekdays")
      return .shift(days: try days(check), weekdays: Set(weekdays), start: start, end: end)
    case "holiday": return .holiday(days: try days(check))
    case "shutdown":
      guard let from_ms, let until_ms, from_ms <= until_ms else { throw check.misfit("from_ms or until_ms") }
      return .shutdown(try check.instant(from_ms, "from_ms")..<check.instant(until_ms, "until_ms"))
    default: throw check.misfit("kind")
    }
  }

  private func days(_ check: PackCheck) throws(EvidenceError) -> ClosedRange<CalendarDay> {
    guard let first = try check.day(from, "from"), let last = try check.day(to, "to"), first <= last else {
      throw check.misfit("from or to")
    }
    return first...last
  }
}
