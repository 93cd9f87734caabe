import Register

/// One factory in a district: its figures without the equipment behind them.
public struct FactorySummary: Sendable {
  /// The register's row; only the id for a factory the register does not list.
  public let factory: RegisteredFactory
  /// Whether the register knows it. An unregistered factory has senders, and no ratios.
  public let isRegistered: Bool
  public let figures: Figures
  /// Range of its verdicts in the district's.
  let verdicts: Range<Int>
}

/// One factory (site) down to its equipment.
public struct FactoryAssessment: Sendable {
  public let factory: RegisteredFactory
  public let isRegistered: Bool
  public let figures: Figures
  /// Ascending by id; the group of equipment without a workshop (id "") comes last. They add up to the
  /// factory.
  public let workshops: [WorkshopAssessment]

  /// Every equipment and sender, workshop by workshop and line by line.
  public var equipment: [Assessment] { workshops.flatMap(\.equipment) }
}

/// One workshop (area), or the equipment of a factory that has none.
public struct WorkshopAssessment: Sendable {
  /// The workshop's id; empty for the group without one.
  public let id: String
  public let figures: Figures
  /// Ascending by id; the group of equipment without a line (id "") comes last. They add up to the workshop.
  public let lines: [LineAssessment]

  /// Every equipment and sender, line by line.
  public var equipment: [Assessment] { lines.flatMap(\.equipment) }
}

/// One line (work centre), or the equipment of a workshop that has none.
public struct LineAssessment: Sendable {
  /// The line's id; empty for the group without one.
  public let id: String
  public let figures: Figures
  /// Ascending by key.
  public let equipment: [Assessment]
}

/// Splits one factory's equipment into workshops and lines whose figures add up to the factory's.
enum Grouping {
  static func workshops(
    _ verdicts: ArraySlice<Verdict>, of district: DistrictAssessment, sums: PeriodFigures.Factory
  ) -> [WorkshopAssessment] {
    var lines: [Place: (figures: Figures, equipment: [Assessment])] = [:]
    let none = Figures(isUnobserved: district.observation.isNothing)
    for verdict in verdicts {
      let assessment = district.assessment(verdict)
      let place = Place(workshop: assessment.workshop, line: assessment.line)
      lines[place, default: (none, [])].figures.add(verdict, assessment.entry, sums.delivered)
      lines[place]?.equipment.append(assessment)
    }
    // A line that has no equipment any more still has its part of the period.
    for (place, time) in sums.places {
      lines[Place(workshop: place.workshop, line: place.line), default: (none, [])].figures.time = time
    }
    var workshops: [WorkshopAssessment] = []
    var open: (id: String, figures: Figures, lines: [LineAssessment])?
    for (place, line) in lines.sorted(by: { $0.key < $1.key }) {
      if let done = open, done.id != place.workshop {
        workshops.append(WorkshopAssessment(id: done.id, figures: done.figures, lines: done.lines))
        open = nil
      }
      var workshop = open ?? (id: place.workshop, figures: Figures(), lines: [])
      workshop.figures += line.figures
      workshop.lines.append(LineAssessment(id: place.line, figures: line.figures, equipment: line.equipment))
      open = workshop
    }
    if let done = open {
      workshops.append(WorkshopAssessment(id: done.id, figures: done.figures, lines: done.lines))
    }
    return workshops
  }

  /// Workshop and line; what has neither sorts last.
  private struct Place: Hashable, Comparable {
    var workshop: String
    var line: String

    static func < (a: Place, b: Place) -> Bool {
      if a.workshop != b.workshop { return before(a.workshop, b.workshop) }
      return before(a.line, b.line)
    }
    private static func before(_ a: String, _ b: String) -> Bool {
      if a.isEmpty || b.isEmpty { return !a.isEmpty && b.isEmpty }
      return a < b
    }
  }
}
