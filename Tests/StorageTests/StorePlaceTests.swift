import Storage
import Foundation
import SQLiteStore
import Testing
import TestSupport

@Suite("Copies of a store") struct StorePlaceTests {
  private struct Two {
    let fixture: StoreFixture
    let other: StoreDirectory
    /// A store that was used once, and a copy of its folder.
    init() throws {
      fixture = try StoreFixture()
      _ = try fixture.store().claim()
      #expect(try fixture.directory.confirmPlace(usesID: true) == nil)
      other = StoreDirectory(fixture.folder.path + "/copy")
      try FileManager.default.copyItem(atPath: fixture.directory.path, toPath: other.path)
    }
  }

  @Test("A copy beside its original is refused, naming both and the remedy; the original is not")
  func copied() throws {
    let two = try Two()
    let refusal = storeError { _ = try two.other.confirmPlace(usesID: true) }
    #expect(refusal?.kind == .refused)
    #expect(
      refusal?.description.hasPrefix(
        "\(two.other.path): is a copy of the store in \(two.fixture.directory.path), with the same id")
        == true)
    #expect(refusal?.description.contains("'millwright store new-id'") == true)
    #expect(try two.fixture.directory.confirmPlace(usesID: true) == nil)
  }

  @Test("With an id of its own a copy is a store as any other") func newID() throws {
    let two = try Two()
    let (before, now) = try two.other.renewIdentity()
    #expect(try before == two.fixture.directory.readIdentity())
    #expect(try now == two.other.readIdentity())
    #expect(before != now)
    #expect(try two.other.confirmPlace(usesID: true) == nil)
    #expect(try two.fixture.directory.confirmPlace(usesID: true) == nil)
  }

  @Test("A store that was moved, or restored in its place, goes on and says so once") func moved() throws {
    let two = try Two()
    let original = two.fixture.directory.path
    try FileManager.default.removeItem(atPath: original)
    #expect(try two.other.confirmPlace(usesID: true)?.contains("it was used last in \(original)") == true)
    #expect(try two.other.confirmPlace(usesID: true) == nil)
    try FileManager.default.copyItem(atPath: two.other.path, toPath: original)
    try FileManager.default.removeItem(atPath: two.other.path)
    #expect(try two.fixture.directory.confirmPlace(usesID: true)?.contains("moved or restored") == true)
    #expect(try two.fixture.directory.confirmPlace(usesID: true) == nil)
  }

  @Test("A store last used on another machine is refused until somebody says that it was moved")
  func elsewhere() throws {
    let fixture = try StoreFixture()
    _ = try fixture.store().claim()
    try "host plant-7\nmachine 0123456789abcdef\npath /srv/millwright\ninode 4711\n"
      .write(toFile: fixture.directory.place, atomically: false, encoding: .utf8)
    let hasMachineID = ((try? String(contentsOfFile: "/etc/machine-id", encoding: .utf8)) ?? "").count > 1
    let refusal = storeError { _ = try fixture.directory.confirmPlace(usesID: true) }
    #expect(refusal?.kind == .refused, "machine id known: \(hasMachineID)")
    #expect(refusal?.description.contains("used last on host plant-7 in /srv/millwright") == true)
    #expect(refusal?.description.contains("'millwright store moved'") == true)
    // The fixture's store is released, so it is not locked.
    try fixture.directory.acceptPlace()
    #expect(try fixture.directory.confirmPlace(usesID: true) == nil)
  }

  @Test("With a client id of its own in the configuration a copy may collect") func ownClientID() throws {
    let two = try Two()
    #expect(try two.other.confirmPlace(usesID: false)?.contains("was copied") == true)
  }

  @Test("A container made anew, with another host name, is no other place") func container() throws {
    let fixture = try StoreFixture()
    _ = try fixture.store().claim()
    #expect(try fixture.directory.confirmPlace(usesID: true) == nil)
    let noted = try String(contentsOfFile: fixture.directory.place, encoding: .utf8)
    let lines = noted.split(separator: "\n").map { line in
      line.hasPrefix("host ") ? "host f00ba4" : line.hasPrefix("machine ") ? "machine " : String(line)
    }
    try (lines.joined(separator: "\n") + "\n").write(
      toFile: fixture.directory.place, atomically: false, encoding: .utf8)
    #expect(try fixture.directory.confirmPlace(usesID: true) == nil)
  }

  @Test("A new id is refused while a collector has the store") func held() throws {
    let fixture = try StoreFixture()
    let store = fixture.store()
    _ = try store.claim()
    #expect(storeError { _ = try fixture.directory.renewIdentity() }?.kind == .locked)
    store.release()
    _ = try fixture.directory.renewIdentity()
  }

  @Test("A store whose id was taken away is refused, and goes on under a new one on request") func missingID()
    throws
  {
    let fixture = try StoreFixture()
    let store = fixture.store()
    _ = try store.claim()
    store.release()
    try FileManager.default.removeItem(atPath: fixture.directory.identity)
    let refusal = storeError { _ = try fixture.store().claim() }
    #expect(refusal?.kind == .refused)
    #expect(refusal?.description.contains("'millwright store new-id'") == true)
    #expect(try fixture.directory.renewIdentity().before == nil)
    #expect(try fixture.store().claim().head == 0)
  }

  @Test("A store whose journal was taken away is refused, and no other is made in its place")
  func missingJournal() throws {
    let fixture = try StoreFixture()
    let store = fixture.store()
    _ = try store.claim()
    store.release()
    try FileManager.default.removeItem(atPath: fixture.directory.journal)
    let refusal = storeError { _ = try fixture.store().claim() }
    #expect(refusal?.kind == .refused)
    #expect(refusal?.description.hasPrefix("\(fixture.directory.journal): is missing") == true)
    #expect(!FileManager.default.fileExists(atPath: fixture.directory.journal))
  }

  @Test(
    "A pipe where a file of the store must be is refused before it is opened",
    arguments: [
      "lock", "register.sqlite", "place", "views.sqlite",
    ])
  func pipes(name: String) throws {
    let fixture = try StoreFixture()
    let path = fixture.directory.path + "/" + name
    try fixture.directory.create()
    unlink(path)
    #expect(mkfifo(path, 0o600) == 0)
    let refusal = storeError { _ = try fixture.store().claim() }
    #expect(
      refusal?.description
        == "\(path): is no regular file: remove it, or put the file back that belongs there")
  }

  @Test("A symbolic link where the store makes a small file is refused; the file it leads to stays as it is")
  func links() throws {
    let fixture = try StoreFixture()
    let store = fixture.store()
    _ = try store.claim()
    store.release()
    let victim = fixture.folder.path + "/victim"
    for name in ["lock", "id.new", "place.new", "register.lock", "rebuild.lock", "status.json.new"] {
      try Data("precious".utf8).write(to: URL(fileURLWithPath: victim))
      let path = fixture.directory.path + "/" + name
      let kept = path + ".kept"
      if FileManager.default.fileExists(atPath: path) { rename(path, kept) }
      try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: victim)
      let refusal = storeError {
        switch name {
        case "lock": _ = try fixture.store().claim()
        case "register.lock": _ = try RegisterStore.open(directory: fixture.directory.path, readOnly: false)
        case "rebuild.lock":
          let options = ShardOptions(calendar: shanghai, horizonMinimum: .minutes(15))
          _ = try fixture.directory.rebuild(.embedded, options, rules: "") { _, _ in }
        default: try StoreFile.replace(String(path.dropLast(4)), with: "new")
        }
      }
      #expect(refusal?.kind == .refused, "\(name)")
      #expect(
        refusal?.description == "\(path): is a symbolic link; remove it (Millwright makes this file itself)")
      #expect(try String(contentsOfFile: victim, encoding: .utf8) == "precious")
      unlink(path)
      rename(kept, path)
    }
  }
}
