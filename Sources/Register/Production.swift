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
  public var isProduction: Bool { !Self.nonProductionCategories.contains(category.lowercased()) }
}
