import Evidence
import Foundation
import Journal
import Register
import Storage
import Telemetry
import TestSupport
import Testing

@Suite("Format of packs") struct PackFormatTests {
  @Test("A pack is read as it was written") func roundTrip() throws {
    let files = try PackFormat.files(of: SamplePack.pack)
    let read = try PackFormat.pack(files)
    #expect(read.register == SamplePack.register)
    #expect(read.chain == SamplePack.chain)
    #expect(read.opening == SamplePack.opening)
    #expect(read.rules == SamplePack.rules)
    #expect(read.policies == SamplePack.pack.policies)
    #expect(read.records.map(\.root) == SamplePack.pack.records.map(\.root))
    let again = try PackFormat.files(of: read)
    #expect(again == files)
  }

  @Test("Files and fields of a pack are those of format 3: a change needs a new format") func fields() throws
  {
    let files = try PackFormat.files(of: SamplePack.pack)
    var lines: Set<String> = []
    for (name, data) in files {
      lines.insert(name)
      guard name.hasSuffix(".json"), name != "report.json" else { continue }
      func add(_ value: Any, _ path: String) {
        if let object = value as? [String: Any] {
          // Names of files and leaves are content.
          let isMap = path.hasSuffix(".files") || path.hasSuffix(".proofs")
          for (key, value) in object { add(value, isMap ? "\(path).*" : "\(path).\(key)") }
        } else if let array = value as? [Any] {
          for element in array { add(element, path + "[]") }
        } else {
          lines.insert(path)
        }
      }
      add(try JSONSerialization.jsonObject(with: data), name)
    }
    let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "Golden/fields.txt")
    let found = lines.sorted().joined(separator: "\n") + "\n"
    if ProcessInfo.processInfo.environment["WRITE_GOLDEN"] != nil {
      try found.write(to: golden, atomically: true, encoding: .utf8)
    }
    #expect(found == (try String(contentsOf: golden, encoding: .utf8)))
  }

  @Test("What is taken as stated lies before the period, whose days all have roots") func opening() throws {
    let calendar = try #require(LocalCalendar(identifier: "Asia/Shanghai"))
    let opening = try #require(SamplePack.pack.opening)
    let last = SamplePack.day
    func words(_ from: CalendarDay, first: CalendarDay, _ state: OpeningState) -> String? {
      EvidenceVerification.contradiction(of: state, before: from...from + 5, first: first, calendar)
    }
    #expect(words(last + 2, first: last + 1, opening) == nil)
    #expect(
      words(last + 2, first: last + 2, opening)
        == "manifest.json: the period must begin after \(last + 2), the first day with a root")
    var forged = opening
    forged.senders[0].days.append(.init(day: last + 3, totals: SamplePack.totals))
    #expect(
      words(last + 2, first: last + 1, forged)
        == "opening.json: states something of \(last + 3), a day of the period that is to be proved")
    forged = opening
    forged.senders[0].presence.append(
      SessionEvent(equipment: 0, at: calendar.start(of: last + 2), presence: .online))
    #expect(words(last + 2, first: last + 1, forged)?.contains("of \(last + 2),") == true)
  }

  @Test("A timeline whose day is long before its newest reading is refused at once") func longOpenDay() throws
  {
    var pack = SamplePack.pack
    pack.opening?.senders[0].timeline?.day = SamplePack.day - 4
    let files = try PackFormat.files(of: pack)
    #expect(SamplePack.refusal(files)?.contains("day") == true)
  }

  @Test("Nothing that a timeline or a day holds is left out of a pack") func everyField() throws {
    var timeline = Timeline()
    var filler = FieldFiller(base: SamplePack.at, day: SamplePack.day, areNonNegative: true)
    timeline.code(with: &filler)
    var pack = SamplePack.pack
    var opening = try #require(pack.opening)
    opening.senders[0].timeline = timeline
    opening.senders[0].days = [.init(day: SamplePack.day, totals: timeline.totals)]
    pack.opening = opening
    #expect(try PackFormat.pack(PackFormat.files(of: pack)).opening == opening)
  }

  @Test(
    "A pack of another version is refused by a sentence that says which version reads it",
    arguments: [
      ("evidence/3\"", "evidence/1\"", "made in format 1 by a Millwright from before the first release"),
      ("evidence/3\"", "evidence/4\"", "made by a newer Millwright (format 4); use that version"),
      ("evidence/3\"", "evidence/02\"", "is of the unknown format 'millwright.evidence/02'"),
      ("millwright.evidence/3\"", "zip\"", "is of the unknown format 'zip'"),
      (
        "report_version\" : 1", "report_version\" : 2",
        "made by a newer Millwright (report version 2); use that version"
      ),
      ("report_version\" : 1", "report_version\" : 0", "has a report of version 0"),
    ])
  func versions(old: String, new: String, words: String) throws {
    var files = try PackFormat.files(of: SamplePack.pack)
    let text = String(decoding: files[PackFormat.manifest] ?? Data(), as: UTF8.self)
    #expect(text.contains(old))
    files[PackFormat.manifest] = Data(text.replacing(old, with: new).utf8)
    #expect(SamplePack.refusal(files)?.hasPrefix("manifest.json: \(words)") == true)
  }

  @Test("A pack whose register states no attributes for forms is of format 2, and read as such")
  func secondFormat() throws {
    var pack = SamplePack.pack
    pack.register.imports[0].equipment = pack.register.imports[0].equipment.map { one in
      RegisteredEquipment(key: one.key, workshop: one.workshop, name: one.name, automation: one.automation)
    }
    let files = try PackFormat.files(of: pack)
    let manifest = String(decoding: files[PackFormat.manifest] ?? Data(), as: UTF8.self)
    #expect(manifest.contains("\"format\" : \"millwright.evidence/2\""))
    #expect(String(decoding: files["README.txt"] ?? Data(), as: UTF8.self).contains("Format 2.\n"))
    #expect(try PackFormat.pack(files).register == pack.register)
    // Each content has one form: the same rows are no pack of format 3.
    var other = files
    other[PackFormat.manifest] = Data(manifest.replacing("evidence/2", with: "evidence/3").utf8)
    #expect(SamplePack.refusal(other) != nil)
  }

  @Test("A manifest of format 1, which has other fields, is refused as such") func firstFormat() {
    let manifest = #"{"format":"millwright.evidence/1","factory":"F001","from":"x","to":"y","files":{}}"#
    let refusal = SamplePack.refusal(["manifest.json": Data(manifest.utf8), "register.json": Data("[]".utf8)])
    #expect(refusal?.contains("only that version reads it") == true)
  }

  @Test(
    "A number, text or list beyond its bounds is refused by name",
    arguments: [
      ("settings.json", "\"nesting\" : 16", "\"nesting\" : 1001", "a number or a name"),
      ("settings.json", "\"status\"", "\"other\"", "a number or a name"),
      ("register.json", "\"number\" : 2", "\"number\" : 1", "number is not"),
      ("register.json", "\"number\" : 1", "\"number\" : 0", "number is not"),
      ("register.json", "\"E1\"", "\"E 1\"", "equipment is not"),
      ("register.json", "\"automatic\"", "\"auto\"", "automation is not"),
      ("register.json", ": 60000", ": 0", "report_interval_ms is not"),
      ("register.json", ": 60000", ": 2678400001", "report_interval_ms is not"),
      ("register.json", ": 1000000", ": 1152921504606846977", "energy_rollover_wh is not"),
      ("register.json", "\"ideal_cycle_ms\" : 12500", "\"ideal_cycle_ms\" : 0", "ideal_cycle_ms is not"),
      (
        "register.json", "\"ideal_cycle_ms\" : 12500", "\"ideal_cycle_ms\" : 86400001",
        "ideal_cycle_ms is not"
      ),
      (
        "register.json", "\"asset_value_fen\" : 1234560", "\"asset_value_fen\" : -1", "asset_value_fen is not"
      ),
      (
        "register.json", "\"asset_value_fen\" : 1234560", "\"asset_value_fen\" : 100000000000001",
        "asset_value_fen is not"
      ),
      ("register.json", "\"electricity\"", "\"electric\"", "meter_kind is not"),
      ("register.json", "\"cnc\" : true", "\"cnc\" : 1", "is not what it must be"),
      ("register.json", "\"Turning\"", "\"\"", "is not what Millwright"),
      ("register.json", "\"factory_rows\" : 2", "\"factory_rows\" : -1", "factory_rows is not"),
      ("register.json", "\"2024-10-04\"", "\"2024-02-30\"", "is not what it can be"),
      ("register.json", "\"imported_at_ms\" : 1728", "\"imported_at_ms\" : 9928172", "imported_at_ms is not"),
      ("register.json", "\"start_minute\" : 480", "\"start_minute\" : 1441", "start_minute or end_minute"),
      ("register.json", "\"end_minute\" : 1500", "\"end_minute\" : 2881", "start_minute or end_minute"),
      ("register.json", "        7\n", "        8\n", "weekdays is not"),
      ("register.json", "\"position\" : 2", "\"position\" : 0", "position is not"),
      ("register.json", "\"until_ms\" : 1728003600000", "\"until_ms\" : 1", "from_ms or until_ms"),
      ("register.json", "\"holiday\"", "\"feast\"", "kind is not"),
      ("chain.json", "\"factories\" : 2", "\"factories\" : 16777217", "factories is not"),
      ("chain.json", "\"index\" : 1", "\"index\" : -1", "index is not"),
      ("chain.json", "\"equipment\"", "\"others\"", "kind is not"),
      ("opening.json", "\"E2\"", "\"E1\"", "equipment is not"),
      ("opening.json", "\"newest_ms\" : 1728", "\"newest_ms\" : 9928172", "newest_ms is not"),
      ("opening.json", "\"energy_wh\" : 5", "\"energy_wh\" : -5", "energy_wh is not"),
      (
        "opening.json", "\"clock_behind_ms\" : 1000", "\"clock_behind_ms\" : 1125899906842625",
        "clock_behind_ms"
      ),
      ("opening.json", "\"running_ms\" : 1000", "\"running_ms\" : -1", "running_ms is not"),
      ("opening.json", "\"running_ms\" : 1000", "\"running_ms\" : 0", "running_ms is not"),
      ("opening.json", "\"running_ms\" : 1000", "\"running_ms\" : 2147483648", "is not what it must be"),
      ("opening.json", "0-2,70-70", "0-2,3-70", "minutes is not"),
      ("opening.json", "1439-1439", "1439-2880", "minutes is not"),
      ("opening.json", "1439-1439", "1439-1438", "minutes is not"),
      ("opening.json", "ffffffffffffffff", "fffffffffffffff", "alarms_digest is not"),
      ("opening.json", "\"messages\" : 2", "\"messages\" : 1099511627777", "messages is not"),
      ("opening.json", "\"block\" : 3", "\"block\" : 281474976710657", "block is not"),
      ("opening.json", "\"total\" : 12", "\"total\" : -1", "total is not"),
      ("opening.json", "\"future\"", "\"past\"", "reason is not"),
      ("roots.json", "\"leaves\" : 2", "\"leaves\" : 16777217", "a number is not what it can be"),
      ("roots.json", "\"leaf\" : 0", "\"leaf\" : 16777217", "a number is not what it can be"),
      ("roots.json", "\"first_block\" : 1", "\"first_block\" : 0", "a number is not what it can be"),
      (
        "roots.json", "\"last_block\" : 2", "\"last_block\" : 281474976710656",
        "a number is not what it can be"
      ),
      (
        "roots.json", "\"register_imports\" : 1", "\"register_imports\" : 0", "a number is not what it can be"
      ),
    ])
  func bounds(file: String, old: String, new: String, words: String) throws {
    let files = try SamplePack.files(changing: file) { text in
      let changed = text.replacing(old, with: new, maxReplacements: 1)
      #expect(changed != text, "\(old) is not in \(file)")
      return changed
    }
    let refusal = try #require(SamplePack.refusal(files))
    #expect(refusal.hasPrefix("\(file): ") && refusal.contains(words), "\(refusal)")
  }

  @Test("A text is bounded, and so is the size of each file and their number") func sizes() throws {
    let long = String(repeating: "x", count: PackBounds.textBytes + 1)
    let text = try SamplePack.files(changing: "register.json") { $0.replacing("Lathe", with: long) }
    #expect(SamplePack.refusal(text) == "register.json: import 1: name is not what it can be")
    var files = try PackFormat.files(of: SamplePack.pack)
    files["policies/long.yaml"] = Data(count: 256 << 10 + 1)
    #expect(
      SamplePack.refusal(try SamplePack.sealed(files))?.contains("policies/long.yaml: has more than") == true)
    files = try PackFormat.files(of: SamplePack.pack)
    for number in 0..<101 { files["policies/p\(number).yaml"] = Data() }
    #expect(SamplePack.refusal(try SamplePack.sealed(files)) == "the pack has more than 100 policies")
    for number in 0...PackBounds.files { files["\(number)"] = Data() }
    #expect(SamplePack.refusal(files) == "the pack has more than \(PackBounds.files) files")
    #expect(throws: EvidenceError.self) { try ZipArchive.encode(files, to: "x") }
  }

  @Test("Records that state more than their size allows are refused before they are unpacked")
  func expansion()
    throws
  {
    // One part: an empty id, 120 MiB, and no content.
    var column: [UInt8] = [1, 0]
    var size = 120 << 20
    while size > 0x7F {
      column.append(UInt8(size & 0x7F) | 0x80)
      size >>= 7
    }
    column += [UInt8(size), 0]
    var files = try PackFormat.files(of: SamplePack.pack)
    let name = "journal/\(SamplePack.day).records"
    files[name] = Data(PackFormat.recordsHeading.utf8) + Data(column)
    #expect(
      SamplePack.refusal(try SamplePack.sealed(files))
        == "\(name): its records come to more than 4000 times its size")
    files[name] = Data(PackFormat.recordsHeading.utf8) + Data([9])
    #expect(SamplePack.refusal(try SamplePack.sealed(files)) == "\(name): is not packed as records are")
    files[name] = Data("millwright.records/2\n".utf8)
    #expect(
      SamplePack.refusal(try SamplePack.sealed(files))
        == "\(name): does not begin with 'millwright.records/1'")
  }

  @Test("Another file, other spaces and a missing file are refused") func form() throws {
    var files = try PackFormat.files(of: SamplePack.pack)
    files["more.txt"] = Data()
    #expect(
      SamplePack.refusal(try SamplePack.sealed(files)) == "more.txt: does not belong in a pack of evidence")
    files = try SamplePack.files(changing: "opening.json") {
      $0.replacing("\"senders\" :", with: "\"senders\":")
    }
    #expect(SamplePack.refusal(files)?.contains("is not what Millwright 0.1.0 writes") == true)
    files = try PackFormat.files(of: SamplePack.pack)
    files["chain.json"] = nil
    #expect(SamplePack.refusal(files) == "chain.json: is missing")
    files = try PackFormat.files(of: SamplePack.pack)
    files["chain.json"]?.append(0x20)
    #expect(SamplePack.refusal(files) == "chain.json: does not match its digest in manifest.json")
  }
}
