import Journal
import Register
import Telemetry

/// Content of a link of the register's chain: one import.
///
/// The hash of a link is SHA-256 over 0x04, the hash of the link before (32 zero bytes for the first), i64 position
/// from 1, u8 kind, i64 version, the digest of the import's own row, i64 number of leaves and the Merkle root over its
/// factories (``RegisterLeaf``). Integers are little-endian.
package struct RegisterLinkContent {
  package var kind: RegisterImportKind
  package var version: Int64
  package var imported: SHA256Digest
  package var leaves: Int64
  package var rows: SHA256Digest

  package init(
    kind: RegisterImportKind, version: Int64, imported: SHA256Digest, leaves: Int64, rows: SHA256Digest
  ) {
    self.kind = kind
    self.version = version
    self.imported = imported
    self.leaves = leaves
    self.rows = rows
  }

  package func hash(at position: Int64, following previous: SHA256Digest) -> SHA256Digest {
    var bytes: [UInt8] = [4]
    bytes += previous.bytes
    bytes.appendInteger(position)
    bytes.append(kind.rawValue)
    bytes.appendInteger(version)
    bytes += imported.bytes
    bytes.appendInteger(leaves)
    bytes += rows.bytes
    return SHA256Digest(hashing: bytes)
  }
}

/// A factory's rows of one import, as a leaf of the import's Merkle tree. The id is hashed, so that others can be
/// shown a leaf without the name of its factory.
package struct RegisterLeaf: Equatable {
  /// SHA-256 of the factory's id.
  package var id: SHA256Digest
  package var rows: SHA256Digest

  package init(id: SHA256Digest, rows: SHA256Digest) {
    self.id = id
    self.rows = rows
  }

  /// SHA-256 over 0x00, the hashed id and the digest of the rows.
  package var leaf: SHA256Digest { SHA256Digest(hashing: [0] + id.bytes + rows.bytes) }
}

/// A row as the register's chain hashes it: u8 length and name of its kind, then for each field that has a value u8
/// length and name, u8 type (1 integer, 2 text), and i64 value or u32 length and bytes; then u8 0.
///
/// The names are part of the chain's definition and stay as they are, whatever a store calls its tables.
private struct RegisterRowBytes {
  private var bytes: [UInt8]

  init(_ kind: String) { bytes = Self.named(kind) }

  private static func named(_ name: String) -> [UInt8] {
    [UInt8(truncatingIfNeeded: name.utf8.count)] + Array(name.utf8)
  }

  mutating func add(_ name: String, _ value: (some BinaryInteger)?) {
    guard let value else { return }
    bytes += Self.named(name)
    bytes.append(1)
    bytes.appendInteger(Int64(clamping: value))
  }

  mutating func add(_ name: String, _ flag: Bool) { add(name, flag ? 1 : 0) }

  mutating func add(_ name: String, _ text: String?) {
    guard let text else { return }
    bytes += Self.named(name)
    bytes.append(2)
    bytes.appendInteger(UInt32(truncatingIfNeeded: text.utf8.count))
    bytes += Array(text.utf8)
  }

  func digest(following digest: SHA256Digest) -> SHA256Digest {
    SHA256Digest(hashing: digest.bytes + bytes + [0])
  }
}

extension RegisterContents.EquipmentImport {
  /// Digest of the import's own row.
  package var digest: SHA256Digest {
    var row = RegisterRowBytes("import")
    row.add("version", version.version)
    row.add("effective_on", version.effectiveOn.number)
    row.add("imported_at", version.importedAt.milliseconds)
    row.add("equipment_file", equipmentFile.name)
    row.add("equipment_sha256", equipmentFile.sha256)
    row.add("equipment_rows", equipmentFile.rows)
    row.add("factories_file", factoriesFile?.name)
    row.add("factories_sha256", factoriesFile?.sha256)
    row.add("factory_rows", factoryRows)
    return row.digest(following: .zero)
  }

  /// Digest of the rows of the factory `id`; nil if the import has none.
  package func rowsDigest(of id: String) -> SHA256Digest? {
    guard factory != nil || !equipment.isEmpty else { return nil }
    var digest = SHA256Digest.zero
    for one in equipment { digest = Self.row(one, of: id, version.version).digest(following: digest) }
    if let factory {
      var row = RegisterRowBytes("factory_row")
      row.add("factory", id)
      row.add("version", version.version)
      row.add("name_zh", factory.nameChinese)
      row.add("name_en", factory.nameEnglish)
      row.add("industry", factory.industry)
      row.add("district", factory.district)
      row.add("retrofit_completed_on", factory.retrofitCompletedOn?.number)
      digest = row.digest(following: digest)
    }
    if !equipment.isEmpty {
      var row = RegisterRowBytes("import_factory")
      row.add("factory", id)
      row.add("version", version.version)
      row.add("equipment_rows", equipment.count)
      digest = row.digest(following: digest)
    }
    return digest
  }

