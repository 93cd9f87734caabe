/// Factories by id and by their names in both languages.
public struct FactoryNames: Sendable {
  private var known: Set<String> = []
  /// Ids by name in the form in which names are compared.
  private var names: [String: [String]] = [:]
  /// Names as they are written, by the same form.
  private var spelled: [String: String] = [:]

  /// No factories.
  public init() {}

  /// Factories of the register or of a factories file; a later factory replaces an earlier one of the same id.
  public init(_ factories: some Sequence<RegisteredFactory>) {
    let newest = Dictionary(factories.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
    known = Set(newest.keys)
    for factory in newest.values {
      for written in [factory.nameChinese, factory.nameEnglish] {
        let name = CellText.comparable(written)
        guard !name.isEmpty, names[name]?.last != factory.id else { continue }
        names[name, default: []].append(factory.id)
        spelled[name] = min(spelled[name] ?? written, written)
      }
    }
    for name in names.keys { names[name]?.sort() }
  }

  /// Whether there is a factory with this id.
  func contains(_ id: String) -> Bool { known.contains(id) }

  /// The only factory with a name that contains a text, or else with a name that the text contains: its id and that name
  /// as it is written. Nil if there is none, or several. It is a hint: the text may mean another factory.
  func similar(to text: String) -> (id: String, name: String)? {
    let wanted = CellText.comparable(text)
    guard wanted.count > 1 else { return nil }
    let longer = names.keys.filter { $0.contains(wanted) }
    let similar = longer.isEmpty ? names.keys.filter { $0.count > 2 && wanted.contains($0) } : longer
    let ids = Set(similar.flatMap { names[$0] ?? [] })
    // A factory may have the text in both of its names.
    guard ids.count == 1, let id = ids.first, let name = similar.compactMap({ spelled[$0] }).min() else {
      return nil
    }
    return (id, name)
  }

  /// The factory that ``similar(to:)`` finds as a question behind a sentence; empty without one.
  func question(for text: String) -> (english: String, chinese: String) {
    guard let factory = similar(to: text) else { return ("", "") }
    let name = RowReader<EquipmentColumn>.shown(factory.name)
    return (" (did you mean '\(name)', \(factory.id)?)", "（是否应为“\(name)”，即 \(factory.id)？）")
  }

  /// Ids of the factories that have exactly this name, ascending. White space, letter case and the width of characters
  /// make no difference.
  func ids(of name: String) -> [String] { names[CellText.comparable(name)] ?? [] }
}
