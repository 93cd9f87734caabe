import Telemetry

/// The columns of a calendar file.
public enum CalendarColumn: String, RegisterColumn {
  case factoryID = "factory_id"
  case workshop
  case line
  case kind
  case from
  case to
  case weekdays
  case start
  case end
  case note

  public var chinese: String {
    switch self {
    case .factoryID: "企业编号"
    case .workshop: "车间"
    case .line: "产线"
    case .kind: "类型"
    case .from: "起"
    case .to: "止"
    case .weekdays: "星期"
    case .start: "开始"
    case .end: "结束"
    case .note: "备注"
    }
  }

  public var isRequired: Bool { [.factoryID, .kind, .from, .to].contains(self) }
}

/// One row of a calendar file.
public struct CalendarEntry: Equatable, Sendable {
  /// Plan that the row states.
  public enum Kind: Equatable, Sendable {
    case shift(days: ClosedRange<CalendarDay>, weekdays: Set<Int>, start: Int, end: Int)
    case holiday(days: ClosedRange<CalendarDay>)
    case shutdown(Range<Timestamp>)
  }
  public var factory: String
  public var place: ProductionCalendar.Place
  public var kind: Kind
  public var note: String

  /// An entry of a factory's calendar.
  public init(factory: String, place: ProductionCalendar.Place, kind: Kind, note: String = "") {
    self.factory = factory
    self.place = place
    self.kind = kind
    self.note = note
  }

  /// Reads a calendar file: shifts and holidays in days, shutdowns in instants (local time of `calendar`
  /// where no offset is written).
  ///
  /// - Parameters:
  ///   - factories: the ids the register has.
  /// - Throws: everything that is wrong with the file, at once.
  public static func read(
    _ file: RegisterFile, factories: Set<String>, calendar: LocalCalendar
  ) throws(RegisterProblems) -> [CalendarEntry] {
    var table = RegisterTable<CalendarColumn>(file)
    var problems = table.problems
    var entries: [CalendarEntry] = []
    let isReadable = table.isReadable
    var known = KnownFactories(factories, source: "the register", chinese: "台账")
    while var reader = table.nextRow(isFull: problems.isFull) {
      if isReadable, let entry = entry(&reader, &known, calendar) { entries.append(entry) }
      reader.report(to: &problems)
    }
    guard problems.isEmpty else { throw problems }
    return entries
  }

  private static func entry(
    _ reader: inout RowReader<CalendarColumn>, _ factories: inout KnownFactories, _ calendar: LocalCalendar
  ) -> CalendarEntry? {
    let factory = reader.id(.factoryID)
    if EquipmentKey.isID(factory.utf8), !factories.contains(factory) {
      reader.refuse(
        .factoryID, .unknownFactory,
        "factory '\(factory)' is not in the register\(factories.hint(for: factory).english)",
        "台账中没有企业“\(factory)”\(factories.hint(for: factory).chinese)")
    }
    let place = ProductionCalendar.Place(workshop: reader.id(.workshop), line: reader.id(.line))
    if place.workshop.isEmpty, !place.line.isEmpty {
      reader.refuse(.line, .missingValue, "a line needs its workshop beside it", "填写产线时须同时填写车间")
    }
    let note = reader.text(.note)
    guard let kind = kind(&reader, calendar) else { return nil }
    return CalendarEntry(factory: factory, place: place, kind: kind, note: note)
  }

  private static func kind(_ reader: inout RowReader<CalendarColumn>, _ calendar: LocalCalendar) -> Kind? {
    let word = reader.text(.kind)
    switch word {
    case "shift", "班次":
      // Every cell is looked at before one is refused, so that all problems are named.
      let (days, weekdays) = (reader.days(.from, .to), reader.weekdays(.weekdays))
      let (start, end) = (reader.minute(.start), reader.minute(.end))
      guard let days, let weekdays, let start, let end else { return nil }
      // An end at or before the start lies past midnight.
      return .shift(days: days, weekdays: weekdays, start: start, end: end > start ? end : end + 1440)
    case "holiday", "假日":
      reader.refuseValues(in: [.weekdays, .start, .end], of: word)
      return reader.days(.from, .to).map { .holiday(days: $0) }
    case "shutdown", "停产":
      reader.refuseValues(in: [.weekdays, .start, .end], of: word)
      let (from, until) = (reader.instant(.from, calendar), reader.instant(.to, calendar))
      guard let from, let until else { return nil }
      guard from < until else {
        let heading = reader.heading(.from)
        reader.refuse(.to, .order, "is not after \(heading)", "不晚于“\(heading)”")
        return nil
      }
      return .shutdown(from..<until)
    default:
      reader.refuse(
        .kind, .word,
        "'\(RowReader<CalendarColumn>.shown(word))' is not one of shift 班次, holiday 假日, shutdown 停产"
          + Suggestion.phrase(for: word, among: ["shift", "holiday", "shutdown"]),
        "“\(RowReader<CalendarColumn>.shown(word))”应为班次（shift）、假日（holiday）、停产（shutdown）之一")
      return nil
    }
  }
}

