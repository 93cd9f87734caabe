import Telemetry

/// Reads OPC UA PubSub messages in JSON (OPC 10000-14), with or without headers, in the reversible, non-reversible,
/// compact and verbose encodings of OPC 10000-6.
///
/// The time of a reading is that of its data-set message. Without one, or if it is the first instant of OPC UA's times,
/// it is the receipt. Data-set messages of one equipment with the same time make one reading. A message usually has
/// changed fields only, so earlier values are kept; a keep-alive message confirms them. A field with a bad status is
/// left out; if the state depends on it, there is no reading. Events and messages about the publisher give nothing.
public struct PubSubDecoder: StatefulDecoder, RememberingDecoder {
  /// The time that readings have.
  enum Time: Equatable, Sendable {
    /// The time of the data-set message.
    case message
    /// The newest source time of the fields, or the time of the data-set message if they have none.
    case source
    /// The receipt.
    case receipt
  }

  /// A part of a header that can name equipment.
  enum HeaderPart: CaseIterable, Sendable {
    case writerName, writerID, publisherID, writerGroupName

    /// The key in messages and in the configuration.
    var name: StaticString {
      switch self {
      case .writerName: "DataSetWriterName"
      case .writerID: "DataSetWriterId"
      case .publisherID: "PublisherId"
      case .writerGroupName: "WriterGroupName"
      }
    }

    var number: Int32 {
      switch self {
      case .writerName: PubSubFinder.Header.writerName
      case .writerID: PubSubFinder.Header.writerID
      case .publisherID: PubSubFinder.Header.publisherID
      case .writerGroupName: PubSubFinder.Header.writerGroupName
      }
    }
  }

  /// The rule for the equipment: a part of a header, without a text before and after the id.
  struct EquipmentRule: Equatable, Sendable {
    var part: HeaderPart
    var prefix: [UInt8] = []
    var suffix: [UInt8] = []

    /// The id in a name; nil if the name has another form.
    func name(in text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
      let length = text.count - prefix.count - suffix.count
      guard length > 0, text.starts(with: prefix), text.suffix(suffix.count).elementsEqual(suffix) else {
        return nil
      }
      return UnsafeRawBufferPointer(rebasing: text[prefix.count..<prefix.count + length])
    }
  }

  /// The settings besides those of a ``ReadingMap``.
  struct Layout: Equatable, Sendable {
    /// nil: the topic names the equipment.
    var equipment: EquipmentRule?
    var time = Time.message
  }

  private let layout: Layout
  private let finder: SharedJSONFinder
  private var mapper: RowMapper

  /// A decoder of fields of `map`. Throws ``StatusDecoder/OutOfMemory``.
  init(_ map: ReadingMap, _ layout: Layout, factory: String?, limits: DecodingLimits) throws {
    self.layout = layout
    finder = try PubSubFinder.finder(limits: limits)
    mapper = RowMapper(map, factory: factory, limits: limits)
  }

  public mutating func decode(
    _ message: borrowing ReceivedMessage, into events: inout EventBuffer
  ) throws(Rejection) {
    let message = copy message
    try finder.find(in: message.payload, padded: message.isPadded) { found throws(Rejection) in
      var reader = PubSubReader(layout, mapper)
      try reader.read(found)
      try mapper.append(reader.rows, of: message, to: &events)
    }
  }

  public func path(of field: OptionalField) -> String { mapper.path(of: field) }

  public func states() -> [DecoderState] { mapper.states() }

  public mutating func restore(_ state: DecoderState) throws { try mapper.restore(state) }

  package mutating func rename(_ changes: NameChanges) { mapper.rename(changes) }
}
