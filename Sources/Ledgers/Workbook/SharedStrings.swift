import Register

/// Reads the texts of a workbook that cells refer to by number.
package final class SharedStrings: XMLHandler {
  /// The texts that were read.
  package private(set) var texts = SharedTexts()
  private var text = RichText()
  private var isTooLarge = false

  /// The most bytes of all texts, and the most texts: empty ones take four bytes each.
  private static let largest = 512 << 20
  package static let mostTexts = 32 << 20
  private let mostTexts: Int

  /// The texts of the part; none if there is no part.
  ///
  /// - Throws: a problem for a damaged part, and for one with more than `mostTexts` texts.
  package init(
    _ part: String?, of archive: ZipArchive, mostTexts: Int = SharedStrings.mostTexts
  ) throws(RegisterProblem) {
    self.mostTexts = mostTexts
    guard let part else { return }
    try XMLReader.read(part, of: archive, limit: 4 << 30, isOptional: true, self)
    guard !isTooLarge else { throw LedgerProblem.tooLarge(archive.file) }
  }

  func start(_ name: XMLName, _ attributes: XMLAttributes, _ reader: XMLReader) { text.start(name) }

  func text(_ piece: UnsafeBufferPointer<UInt8>) {
    guard text.isWanted, !isTooLarge else { return }
    texts.bytes.append(contentsOf: piece)
    isTooLarge = texts.bytes.count > Self.largest
  }

  func end(_ name: XMLName, _ reader: XMLReader) {
    text.end(name)
    guard name == "si" else { return }
    texts.endText()
    isTooLarge = isTooLarge || texts.count > mostTexts
    if isTooLarge { reader.stop() }
  }
}

/// Texts by their number.
///
/// They lie one after the other in one array of bytes, since a million texts of their own would take several times the
/// memory; copies share it. Cells of the last texts are kept, since most columns have few values.
package struct SharedTexts: Sendable {
  fileprivate(set) var bytes: [UInt8] = []
  /// The end of each text in `bytes`.
  private var ends: [UInt32] = []
  private var kept = [(number: Int, cell: SheetCell)](repeating: (-1, .empty), count: Self.keptCells)

  private static let keptCells = 4096

  /// Number of texts.
  var count: Int { ends.count }

  /// Ends the text that was appended to `bytes`.
  fileprivate mutating func endText() {
    EscapedText.decode(&bytes, from: ends.last.map { Int($0) } ?? 0)
    ends.append(UInt32(bytes.count))
  }

  /// The cell with the text of this number; nil if there is none.
  package mutating func cell(_ number: Int) -> SheetCell? {
    let place = number & (Self.keptCells - 1)
    if kept[place].number == number { return kept[place].cell }
    guard number >= 0, number < ends.count else { return nil }
    let range = (number == 0 ? 0 : Int(ends[number - 1]))..<Int(ends[number])
    let cell: SheetCell =
      range.isEmpty
      ? .empty : .text(bytes.withUnsafeBufferPointer { String(decoding: $0[range], as: UTF8.self) })
    kept[place] = (number, cell)
    return cell
  }
}

/// Where the text of a cell stands among the elements of a text: runs in any number of formats, and readings of
/// characters (`rPh`), which are not part of it.
struct RichText {
  private var isInText = false
  private var isInReading = false

  /// Whether a piece of text belongs to the cell.
  var isWanted: Bool { isInText && !isInReading }

  mutating func start(_ name: XMLName) {
    if name == "t" { isInText = true } else if name == "rPh" { isInReading = true }
  }

  mutating func end(_ name: XMLName) {
    if name == "t" { isInText = false } else if name == "rPh" { isInReading = false }
  }
}
