/// A compound file, the container of documents before Office 2007 ([MS-CFB]): a file system of sectors in a file.
struct CompoundFile {
  /// An entry of the directory.
  private struct Entry {
    let name: String
    let isStream: Bool
    let start: UInt32
    let size: Int
  }

  private let bytes: [UInt8]
  private let sectorShift: Int
  private var fat: [UInt32] = []
  private var miniFAT: [UInt32] = []
  private var miniStream: [UInt8] = []
  private var miniShift = 6
  private var cutoff = 4096
  private var entries: [Entry] = []

  /// The largest sector number that denotes a sector; larger ones end a chain.
  private static let lastSector: UInt32 = 0xFFFF_FFF9

  /// Names of the streams in all folders.
  var streams: [String] { entries.filter(\.isStream).map(\.name) }

  /// The compound file of these bytes; nil if its structure is damaged.
  init?(_ bytes: [UInt8]) {
    self.bytes = bytes
    guard bytes.count >= 512 else { return nil }
    sectorShift = Int(bytes.u16(30))
    miniShift = Int(bytes.u16(32))
    cutoff = Int(bytes.u32(56))
    guard [9, 12].contains(sectorShift), miniShift == 6, cutoff == 4096, readFAT(),
      let directory = chain(from: bytes.u32(48))
    else { return nil }
    var root: Entry?
    for start in stride(from: 0, to: directory.count - 127, by: 128) {
      let kind = directory[start + 66]
      guard kind == 1 || kind == 2 || kind == 5 else { continue }
      let length = min(64, max(2, Int(directory.u16(start + 64)))) / 2 - 1
      let units = (0..<length).map { directory.u16(start + 2 * $0) }
      let entry = Entry(
        name: String(decoding: units, as: UTF16.self), isStream: kind == 2, start: directory.u32(start + 116),
        size: Int(directory.u32(start + 120)))
      if kind == 5 { root = root ?? entry } else { entries.append(entry) }
    }
    guard let root else { return nil }
    guard let mini = chain(from: root.start), let miniTable = chain(from: bytes.u32(60)) else { return nil }
    miniStream = Array(mini.prefix(root.size))
    miniFAT = stride(from: 0, to: miniTable.count - 3, by: 4).map { miniTable.u32($0) }
  }

  /// The content of the first stream with a name; nil if there is none, or if it is damaged or incomplete.
  func stream(_ name: String) -> [UInt8]? {
    guard let entry = entries.first(where: { $0.isStream && $0.name == name }) else { return nil }
    guard entry.size < cutoff else {
      guard let found = chain(from: entry.start), found.count >= entry.size else { return nil }
      return Array(found.prefix(entry.size))
    }
    var content: [UInt8] = []
    var sector = entry.start
    while content.count < entry.size {
      let start = Int(sector) << miniShift
      guard sector < UInt32(clamping: miniFAT.count), start < miniStream.count else { return nil }
      content += miniStream[start..<min(miniStream.count, start + 1 << miniShift)]
      sector = miniFAT[Int(sector)]
    }
    return Array(content.prefix(entry.size))
  }

  /// The bytes of a sector; nil for one outside of the file. The last sector may be cut.
  private func sector(_ number: UInt32) -> ArraySlice<UInt8>? {
    let start = (Int(number) + 1) << sectorShift
    guard number <= Self.lastSector, start < bytes.count else { return nil }
    return bytes[start..<min(bytes.count, start + 1 << sectorShift)]
  }

  /// The bytes of the sectors from one on; nil if the chain leaves the file or does not end.
  private func chain(from first: UInt32) -> [UInt8]? {
    var content: [UInt8] = []
    var number = first
    var left = bytes.count >> sectorShift
    while number <= Self.lastSector {
      guard left > 0, Int(number) < fat.count, let sector = sector(number) else { return nil }
      content += sector
      number = fat[Int(number)]
      left -= 1
    }
    return content
  }

  /// Reads the table of sectors: the first 109 of its own sectors stand in the header, the others in a list.
  private mutating func readFAT() -> Bool {
    let wanted = Int(bytes.u32(44))
    guard wanted <= bytes.count >> sectorShift else { return false }
    var numbers = (0..<109).map { bytes.u32(76 + 4 * $0) }
    var next = bytes.u32(68)
    while numbers.count < wanted, next <= Self.lastSector {
      guard let list = sector(next), list.count == 1 << sectorShift else { return false }
      let words = stride(from: list.startIndex, to: list.endIndex, by: 4).map { bytes.u32($0) }
      numbers += words.dropLast()
      next = words[words.count - 1]
    }
    for number in numbers.prefix(wanted) where number <= Self.lastSector {
      guard let table = sector(number) else { return false }
      for offset in stride(from: table.startIndex, to: table.endIndex - 3, by: 4) {
        fat.append(bytes.u32(offset))
      }
    }
    return true
  }
}

extension [UInt8] {
  /// The number of two bytes, the lower one first, at an offset; 0 beyond the end.
  func u16(_ offset: Int) -> UInt16 {
    guard offset >= 0, offset + 2 <= count else { return 0 }
    return UInt16(self[offset]) | UInt16(self[offset + 1]) << 8
  }

  /// The number of four bytes, the lowest first, at an offset; 0 beyond the end.
  func u32(_ offset: Int) -> UInt32 { UInt32(u16(offset)) | UInt32(u16(offset + 2)) << 16 }

  /// The number of eight bytes, the lowest first, at an offset; 0 beyond the end.
  func u64(_ offset: Int) -> UInt64 { UInt64(u32(offset)) | UInt64(u32(offset + 4)) << 32 }
}
