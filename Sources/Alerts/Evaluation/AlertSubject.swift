import Telemetry

/// The subject of an alert.
public enum AlertSubject: Hashable, Sendable {
  case district
  case factory(String)
  case equipment(EquipmentKey)
  case collector
  /// A certificate by its file.
  case certificate(String)

  /// The text in the database and in messages: `district`, `factory:F001`, `equipment:F001/E1`, `collector` or
  /// `certificate:/etc/ca.pem`.
  public var text: String {
    switch self {
    case .district: "district"
    case .factory(let id): "factory:\(id)"
    case .equipment(let key): "equipment:\(key)"
    case .collector: "collector"
    case .certificate(let file): "certificate:\(file)"
    }
  }

  /// The subject of a text; nil for any other.
  public init?(_ text: String) {
    switch text {
    case "district": self = .district
    case "collector": self = .collector
    default:
      guard let colon = text.firstIndex(of: ":") else { return nil }
      let rest = String(text[text.index(after: colon)...])
      switch text[..<colon] {
      case "factory" where !rest.isEmpty: self = .factory(rest)
      case "certificate" where !rest.isEmpty: self = .certificate(rest)
      case "equipment":
        let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(
          String.init)
        guard parts.count == 2 else { return nil }
        self = .equipment(EquipmentKey(factory: parts[0], equipment: parts[1]))
      default: return nil
      }
    }
  }

  /// The factory it is or belongs to; nil for others.
  public var factory: String? {
    switch self {
    case .factory(let id): id
    case .equipment(let key): key.factory
    case .district, .collector, .certificate: nil
    }
  }
}

/// A rule's alert on one subject: at most one is raised at a time.
public struct AlertKey: Hashable, Comparable, Sendable {
  /// Name of the rule.
  public var rule: String
  public var subject: AlertSubject

  /// The alert of `rule` on `subject`.
  public init(rule: String, subject: AlertSubject) {
    self.rule = rule
    self.subject = subject
  }

  public static func < (a: AlertKey, b: AlertKey) -> Bool {
    (a.rule, a.subject.text) < (b.rule, b.subject.text)
  }
}
