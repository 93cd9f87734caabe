import Register
import Telemetry
import Testing

@Suite("Pairing of names") struct NamePairingTests {
  private func pairing(_ equipment: [(String, String)]) -> NamePairing {
    NamePairing(
      equipment.map { name, serial in
        let parts = name.split(separator: "/").map(String.init)
        return (key: EquipmentKey(factory: parts[0], equipment: parts[1]), serial: serial)
      })
  }

  /// Each proposal as `REASON EQUIPMENT…`, with `shared` at the end; `none` without one.
  private func proposals(_ pairing: NamePairing, _ names: [(String?, String)]) -> [String] {
    pairing.proposals(for: names.map { NamePairing.ForeignName(factory: $0.0, equipment: $0.1) }).map {
      guard let proposal = $0 else { return "none" }
      let keys = proposal.candidates.map(\.description)
      return ([proposal.reason.name] + keys + (proposal.isShared ? ["shared"] : [])).joined(separator: " ")
    }
  }

  @Test("The first reason that applies decides") func reasons() {
    let pairing = pairing([
      ("F001/CNC01", "SN-2024-77"), ("F001/CNC-02", ""), ("F001/E3", ""), ("F001/PRESS-7", ""),
      ("F001/LATHE-12", ""), ("F002/CNC01", ""),
    ])
    #expect(
      proposals(
        pairing,
        [
          ("F001", "cnc01"), ("F002", "ＣＮＣ０１"), ("F001", "CNC 02"), ("F001", "E003"), ("F001", "pres-7"),
          ("F001", "sn202477"), ("F001", "LATHE-13"), ("F001", "Lahte 012"), ("F009", "CNC01"),
        ]) == [
          "letter_case F001/CNC01", "width F002/CNC01", "separators F001/CNC-02", "leading_zeros F001/E3",
          "spelling F001/PRESS-7", "serial F001/CNC01 shared", "none", "spelling F001/LATHE-12", "none",
        ])
  }

  @Test("Several candidates, and several names for one machine, are no clear proposal") func ambiguous() {
    let pairing = pairing([
      ("F001/E1", ""), ("F002/E1", ""), ("F001/A-1", ""), ("F001/A1", ""), ("F001/B7", ""),
    ])
    // An unknown factory has candidates in all of them.
    #expect(proposals(pairing, [(nil, "e1")]) == ["letter_case F001/E1 F002/E1"])
    #expect(proposals(pairing, [("F001", "a 1")]) == ["separators F001/A-1 F001/A1"])
    #expect(
      proposals(pairing, [("F001", "B 7"), ("F001", "B_7")]) == [
        "separators F001/B7 shared", "separators F001/B7 shared",
      ])
    // A stronger reason keeps its machine.
    #expect(
      proposals(pairing, [("F001", "b7"), ("F001", "B_7")]) == [
        "letter_case F001/B7", "separators F001/B7 shared",
      ])
  }

  @Test("One edit between letters is near, another digit or a short name is not") func edits() {
    let pairing = pairing([("F/MILL1", ""), ("F/ABC", ""), ("F/00", "")])
    #expect(
      proposals(pairing, [("F", "MIL1")]) == ["spelling F/MILL1"])
    #expect(proposals(pairing, [("F", "MLIL1")]) == ["spelling F/MILL1"])
    #expect(proposals(pairing, [("F", "MALL1")]) == ["spelling F/MILL1"])
    #expect(proposals(pairing, [("F", "MILLS1")]) == ["spelling F/MILL1"])
    #expect(
      proposals(pairing, [("F", "MILL2"), ("F", "MILL11"), ("F", "MAAL1"), ("F", "ABD"), ("F", "")])
        == ["none", "none", "none", "none", "none"])
    #expect(proposals(pairing, [("F", "0")]) == ["leading_zeros F/00"])
  }

  @Test("Ten thousand names among sixty thousand machines are paired by look-ups") func many() {
    let machines = (0..<60_000).map { ("F\($0 % 40)/MACHINE-\($0)", "SN\($0)") }
    let names = (0..<10_000).map { (Optional("F\($0 % 40)"), "machine 0\($0)") }
    let found = proposals(pairing(machines), names)
    #expect(found.count { $0.hasPrefix("leading_zeros ") } == 10_000)
    #expect(found[9999] == "leading_zeros F39/MACHINE-9999")
  }
}
