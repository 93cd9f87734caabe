import Telemetry

extension String {
  /// Whether the text is a valid id of a factory, workshop or equipment.
  var isID: Bool { EquipmentKey.isID(utf8) }

  /// Whether the text can be a name in a naming file: 1 to 256 bytes without control characters, and not only space.
  var isName: Bool {
    (1...256).contains(utf8.count) && contains { !$0.isWhitespace }
      && !unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }
  }
}
