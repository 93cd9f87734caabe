import Aggregation
import Telemetry

/// The subject of a report.
public enum ReportScope: Equatable, Sendable {
  case district
  case factory(String)
  case workshop(factory: String, String)
  case line(factory: String, workshop: String, String)
  case equipment(EquipmentKey)

  /// The scope with a kind and a path as on the command line, such as `line` and `F001/W01/L1`. Nil if the kind is
  /// unknown or the number of parts does not fit the kind. An empty last part is the group of equipment without that
  /// level.
  public init?(kind: String, path: String = "") {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    switch (kind, parts.count) {
    case ("district", 1) where path.isEmpty: self = .district
    case ("factory", 1) where !path.isEmpty: self = .factory(parts[0])
    case ("workshop", 2): self = .workshop(factory: parts[0], parts[1])
    case ("line", 3): self = .line(factory: parts[0], workshop: parts[1], parts[2])
    case ("equipment", 2): self = .equipment(EquipmentKey(factory: parts[0], equipment: parts[1]))
    default: return nil
    }
  }

  /// The word on the command line and in JSON.
  public var kind: String {
    switch self {
    case .district: "district"
    case .factory: "factory"
    case .workshop: "workshop"
    case .line: "line"
    case .equipment: "equipment"
    }
  }

  /// The ids from the factory down, joined by `/`; empty for the district.
  public var path: String {
    switch self {
    case .district: ""
    case .factory(let id): id
    case .workshop(let factory, let id): "\(factory)/\(id)"
    case .line(let factory, let workshop, let id): "\(factory)/\(workshop)/\(id)"
    case .equipment(let key): key.description
    }
  }

  /// Groups shown step by step over the period; nil for a scope without steps.
  public var details: DetailsScope? {
    switch self {
    case .factory: .factory
    case .workshop(_, let id): .workshop(id)
    case .district, .line, .equipment: nil
    }
  }

  /// The factory that the scope is or belongs to; nil for the district.
  public var factory: String? {
    switch self {
    case .district: nil
    case .factory(let id), .workshop(let id, _), .line(let id, _, _): id
    case .equipment(let key): key.factory
    }
  }
}

/// A report that is not possible.
public enum ReportError: Error, Equatable, CustomStringConvertible {
  /// The scope is unknown to the register and to all senders. Retrying does not help.
  case unknown(ReportScope)
  /// The metric does not count equipment, so factories cannot be ranked by it.
  case notRankable(String)
  /// The metric is a state at one instant, and the period is over, or nobody observed its end.
  case ofInstant(String)

  public var description: String {
    switch self {
    case .unknown(let scope):
      "no \(scope.kind) '\(scope.path.inert)' in the register, and no sender of that name was heard"
    case .notRankable(let metric): "factories cannot be ranked by \(metric.inert)"
    case .ofInstant(let metric):
      "factories cannot be ranked by \(metric.inert) here: it is a state at one instant, and the period is over, or its "
        + "end was not observed; rank by \(Metric.timeWeightedConnectivity.key)"
    }
  }

  /// The error in Chinese.
  public var chinese: String {
    switch self {
    case .unknown(.district): "没有园区的数据"
    case .unknown(.factory(let id)): "台账中没有企业“\(id.inert)”，也未收到过该名称的数据"
    case .unknown(.equipment(let key)): "台账中没有设备“\(key.description.inert)”，也未收到过该名称的数据"
    case .unknown(let scope): "台账中没有“\(scope.path.inert)”，也未收到过该名称的数据"
    case .notRankable(let metric): "不能按 \(metric.inert) 对企业排名"
    case .ofInstant(let metric):
      "此处不能按 \(metric.inert) 对企业排名：该指标为时点状态，而统计周期已结束或期末无观测；请改用 "
        + Metric.timeWeightedConnectivity.key
    }
  }
}

/// The district of the configuration.
public struct DistrictIdentity: Equatable, Sendable {
  public var id: String
  public var nameChinese: String
  public var nameEnglish: String

  /// A district's id and names; names may be empty.
  public init(id: String, nameChinese: String = "", nameEnglish: String = "") {
    self.id = id
    self.nameChinese = nameChinese
    self.nameEnglish = nameEnglish
  }
}
