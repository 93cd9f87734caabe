import Register

/// The beginning of a sheet's document, up to and with the tag `<sheetData>`.
struct SheetHead {
  /// The bytes up to the end of the tag. Followed by `</sheetData` and the rest of the document they are a document
  /// without rows.
  private(set) var bytes: [UInt8] = []
  /// Whether rows may be read by ``RowScanner``: the document is UTF-8 and has no prefixes.
  private(set) var isPlain = false
  /// Whether the document has an element for rows.
  private(set) var hasRows = false
  /// Numbers of the columns, from 1, that are hidden.
  private(set) var hiddenColumns: [ClosedRange<Int>] = []

  private static let largest = 8 << 20

  /// Reads the beginning of a document; `buffer` begins after it then.
  init(_ buffer: SheetBuffer, file: String, part: String) throws(RegisterProblem) {
    let finder = Finder()
    let reader = try XMLReader(file: file, part: part, finder)
    var read = 0
    while finder.end == nil {
      // Bytes are kept from the beginning, since the tag's end is counted from there.
      guard buffer.bytes.count <= Self.largest else { throw LedgerProblem.tooLarge(file) }
      let hasMore = try buffer.refill()
      try reader.read(UnsafeRawBufferPointer(rebasing: buffer.bytes[read...]), isLast: !hasMore)
      read = buffer.bytes.count
      if !hasMore { break }
    }
    guard let end = finder.end, end <= buffer.bytes.count else { return }
    hasRows = true
    hiddenColumns = finder.hiddenColumns
    bytes = Array(buffer.bytes[..<end])
    isPlain =
      finder.name == "sheetData" && ["", "utf-8"].contains(reader.encoding?.lowercased() ?? "")
      && !bytes.prefix(4).contains(0) && bytes.suffix(2).first != UInt8(ascii: "/")
    buffer.start += end
  }

  private final class Finder: XMLHandler {
    private(set) var end: Int?
    private(set) var name = ""
    private(set) var hiddenColumns: [ClosedRange<Int>] = []

    func start(_ name: XMLName, _ attributes: XMLAttributes, _ reader: XMLReader) {
      if name == "col" { addColumns(attributes) }
      guard name == "sheetData" else { return }
      self.name = name.whole
      end = reader.endOfTag
      reader.stop()
    }

    /// Adds the columns of an element if they are hidden. A damaged element hides nothing.
    private func addColumns(_ attributes: XMLAttributes) {
      guard attributes.isTrue("hidden"), let first = attributes["min"].flatMap({ Int($0) }),
        let last = attributes["max"].flatMap({ Int($0) }), first >= 1, first <= last,
        last <= RowBuilder.columns, hiddenColumns.count < RowBuilder.columns
      else { return }
      hiddenColumns.append(first...last)
    }
  }
}
