import Foundation
import GRDB
import Journal
import Register
import SQLiteStore
import Telemetry
import Testing
import TestSupport

@Suite("Checksums of pages") struct PageChecksTests {
  /// A register with some hundred machines, closed, and the bytes of its file.
  private func register(_ directory: String) throws -> (path: String, bytes: [UInt8]) {
    let store = try RegisterStore.open(directory: directory, readOnly: false)
    try store.store((0..<300).map { machine("E\($0)") }, effective: 1, at: 1)
    let path = directory + "/register.sqlite"
    return (path, [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))))
  }

  private func read(_ directory: String) throws -> (Int, [RegisterSnapshot.Entry]) {
    let store = try RegisterStore.open(directory: directory, readOnly: true)
    return (try store.imports().count, try store.snapshot(day: day(5)).entries)
  }

  @Test("A byte that flips in any page is refused, or the page is not read") func flipped() throws {
    try withRegisterDirectory { directory in
      let (path, bytes) = try register(directory)
      let whole = try read(directory)
      #expect(whole.1.count == 300)
      #expect(bytes[20] == 8)
      var refused = 0
      var random = SeededGenerator(seed: 3)
      for number in 0..<400 {
        var damaged = bytes
        // First each byte of the header, then any byte.
        let place = number < 100 ? number : Int(random.next(UInt64(bytes.count)))
        damaged[place] ^= 1 << UInt8(random.next(8))
        try Data(damaged).write(to: URL(fileURLWithPath: path))
        do {
          let found = try read(directory)
          let isSame = found == whole
          #expect(isSame, "byte \(place) is another value")
        } catch is StoreError { refused += 1 }
      }
      #expect(refused > 250)
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      let isWhole = try read(directory) == whole
      #expect(isWhole)
    }
  }

  @Test("A file whose pages have no checksums is refused with the reason") func unchecked() throws {
    try withRegisterDirectory { directory in
      let (path, bytes) = try register(directory)
      var damaged = bytes
      damaged[20] = 0
      try Data(damaged).write(to: URL(fileURLWithPath: path))
      let error = #expect(throws: StoreError.self) { try read(directory) }
      #expect(error?.description.contains("register.sqlite: ") == true)
    }
  }

  @Test("A log that lost a frame in its middle is refused; one that ends early is a crash") func log() throws
  {
    let fixture = try StoreFixture()
    let store = fixture.store()
    _ = try store.claim()
    var builder = try BlockBuilder()
    for second in 0..<40 as Range<Int64> {
      try StoreFixture.append(
        [("factory/F001/W01/E1/status", "{\(second)}")], at: morning + .seconds(second), to: store, &builder)
    }
    // As a kill leaves it.
    let copy = fixture.folder.path + "/copy"
    try FileManager.default.copyItem(atPath: fixture.directory.path, toPath: copy)
    store.release()
    let killed = StoreDirectory(copy)
    let log = killed.journal + "/2026-11-22.sqlite-wal"
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: log)))
    func head(_ bytes: [UInt8]) throws -> Int64 {
      try Data(bytes).write(to: URL(fileURLWithPath: log))
      unlink(killed.journal + "/2026-11-22.sqlite-shm")
      return try JournalReader(killed).head()
    }
    #expect(try head(bytes) == 40)
    var damaged = bytes
    damaged[bytes.count / 2] ^= 4
    let error = #expect(throws: StoreError.self) { try head(damaged) }
    #expect(error?.description.contains("2026-11-22.sqlite-wal: frame") == true)
    // Damage in the header, without which no frame would be read.
    damaged = bytes
    damaged[17] ^= 1
    #expect(throws: StoreError.self) { try head(damaged) }
    // Torn in its last frame.
    #expect(try head(Array(bytes.dropLast(100))) == 39)
  }
}

@Suite("Small files of a store") struct CheckedLineTests {
  @Test("A byte that flips in the store's id is found") func identity() throws {
    let fixture = try StoreFixture()
    try fixture.directory.create()
    let id = try fixture.directory.readIdentity()
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: fixture.directory.identity)))
    for place in bytes.indices {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[place] ^= 1 << bit
        try Data(damaged).write(to: URL(fileURLWithPath: fixture.directory.identity))
        #expect(throws: StoreError.self, "byte \(place), bit \(bit)") { try fixture.directory.readIdentity() }
      }
    }
    // An id written by hand is accepted.
    try Data("\(id)\n".utf8).write(to: URL(fileURLWithPath: fixture.directory.identity))
    #expect(try fixture.directory.readIdentity() == id)
  }

  @Test("A byte that flips in the lock names no process as the holder, and frees nothing") func lock() throws
  {
    let fixture = try StoreFixture()
    let store = fixture.store()
    _ = try store.claim()
    let path = fixture.directory.lock
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    #expect(fixture.directory.holder() == .held(process: getpid()))
    // In place: the lock belongs to the file, not to its name.
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    defer { try? file.close() }
    func write(_ bytes: [UInt8]) throws {
      try file.truncate(atOffset: 0)
      try file.seek(toOffset: 0)
      try file.write(contentsOf: Data(bytes))
    }
    let unnamed =
      "\(path): another collector holds this store; stop it first, or give this one a store of its own"
    for place in bytes.indices {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[place] ^= 1 << bit
        try write(damaged)
        #expect(fixture.directory.holder() == .held(process: nil), "byte \(place), bit \(bit)")
      }
      var damaged = bytes
      damaged[place] ^= 1
      try write(damaged)
      let refusal = storeError { _ = try fixture.store().claim() }
      #expect(refusal?.kind == .locked && refusal?.description == unnamed, "byte \(place)")
    }
    for text in ["", "\n", String(repeating: "7", count: 100), "\u{1B}[2J \u{7}\n"] {
      try write(Array(text.utf8))
      #expect(fixture.directory.holder() == .held(process: nil), "\(text.debugDescription)")
      let refusal = storeError { _ = try fixture.store().claim() }
      #expect(refusal?.description == unnamed, "\(text.debugDescription)")
    }
    store.release()
    // The next owner writes its own.
    _ = try fixture.store().claim()
    #expect([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) == bytes)
  }
}
