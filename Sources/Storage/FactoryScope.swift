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

  /// Whether a factory is in the scope.
  public func contains(_ factory: String) -> Bool {
    switch self {
    case .all: true
    case .one(let id): factory == id
    case .before(let id): factory < id
    case .from(let id): factory >= id
    }
  }

  /// Whether it may be of more than one factory.
  package var isWide: Bool { if case .one = self { false } else { true } }
}
