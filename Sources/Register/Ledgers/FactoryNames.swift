/// Factories by id and by their names in both languages.
public struct FactoryNames: Sendable {
  private var known: Set<String> = []
  private var names: [String: [String]] = [:]

  /// No factories.
  public init() {}

  /// Factories of the register or of a factories file; a later factory replaces an earlier one of the same id.
  public init(_ factories: some Sequence<RegisteredFactory>) {
    let newest = Dictionary(factories.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
    known = Set(newest.keys)
    for factory in newest.values {
      for name in Set([factory.nameChinese, factory.nameEnglish].map(CellText.comparable)) where !name.isEmpty
      {
        names[name, default: []].append(factory.id)
      }
    }
    for name in names.keys { names[name]?.sort() }
  }

  /// Whether there is a factory with this id.
  func contains(_ id: String) -> Bool { known.contains(id) }

  /// Ids of the factories that have exactly this name, ascending. White space, letter case and the width of characters
  /// make no difference.
  func ids(of name: String) -> [String] { names[CellText.comparable(name)] ?? [] }
}
