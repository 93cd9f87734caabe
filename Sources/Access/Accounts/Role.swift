/// The part of the district that an account may see.
public enum Role: Hashable, Sendable {
  /// The district with all of its factories, and the collector.
  case district
  /// One factory, by its id.
  case factory(String)

  /// Whether it may see this factory.
  public func sees(factory id: String) -> Bool {
    switch self {
    case .district: true
    case .factory(let own): own == id
    }
  }
}
