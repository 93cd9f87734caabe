import Storage

extension FactoryScope {
  /// Condition on an SQL column, with one argument, ``argument``; nil for all factories.
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
