/// A column of a naming file: an id of the register, or a part of the name under which a machine publishes. The raw value
/// is its English heading.
public enum NamingColumn: String, CaseIterable, Sendable {
  case factoryID = "factory_id"
  case equipmentID = "equipment_id"
  case publishedFactory = "published_factory"
  case publishedEquipment = "published_equipment"
  case publishedWorkshop = "published_workshop"
  case publishedLine = "published_line"
  case group
  case edge
  case device
  case serial
}
