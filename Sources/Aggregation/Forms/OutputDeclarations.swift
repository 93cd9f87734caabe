import Register

/// What the register of a factory declares about counters of output and about meters, segment by segment of a period.
struct OutputDeclarations {
  /// For each segment, the places where a machine is declared to count its line's output.
  private var counting: [Set<ProductionCalendar.Place>] = []
  /// Meters that have a row with a kind, in any segment.
  private(set) var meters: Set<String> = []
  /// Machines that are declared to count their line's output, in any segment.
  private(set) var counters: Set<String> = []

  /// Begins the next segment.
  mutating func begin() { counting.append([]) }

  /// Notes equipment in service in the segment begun last.
  mutating func note(_ equipment: RegisteredEquipment) {
    if equipment.meterKind != nil { meters.insert(equipment.key.equipment) }
    if equipment.countsOutput == true, equipment.isProduction {
      counters.insert(equipment.key.equipment)
      counting[counting.count - 1].insert(.init(workshop: equipment.workshop, line: equipment.line))
    }
  }

  /// Whether the pieces of production equipment are output of its line: it is declared to count it, or states nothing on
  /// a line where no machine is declared to.
  func counts(_ equipment: RegisteredEquipment, segment: Int) -> Bool {
    equipment.countsOutput
      ?? !counting[segment].contains(.init(workshop: equipment.workshop, line: equipment.line))
  }
}
