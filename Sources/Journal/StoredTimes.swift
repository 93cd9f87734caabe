import Telemetry

extension Timestamp {
  /// Makes an instant from a stored number; nil outside ``CalendarDay/instants``.
  package init?(stored milliseconds: Int64) {
    self.init(milliseconds: milliseconds)
    guard CalendarDay.instants.contains(self) else { return nil }
  }
}

extension CalendarDay {
  /// Makes a day from a stored number; nil if it cannot be written as a date.
  package init?(stored number: Int32) {
    self.init(number: number)
    guard CalendarDay.written.contains(self) else { return nil }
  }
}