extension RowReader {
  /// Both ends of some days, included.
  fileprivate mutating func days(_ first: Column, _ last: Column) -> ClosedRange<CalendarDay>? {
    let from = requiredDay(first)
    let to = requiredDay(last)
    guard let from, let to else { return nil }
    guard from <= to else {
      let heading = heading(first)
      refuse(last, .order, "\(to) is before \(heading) \(from)", "\(to) 早于“\(heading)”\(from)")
      return nil
    }
    return from...to
  }

  private mutating func requiredDay(_ column: Column) -> CalendarDay? {
    let found = problemCount
    if let day = day(column) { return day }
    if problemCount == found { refuse(column, .missingValue, "a date is required", "必须填写日期") }
    return nil
  }

  /// `HH:MM` up to 24:00, in minutes.
  fileprivate mutating func minute(_ column: Column) -> Int? {
    let text = text(column)
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    if parts.count == 2, (1...2).contains(parts[0].utf8.count), parts[1].utf8.count == 2,
      let hour = Int(parts[0]), let minute = Int(parts[1]), (0...24).contains(hour),
      (0...59).contains(minute),
      hour < 24 || minute == 0
    {
      return hour * 60 + minute
    }
    refuse(
      column, .date,
      text.isEmpty ? "a time is required" : "'\(Self.shown(text))' is not a time such as 08:00 or 24:00",
      text.isEmpty ? "必须填写时间" : "“\(Self.shown(text))”不是有效时间，应形如 08:00 或 24:00")
    return nil
  }

  /// ISO weekdays such as `1-5` or `1,3,5`; all of them for an empty cell.
  fileprivate mutating func weekdays(_ column: Column) -> Set<Int>? {
    let text = text(column)
    if text.isEmpty { return Set(1...7) }
    var days: Set<Int> = []
    for part in text.split(whereSeparator: { ",;、 ".contains($0) }) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1],
        (1...7).contains(first), (first...7).contains(last)
      else {
        refuse(
          column, .word, "'\(Self.shown(text))' are not weekdays such as 1-5 or 1,3,5 (Monday is 1)",
          "“\(Self.shown(text))”不是有效星期，应形如 1-5 或 1,3,5（周一为 1）")
        return nil
      }
      days.formUnion(first...last)
    }
    return days
  }

  /// RFC 3339, or `2026-11-20 08:00` in local time.
  fileprivate mutating func instant(_ column: Column, _ calendar: LocalCalendar) -> Timestamp? {
    let text = text(column)
    if let instant = Timestamp(text) { return instant }
    let parts = text.split(whereSeparator: { $0 == " " || $0 == "T" })
    if parts.count == 2, let day = CalendarDay(parts[0]) {
      let time = parts[1].split(separator: ":").map { Int($0) }
      if time.count == 2, let hour = time[0], let minute = time[1], (0...24).contains(hour),
        (0...59).contains(minute), hour < 24 || minute == 0
      {
        return calendar.instant(on: day, minute: hour * 60 + minute)
      }
    }
    refuse(
      column, .date,
      text.isEmpty
        ? "an instant is required" : "'\(Self.shown(text))' is not an instant such as 2026-11-20 08:00",
      text.isEmpty ? "必须填写时刻" : "“\(Self.shown(text))”不是有效时刻，应形如 2026-11-20 08:00")
    return nil
  }

  /// A value that the row's kind has no use for would be lost in silence.
  fileprivate mutating func refuseValues(in columns: [Column], of kind: String) {
    for column in columns where !text(column).isEmpty {
      refuse(column, .other, "a \(kind) has none", "“\(kind)”不填此项")
    }
  }
}
