import Telemetry

/// Degree of automation of an equipment, as its factory declares it (台账申报).
public enum Automation: String, CaseIterable, Sendable {
  case manual
  case semiAutomatic = "semi_automatic"
  case automatic
  case unclassified
}

/// Registered attributes of one equipment (work unit) at one date.
public struct RegisteredEquipment: Equatable, Sendable {
  /// Factory id and asset number.
  public var key: EquipmentKey
  /// Workshop (area) id; empty when the register names none.
  public var workshop: String
  /// Line (work centre) id; empty when the register names none.
  public var line: String
  public var name: String
  public var category: String
  public var automation: Automation
  public var intelligent: Bool
  public var digital: Bool
  public var connectable: Bool
  /// Declared interval between two status messages; nil when not declared.
  public var reportInterval: Span?
  public var commissionedOn: CalendarDay?
  /// The first day out of service.
  public var decommissionedOn: CalendarDay?
  public var retrofittedOn: CalendarDay?
  public var serial: String
  public var energyMeter: String
  /// The value at which its energy meter rolls over to zero, in thousandths of a kWh; nil when not declared.
  public var energyRollover: Int64?
  public var gateway: String
  /// Whether it is numerically controlled; nil when the register does not state it.
  public var cnc: Bool?
  /// Whether its process step is a key one; nil when the register does not state it.
  public var keyProcess: Bool?
  /// Whether its counters of pieces count the output of its line; nil when the register does not state it.
  public var countsOutput: Bool?
  /// Kind of key energy meter that this row is; nil when the register does not state it.
  public var meterKind: MeterKind?
  /// The process step it carries out; empty when the register names none.
  public var process: String
  /// Ideal time for one piece, as the factory declares it; nil when not declared.
  public var idealCycle: Span?
  /// Net asset value in hundredths of a yuan; nil when not declared.
  public var assetValue: Int64?

  /// An equipment as one row of a register file gives it.
  public init(
    key: EquipmentKey, workshop: String = "", line: String = "", name: String = "", category: String = "",
    automation: Automation = .unclassified, intelligent: Bool = false, digital: Bool = false,
    connectable: Bool = false, reportInterval: Span? = nil, commissionedOn: CalendarDay? = nil,
    decommissionedOn: CalendarDay? = nil, retrofittedOn: CalendarDay? = nil, serial: String = "",
    energyMeter: String = "", energyRollover: Int64? = nil, gateway: String = "", cnc: Bool? = nil,
    process: String = "", keyProcess: Bool? = nil, idealCycle: Span? = nil, assetValue: Int64? = nil,
    meterKind: MeterKind? = nil, countsOutput: Bool? = nil
  ) {
    self.key = key
    self.workshop = workshop
    self.line = line
    self.name = name
    self.category = category
    self.automation = automation
    self.intelligent = intelligent
    self.digital = digital
    self.connectable = connectable
    self.reportInterval = reportInterval
    self.commissionedOn = commissionedOn
    self.decommissionedOn = decommissionedOn
    self.retrofittedOn = retrofittedOn
    self.serial = serial
    self.energyMeter = energyMeter
    self.energyRollover = energyRollover
    self.gateway = gateway
    self.cnc = cnc
    self.process = process
    self.keyProcess = keyProcess
    self.idealCycle = idealCycle
    self.assetValue = assetValue
    self.meterKind = meterKind
    self.countsOutput = countsOutput
  }
}

/// Registered attributes of one factory (site).
public struct RegisteredFactory: Equatable, Sendable {
  public var id: String
  public var nameChinese: String
  public var nameEnglish: String
  public var industry: String
  public var district: String
  public var retrofitCompletedOn: CalendarDay?

  /// A factory as one row of `factories.csv` gives it.
  public init(
    id: String, nameChinese: String = "", nameEnglish: String = "", industry: String = "",
    district: String = "", retrofitCompletedOn: CalendarDay? = nil
  ) {
    self.id = id
    self.nameChinese = nameChinese
    self.nameEnglish = nameEnglish
    self.industry = industry
    self.district = district
    self.retrofitCompletedOn = retrofitCompletedOn
  }
}

/// The register as it stood on one day, as known at one register version.
public struct RegisterSnapshot: Equatable, Sendable {
  /// One equipment of the snapshot with what follows from its dates.
  public struct Entry: Equatable, Sendable {
    /// Whether it counts on the snapshot's day.
    public enum Service: Sendable {
      /// In service: part of the base set R when it is production equipment.
      case inService
      /// Not yet commissioned on that day.
      case notYet
      /// Decommissioned on or before that day.
      case retired
    }
    public var equipment: RegisteredEquipment
    public var service: Service
    /// Whether the attributes are carried back from the factory's first snapshot.
    public var assumed: Bool
    /// Whether the row holds from a later day only, and says nothing of this one.
    public var registeredLater: Bool

    /// An entry of a snapshot.
    public init(
      equipment: RegisteredEquipment, service: Service, assumed: Bool = false, registeredLater: Bool = false
    ) {
      self.equipment = equipment
      self.service = service
      self.assumed = assumed
      self.registeredLater = registeredLater
    }
  }

  /// The number of the newest import known; 0 when there is none.
  public var version: Int
  /// The day the snapshot holds for.
  public var day: CalendarDay
  /// Ascending by id.
  public var factories: [RegisteredFactory]
  /// Ascending by key; entries retired or not yet in service included.
  public var entries: [Entry]

  /// The same without rows that hold from a later day only.
  var registered: RegisterSnapshot {
    var snapshot = self
    snapshot.entries.removeAll(where: \.registeredLater)
    return snapshot
  }

  /// A snapshot for `day` at register `version`.
  public init(version: Int, day: CalendarDay, factories: [RegisteredFactory] = [], entries: [Entry] = []) {
    self.version = version
    self.day = day
    self.factories = factories
    self.entries = entries
  }
}
