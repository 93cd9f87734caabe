/// Whose senders and equipment are read, by the factory's id.
public enum FactoryScope: Equatable, Sendable {
  case all
  /// One factory's.
  case one(String)
  /// Of factories with ids before this one.
  case before(String)
  /// Of this factory and those with ids after it.
  case from(String)

  /// One factory where `id` names it, else all.
  public init(_ id: String?) { self = id.map { .one($0) } ?? .all }

  /// Whether it may be of more than one factory.
  var isWide: Bool { if case .one = self { false } else { true } }

  /// What an SQL column must be; it has one argument, ``argument``.
  func condition(_ column: String) -> String? {
    switch self {
    case .all: nil
    case .one: "\(column) = ?1"
    case .before: "\(column) < ?1"
    case .from: "\(column) >= ?1"
    }
  }

  /// The argument of ``condition(_:)``.
  var argument: String? {
    switch self {
    case .all: nil
    case .one(let id), .before(let id), .from(let id): id
    }
  }

  /// The condition as the whole of a statement's; empty where there is none.
  func clause(_ column: String) -> String { condition(column).map { "WHERE \($0)" } ?? "" }
}
