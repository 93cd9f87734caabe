import Aggregation
import Telemetry

/// Everything that rules are held against at one moment: values, read by ``AlertFactReader``.
public struct AlertFacts: Sendable {
  /// A factory of the register, or one that sends.
  public struct Factory: Equatable, Sendable {
    public var nameChinese: String
    public var nameEnglish: String
    /// The newest message of any equipment by its event time; nil if none was ever heard.
    public var lastHeard: Timestamp?

    /// A factory; names may be empty.
    public init(nameChinese: String = "", nameEnglish: String = "", lastHeard: Timestamp? = nil) {
      self.nameChinese = nameChinese
      self.nameEnglish = nameEnglish
      self.lastHeard = lastHeard
    }
  }

  /// State of an equipment as its newest message says.
  public enum Machine: Equatable, Sendable {
    case fault, other
    /// Its newest message is too old to say.
    case unknown
  }

  /// The collector as its status says.
  public struct Collector: Equatable, Sendable {
    /// Start of the present time without observation; nil while messages are heard.
    public var unobservedSince: Timestamp?
    /// Start of the present time with observation; nil if it is not known.
    public var observedSince: Timestamp?
    /// Messages refused in the last minute, and all of that minute; nil if no collector runs.
    public var refused: Count?
    /// Free bytes of all bytes of the store's disk; nil if unknown.
    public var disk: Count?

    /// A collector that hears its broker.
    public init(
      unobservedSince: Timestamp? = nil, observedSince: Timestamp? = nil, refused: Count? = nil,
      disk: Count? = nil
    ) {
      self.unobservedSince = unobservedSince
      self.observedSince = observedSince
      self.refused = refused
      self.disk = disk
    }
  }

  /// Figures over a period, of the district and of each factory of the register.
  public struct Period: Sendable {
    public var district: Figures
    public var factories: [String: Figures]

    /// Figures of one period.
    public init(district: Figures, factories: [String: Figures] = [:]) {
      self.district = district
      self.factories = factories
    }
  }

  /// Figures from which the end of a month is projected.
  public struct Month: Sendable {
    /// The month's first day, and the day of `until`.
    public var firstDay: CalendarDay
    public var today: CalendarDay
    /// 00:00 of the first day of the next month.
    public var end: Timestamp
    /// The moment up to which the figures count.
    public var until: Timestamp
    /// From the first day on.
    public var soFar: Period
    /// Over the last days, and their beginning.
    public var recent: Period
    public var recentFrom: Timestamp

    /// The figures of a month up to `until`.
    public init(
      firstDay: CalendarDay, today: CalendarDay, end: Timestamp, until: Timestamp, soFar: Period,
      recent: Period, recentFrom: Timestamp
    ) {
      self.firstDay = firstDay
      self.today = today
      self.end = end
      self.until = until
      self.soFar = soFar
      self.recent = recent
      self.recentFrom = recentFrom
    }
  }

  /// The moment.
  public var at: Timestamp
  /// nil if the collector's status cannot be read, or no collector ever ran.
  public var collector: Collector?
  /// By id; nil if the store cannot be read.
  public var factories: [String: Factory]?
  /// Every equipment that ever sent; nil if the store cannot be read.
  public var machines: [EquipmentKey: Machine]?
  /// Figures over the last local days, by their number; only those that rules ask for.
  public var periods: [Int: Period]
  /// nil if no rule asks for it, or the store cannot be read.
  public var month: Month?
  /// Ends of certificates by file; a file that cannot be read is missing.
  public var certificates: [String: Timestamp]

  /// Facts of a moment; what is not given is unknown.
  public init(
    at: Timestamp, collector: Collector? = nil, factories: [String: Factory]? = nil,
    machines: [EquipmentKey: Machine]? = nil, periods: [Int: Period] = [:], month: Month? = nil,
    certificates: [String: Timestamp] = [:]
  ) {
    self.at = at
    self.collector = collector
    self.factories = factories
    self.machines = machines
    self.periods = periods
    self.month = month
    self.certificates = certificates
  }
}

extension AlertFacts.Period {
  /// Numerator and denominator of a metric; nil if the group is not there or has no such figure.
  func count(of metric: Metric, _ subject: AlertSubject) -> Count? {
    let figures: Figures? =
      switch subject {
      case .district: district
      case .factory(let id): factories[id]
      case .equipment, .collector, .certificate: nil
      }
    guard let count = figures?.count(of: metric), count.denominator > 0 else { return nil }
    return count
  }
}
