import Foundation
import Telemetry

/// What happened in an example, read from its `events.txt`; README.md beside this file says how it is written.
struct Story {
  enum Event {
    case connected(resumed: Bool)
    case observed
    case disconnected
    case killed
    case message(topic: String, payload: String, retained: Bool)
    case register(equipment: String, factories: String?, effective: CalendarDay, retiresMissing: Bool)
    case calendar(String)
  }
  /// In order of time; at one instant in the order of the file.
  var events: [(at: Timestamp, event: Event)]

  struct Mistake: Error, CustomStringConvertible {
    var description: String
  }

  init(_ text: String, calendar: LocalCalendar) throws {
    var found: [(at: Timestamp, event: Event)] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      guard !line.isEmpty, !line.hasPrefix("#") else { continue }
      var words = Words(line, calendar)
      do {
        found += try words.events()
      } catch {
        throw Mistake(description: "events.txt:\(index + 1): \(error)")
      }
    }
    let ordered = found.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
    events = ordered.map(\.element)
  }
}

/// One line, word by word.
private struct Words {
  private var rest: Substring
  private let calendar: LocalCalendar

  init(_ line: Substring, _ calendar: LocalCalendar) {
    rest = line
    self.calendar = calendar
  }

  mutating func events() throws -> [(at: Timestamp, event: Story.Event)] {
    let received = try instants()
    var sent = received
    var isRetained = false
    while true {
      let word = try next()
      switch word {
      case "connected":
        let resumed = try isNext("resumed")
        return received.map { ($0, .connected(resumed: resumed)) }
      case "observed": return received.map { ($0, .observed) }
      case "disconnected": return received.map { ($0, .disconnected) }
      case "killed": return received.map { ($0, .killed) }
      case "calendar":
        let file = try next()
        return received.map { ($0, .calendar(file)) }
      case "register": return try register(at: received)
      case "retained": isRetained = true
      case "sent": sent = try instants()
      case "clock":
        let ahead = try span(try next())
        sent = received.map { $0 + ahead }
      default:
        guard word.contains("/") else { throw Story.Mistake(description: "what is '\(word)'?") }
        return try messages(topic: word, received, sent, isRetained)
      }
    }
  }

  /// An instant, or several at even steps: `2026-11-20 08:00:00 .. 2026-11-20 18:00:00 every 1h`.
  private mutating func instants() throws -> [Timestamp] {
    let first = try instant()
    guard try isNext("..") else { return [first] }
    let last = try instant()
    guard try isNext("every") else { throw Story.Mistake(description: "'every' is missing") }
    let step = try span(try next())
    guard step > .zero else { throw Story.Mistake(description: "a step must lead on") }
    return stride(from: first.milliseconds, through: last.milliseconds, by: Int(step.milliseconds))
      .map { Timestamp(milliseconds: $0) }
  }

  private mutating func instant() throws -> Timestamp {
    let day = try next()
    let time = try next()
    let zone = "+08:00"
    guard let instant = Timestamp("\(day)T\(time)\(zone)") else {
      throw Story.Mistake(description: "'\(day) \(time)' is not an instant such as 2026-11-20 08:00:00")
    }
    return instant
  }

  /// `20m`, `+8h`, `-1ms`.
  private func span(_ text: String) throws -> Span {
    let units: [(String, Int64)] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)]
    let unit = String(text.drop { "+-0123456789".contains($0) })
    guard let number = Int64(text.dropLast(unit.count)), let length = units.first(where: { $0.0 == unit })
    else { throw Story.Mistake(description: "'\(text)' is not a span such as 20m or +8h") }
    return .milliseconds(number * length.1)
  }

  private mutating func register(at received: [Timestamp]) throws -> [(at: Timestamp, event: Story.Event)] {
    let equipment = try next()
    var factories: String? = try next()
    if factories == "effective" { factories = nil } else { _ = try isNext("effective") }
    guard let effective = CalendarDay(try next()) else {
      throw Story.Mistake(description: "from which day on?")
    }
    let retires = try isNext("retire-missing")
    return received.map {
      (
        $0,
        .register(
          equipment: equipment, factories: factories, effective: effective, retiresMissing: retires)
      )
    }
  }

  /// A message each time; `TS` in the payload is when its device sent it, by its own clock.
  private mutating func messages(
    topic: String, _ received: [Timestamp], _ sent: [Timestamp], _ isRetained: Bool
  ) throws -> [(at: Timestamp, event: Story.Event)] {
    let template = rest.trimmingCharacters(in: .whitespaces)
    rest = ""
    let count = max(received.count, sent.count)
    guard received.count == count || received.count == 1, sent.count == count || sent.count == 1 else {
      throw Story.Mistake(description: "as many are sent as are received")
    }
    return (0..<count).map { index in
      let time = sent[sent.count == 1 ? 0 : index]
      let text = "\"\(time.rfc3339(offset: calendar.offset(at: time)))\""
      return (
        received[received.count == 1 ? 0 : index],
        .message(topic: topic, payload: template.replacing("TS", with: text), retained: isRetained)
      )
    }
  }

  private mutating func next() throws -> String {
    rest = rest.drop { $0 == " " }
    let word = rest.prefix { $0 != " " }
    guard !word.isEmpty else { throw Story.Mistake(description: "the line ends too soon") }
    rest = rest.dropFirst(word.count)
    return String(word)
  }

  /// Passes a word if it is the next one.
  private mutating func isNext(_ word: String) throws -> Bool {
    let before = rest
    if let found = try? next(), found == word { return true }
    rest = before
    return false
  }
}
