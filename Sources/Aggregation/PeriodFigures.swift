import Register

/// Sums over a period, by factory and line.
public struct PeriodFigures: Sendable {
  /// One factory's.
  public struct Factory: Sendable {
    public var total = TimeFigures()
    /// By the line an equipment belonged to on each day; they add up to the total, alarms only where
    /// equipment's own figures are kept.
    public var places: [ProductionCalendar.Place: TimeFigures] = [:]
    /// By equipment id, if requested; without the energy of a meter that other machines read as well.
    public var equipment: [String: TimeFigures] = [:]
    /// By equipment id, of production equipment that was ever heard; only of those that it makes conspicuous, unless
    /// equipment's own figures are kept.
    public var conduct: [String: Conduct] = [:]
    /// By equipment id, for equipment whose energy meter other machines read as well, if equipment's own figures are
    /// kept.
    public var sharedMeters: [String: SharedMeter] = [:]
    /// Flags for figures of the period that may be better than reality, of equipment and of the factory, if
    /// equipment's own figures are kept. The counts by kind are always kept.
    public var flags: [AuditFlag] = []
    public var flagCounts: [AuditFlag.Kind: Int] = [:]
    /// Registered meters and counters whose values rose.
    public var delivered = DeliveredPoints()
    /// Details of the period, if requested.
    public var details: PeriodDetails?

    /// An empty factory.
    public init() {}
  }

  public var factories: [String: Factory] = [:]
  /// All factories added up.
  public var total: TimeFigures { factories.values.reduce(into: TimeFigures()) { $0 += $1.total } }

  /// An empty ledger.
  public init() {}
}