  private static func row(_ one: RegisteredEquipment, of factory: String, _ version: Int) -> RegisterRowBytes
  {
    var row = RegisterRowBytes("equipment_row")
    row.add("factory", factory)
    row.add("equipment", one.key.equipment)
    row.add("version", version)
    row.add("workshop", one.workshop)
    row.add("line", one.line)
    row.add("name", one.name)
    row.add("category", one.category)
    row.add("automation", one.automation.rawValue)
    row.add("intelligent", one.intelligent)
    row.add("digital", one.digital)
    row.add("connectable", one.connectable)
    row.add("report_interval_ms", one.reportInterval?.milliseconds)
    row.add("commissioned_on", one.commissionedOn?.number)
    row.add("decommissioned_on", one.decommissionedOn?.number)
    row.add("retrofitted_on", one.retrofittedOn?.number)
    row.add("serial", one.serial)
    row.add("energy_meter", one.energyMeter)
    row.add("gateway", one.gateway)
    row.add("energy_rollover", one.energyRollover)
    row.add("cnc", one.cnc.map { $0 ? 1 : 0 })
    row.add("process", one.process.isEmpty ? nil : one.process)
    row.add("key_process", one.keyProcess.map { $0 ? 1 : 0 })
    row.add("ideal_cycle_ms", one.idealCycle?.milliseconds)
    row.add("asset_value", one.assetValue)
    row.add("meter_kind", one.meterKind?.rawValue)
    row.add("counts_output", one.countsOutput.map { $0 ? 1 : 0 })
    return row
  }
}

extension RegisterContents.CalendarVersion {
  /// Digest of the import's own row.
  package var digest: SHA256Digest {
    var row = RegisterRowBytes("calendar_import")
    row.add("version", version)
    row.add("imported_at", importedAt.milliseconds)
    row.add("file", file)
    row.add("sha256", sha256)
    return row.digest(following: .zero)
  }

  /// Digest of the rows of the factory `id`; nil if the import has none.
  package func rowsDigest(of id: String) -> SHA256Digest? {
    guard let entries else { return nil }
    var digest = SHA256Digest.zero
    for one in entries { digest = Self.row(one, of: id, version).digest(following: digest) }
    var row = RegisterRowBytes("calendar_factory")
    row.add("factory", id)
    row.add("version", version)
    return row.digest(following: digest)
  }

  private static func row(
    _ one: RegisterContents.PlacedEntry, of factory: String, _ version: Int
  ) -> RegisterRowBytes {
    var row = RegisterRowBytes("calendar_entry")
    let fields = CalendarEntryFields(one.entry)
    row.add("factory", factory)
    row.add("version", version)
    row.add("position", one.position)
    row.add("workshop", one.entry.place.workshop)
    row.add("line", one.entry.place.line)
    row.add("kind", fields.kind)
    row.add("first", fields.first)
    row.add("last", fields.last)
    row.add("weekdays", fields.weekdays)
    row.add("start_minute", fields.start)
    row.add("end_minute", fields.end)
    row.add("note", one.entry.note)
    return row
  }
}

/// A calendar entry's kind as numbers: days are counted from 1970-01-01, instants are milliseconds UTC, weekdays are
/// bits from Monday.
package struct CalendarEntryFields {
  package var kind: String
  package var first: Int64
  package var last: Int64
  package var weekdays = 0
  package var start = 0
  package var end = 0

  package init(_ entry: CalendarEntry) {
    switch entry.kind {
    case .shift(let days, let weekdays, let start, let end):
      kind = "shift"
      (first, last) = (Int64(days.lowerBound.number), Int64(days.upperBound.number))
      self.weekdays = (1...7).reduce(0) { weekdays.contains($1) ? $0 | 1 << ($1 - 1) : $0 }
      (self.start, self.end) = (start, end)
    case .holiday(let days):
      kind = "holiday"
      (first, last) = (Int64(days.lowerBound.number), Int64(days.upperBound.number))
    case .shutdown(let range):
      kind = "shutdown"
      (first, last) = (range.lowerBound.milliseconds, range.upperBound.milliseconds)
    }
  }
}
