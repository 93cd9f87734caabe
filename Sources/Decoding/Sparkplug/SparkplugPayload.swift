/// A Sparkplug payload: its time and sequence number, and a walk through its metrics.
///
/// Field numbers are those of ISO/IEC 20237, "Payload definition". The whole outer message is checked when the value
/// is made; each metric is checked when it is read.
package struct SparkplugPayload {
  /// Milliseconds UTC; nil if the payload states none.
  package private(set) var timestamp: UInt64?
  /// Number in the edge node's stream, 0 to 255; nil if the payload states none.
  package private(set) var sequence: UInt64?
  /// Number of metrics.
  package private(set) var count = 0
  private let bytes: UnsafeRawBufferPointer

  /// Reads the outer fields. Throws the fault of a payload that is not valid.
  @inline(__always)
  package init(_ bytes: UnsafeRawBufferPointer) throws(ProtobufReader.Fault) {
    self.bytes = bytes
    var reader = ProtobufReader(bytes)
    while try reader.next() {
      switch reader.number {
      case 1: timestamp = try reader.varint()
      case 2:
        _ = try reader.content()
        count += 1
      case 3: sequence = try reader.varint()
      default: try reader.skip()
      }
    }
  }

  /// A walk through the metrics in order.
  @inline(__always)
  package var metrics: Metrics { Metrics(reader: ProtobufReader(bytes)) }

  /// The metrics of a payload, one after the other.
  package struct Metrics {
    fileprivate var reader: ProtobufReader

    /// The next metric; nil behind the last. Throws the fault of a metric that is not valid.
    @inline(__always)
    package mutating func next() throws(ProtobufReader.Fault) -> SparkplugMetric? {
      while try reader.next() {
        if reader.number == 2 { return try SparkplugMetric(try reader.content()) }
        try reader.skip()
      }
      return nil
    }
  }
}

/// Datatypes of metrics, by their numbers in ISO/IEC 20237, "Datatype details".
package enum SparkplugDatatype: UInt8, CaseIterable, Sendable {
  case int8 = 1
  case int16, int32, int64, uint8, uint16, uint32, uint64, float, double, boolean, string, dateTime, text,
    uuid
  case dataSet, bytes, file, template

  /// The datatype of a number in a payload; nil if it is unknown, such as the arrays of Sparkplug 3.0.
  @inline(__always)
  package init?(number: UInt32) {
    guard number <= 19, let type = SparkplugDatatype(rawValue: UInt8(number)) else { return nil }
    self = type
  }
}

/// One metric of a payload: views of the payload's bytes. Absent fields are nil or false.
package struct SparkplugMetric {
  /// The value as encoded. Its meaning depends on the datatype.
  package enum Value {
    case absent
    case int(UInt32)
    case long(UInt64)
    case float(Float)
    case double(Double)
    case boolean(Bool)
    case string(UnsafeRawBufferPointer)
    case bytes(UnsafeRawBufferPointer)
    case dataSet
    case template
    /// The value of an extension.
    case other
  }

  package var name: UnsafeRawBufferPointer?
  package var alias: UInt64?
  /// Milliseconds UTC.
  package var timestamp: UInt64?
  /// The number of a ``SparkplugDatatype``, or an unknown one.
  package var datatype: UInt32?
  package var isHistorical = false
  package var isNull = false
  package var value = Value.absent
  private var properties: UnsafeRawBufferPointer?

  /// Reads a metric. Throws its fault if it is not valid.
  @inline(__always)
  package init(_ bytes: UnsafeRawBufferPointer) throws(ProtobufReader.Fault) {
    var reader = ProtobufReader(bytes)
    while try reader.next() {
      switch reader.number {
      case 1: name = try reader.content()
      case 2: alias = try reader.varint()
      case 3: timestamp = try reader.varint()
      case 4: datatype = try reader.varint32()
      case 5: isHistorical = try reader.bool()
      case 7: isNull = try reader.bool()
      case 9: properties = try reader.content()
      case 10: value = .int(try reader.varint32())
      case 11: value = .long(try reader.varint())
      case 12: value = .float(try reader.float())
      case 13: value = .double(try reader.double())
      case 14: value = .boolean(try reader.bool())
      case 15: value = .string(try reader.content())
      case 16: value = .bytes(try reader.content())
      case 17:
        _ = try reader.content()
        value = .dataSet
      case 18:
        _ = try reader.content()
        value = .template
      case 19:
        _ = try reader.content()
        value = .other
      default: try reader.skip()
      }
    }
  }

  /// Whether the metric has properties.
  @inline(__always)
  package var hasProperties: Bool { properties != nil }

  /// The number of the property `Quality`: 0 bad, 192 good, 500 stale; nil if it is absent, null or not a number.
  /// Throws the fault of properties that are not valid.
  package func quality() throws(ProtobufReader.Fault) -> UInt64? {
    guard let properties else { return nil }
    var place: Int?
    var keys = 0
    var reader = ProtobufReader(properties)
    while try reader.next() {
      guard reader.number == 1 else {
        try reader.skip()
        continue
      }
      if try reader.content().equals("Quality"), place == nil { place = keys }
      keys += 1
    }
    guard let place else { return nil }
    var values = 0
    reader = ProtobufReader(properties)
    while try reader.next() {
      guard reader.number == 2 else {
        try reader.skip()
        continue
      }
      let value = try reader.content()
      if values == place { return try Self.number(value) }
      values += 1
    }
    return nil
  }

  /// The number of a property's value; nil if it is null or not a number.
  private static func number(_ property: UnsafeRawBufferPointer) throws(ProtobufReader.Fault) -> UInt64? {
    var number: UInt64?
    var isNull = false
    var reader = ProtobufReader(property)
    while try reader.next() {
      switch reader.number {
      case 2: isNull = try reader.bool()
      case 3: number = UInt64(try reader.varint32())
      case 4: number = try reader.varint()
      case 5...11:
        // The value is the last of its fields: here one of another type.
        try reader.skip()
        number = nil
      default: try reader.skip()
      }
    }
    return isNull ? nil : number
  }
}
