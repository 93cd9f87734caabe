import Storage
import Telemetry
import Testing

@Suite("Messages that a decision reads anew, as text") struct RereadingScopeTests {
  private static let day = CalendarDay("2026-11-01")

  @Test("A day alone is all messages") func all() throws {
    let day = try #require(Self.day)
    #expect(RereadingScope(day: day).text == "2026-11-01")
    #expect(RereadingScope(text: "2026-11-01") == RereadingScope(day: day))
  }

  @Test("Every part of a selection comes back") func roundTrip() throws {
    let day = try #require(Self.day)
    var selection = RefusedSelection(
      received: Timestamp(milliseconds: -5)..<Timestamp(milliseconds: 1_795_305_600_000))
    let plain = RereadingScope(day: day, refused: selection)
    #expect(plain.text == "2026-11-01\trefused\treceived -5 1795305600000")
    #expect(RereadingScope(text: plain.text) == plain)
    selection.eventsFrom = Timestamp(milliseconds: 7)
    selection.reason = .unknownState
    selection.factory = "F001"
    selection.equipment = "线 1"
    selection.topic = "\u{301}a/+/b c/#"
    let whole = RereadingScope(day: day, refused: selection)
    #expect(
      whole.text
        == "2026-11-01\trefused\treceived -5 1795305600000\tevents 7\treason unknown_state\tfactory F001\tequipment 线 1\ttopic \u{301}a/+/b c/#"
    )
    #expect(RereadingScope(text: whole.text) == whole)
    let open = RereadingScope(
      day: day, refused: RefusedSelection(received: .distantPast ..< .distantFuture))
    #expect(RereadingScope(text: open.text) == open)
  }

  @Test(
    "Any other text is none",
    arguments: [
      "", "2026-11-1", "2026-11-01\t", "2026-11-01\trefused", "2026-11-01\taccepted\treceived 1 2",
      "2026-11-01\trefused\treceived 2 1", "2026-11-01\trefused\treceived 1 2\t",
      "2026-11-01\trefused\treceived 01 2", "2026-11-01\trefused\treceived 1 9223372036854775807",
      "2026-11-01\trefused\treceived 1 2\treason none", "2026-11-01\trefused\treceived 1 2\ttopic ",
      "2026-11-01\trefused\treceived 1 2\ttopic a\tfactory F001",
      "2026-11-01\trefused\treceived 1 2\tevents 1 2",
    ])
  func malformed(text: String) { #expect(RereadingScope(text: text) == nil) }

  @Test("A part is neither empty nor long, and has no control character") func parts() {
    #expect(RefusedSelection.canHold("a b/ü"))
    for text in ["", "a\tb", "a\n", "\u{7F}", String(repeating: "a", count: 1025)] {
      #expect(!RefusedSelection.canHold(text))
    }
  }
}
