extension RegisteredEquipment {
  /// Categories that are not production equipment: what carries or measures data instead of making goods.
  public static let nonProductionCategories: Set<String> = [
    "gateway", "meter", "sensor", "网关", "电表", "仪表", "计量表", "传感器",
  ]

  /// Whether it is production equipment, and so may be part of the base set R (metrics.md).
  ///
  /// Gateways, meters and sensors are not. A machine of that kind which does take part in production, such
  /// as a gauging machine in a line, is registered as production equipment by a category of its own, for
  /// example `inspection machine`. Categories are compared whole and without regard to letter case.
  public var isProduction: Bool {
    // Nearly all are told by their first character or their length. Other alphabets may change theirs with the case.
    guard let first = category.unicodeScalars.first else { return true }
    let isPlain = first.value < 0x80 || (0x4E00...0x9FFF).contains(first.value)
    if isPlain, !Self.firstCharacters.contains(first) { return true }
    let length = category.utf8.count
    if length > Self.longestNonProduction, category.utf8.allSatisfy({ $0 < 0x80 }) { return true }
    return !Self.nonProductionCategories.contains(category.lowercased())
  }

  private static let longestNonProduction = nonProductionCategories.map(\.utf8.count).max() ?? 0
  /// The first characters of the categories that are not production equipment, in either case.
  private static let firstCharacters = nonProductionCategories.flatMap { [$0, $0.uppercased()] }
    .compactMap(\.unicodeScalars.first)
}
