import Foundation
import Processes
import Testing
import TestSupport

/// Drafts with names that need a naming file.
extension ListenTests {
  @Test("A draft with names that are not ids has the lines of their naming file, and reads them with it")
  func foreignNames() throws {
    try folder.write("captured.txt", "车间一/数控01/状态 1\n车间一/数控02/状态 0\n")
    let result = try millwright("listen", "--from", "captured.txt", "--write", "draft.yaml")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors == "draft written to draft.yaml: 3 comments in it to check or edit\n")
    let text = try String(contentsOfFile: folder.file("draft.yaml"), encoding: .utf8)
    let start = try #require(text.range(of: "store: sqlite:store\n"))
    #expect(
      text[start.upperBound...] == """
        # Names that are not ids, or that several machines have, need a naming file.
        # Save the lines below as naming.csv beside this file, without '# ' before them, write the ids of the register in
        # their first two columns, and remove the # before 'naming'.
        # factory_id,equipment_id,published_factory,published_equipment,published_workshop,published_line,group,edge,device,serial
        # FACTORY,EQUIPMENT-1,FACTORY,数控01
        # FACTORY,EQUIPMENT-2,FACTORY,数控02
        # naming: naming.csv
        sources:
          # values: 2 topics, 2 messages
          #   → FACTORY/EQUIPMENT-1  running
          #   → FACTORY/EQUIPMENT-2  idle
          - format: values
            # edit: give ids to 2 names in a naming file
            topic: "车间一/{equipment}/{field}"
            # edit: the id of the factory
            factory: FACTORY
            # check: the meaning of each value
            state: { at: 状态, map: { 0: idle, 1: running } }

        """)
    // The draft's comments are followed.
    let edited = text.replacing("FACTORY", with: "F001").replacing("# naming:", with: "naming:")
    let lines = edited.split(separator: "\n").filter {
      $0.hasPrefix("# factory_id") || $0.hasPrefix("# F001")
    }
    let names = lines.map { $0.dropFirst(2) + "\n" }.joined().replacing("EQUIPMENT-", with: "CNC")
    try folder.write("naming.csv", names)
    try folder.write("draft.yaml", edited)
    let heard = try millwright("listen", "--from", "captured.txt", "--config", "draft.yaml")
    #expect(heard.status == 0, "\(heard.errors)")
    #expect(
      body(heard) == """

        车间一
          数控01/状态  1 message  values
              → F001/CNC1  running
          数控02/状态  1 message  values
              → F001/CNC2  idle

        """)
    // A draft made with the naming keeps it.
    let again = try millwright(
      "listen", "--from", "captured.txt", "--config", folder.file("draft.yaml"), "--write", "next.yaml")
    #expect(again.status == 0, "\(again.errors)")
    let next = try String(contentsOfFile: folder.file("next.yaml"), encoding: .utf8)
    #expect(next.contains("store: sqlite:store\nnaming: \(folder.file("naming.csv"))\nsources:\n"), "\(next)")
  }

  @Test("A draft with names in payloads has their lines, and reads the machines with them")
  func payloadNames()
    throws
  {
    try folder.write(
      "captured.txt",
      #"产线/实时 {"time":1795305600000,"readings":[{"machine":"数控 01","state":"running"},"#
        + #"{"machine":"E2","state":"idle"}]}"# + "\n")
    let result = try millwright("listen", "--from", "captured.txt", "--write", "draft.yaml")
    #expect(result.status == 0, "\(result.errors)")
    let text = try String(contentsOfFile: folder.file("draft.yaml"), encoding: .utf8)
    let start = try #require(text.range(of: "# factory_id"))
    #expect(
      text[start.lowerBound...] == """
        # factory_id,equipment_id,published_factory,published_equipment,published_workshop,published_line,group,edge,device,serial
        # FACTORY,EQUIPMENT-1,FACTORY,数控 01
        # naming: naming.csv
        sources:
          # json: 1 topic, 1 message
          #   → FACTORY/EQUIPMENT-1  running
          #   → FACTORY/E2  idle
          - format: json
            # edit: give ids to 1 name in a naming file
            topic: 产线/实时
            # edit: the id of the factory
            factory: FACTORY
            each: /readings
            equipment: /machine
            timestamp: $/time
            state: /state

        """)
    let rows = text.split(separator: "\n").filter {
      $0.hasPrefix("# factory_id") || $0.hasPrefix("# FACTORY")
    }
    try folder.write("naming.csv", rows.map { $0.dropFirst(2) + "\n" }.joined())
    try folder.write("draft.yaml", text.replacing("# naming:", with: "naming:"))
    let heard = try millwright("listen", "--from", "captured.txt", "--config", "draft.yaml")
    #expect(heard.status == 0, "\(heard.errors)")
    #expect(
      body(heard) == """

        产线/实时  1 message  json
            → FACTORY/EQUIPMENT-1  running
            → FACTORY/E2  idle

        """)
  }

  @Test("A draft states how many names have characters that nobody would see") func invisibleNames() throws {
    let payload = #"{"time":1795305600000,"readings":[{"machine":"数控\u200b1","state":"running"}]}"#
    try folder.write("captured.txt", "产线/实时 \(payload)\n")
    let result = try millwright("listen", "--from", "captured.txt", "--write", "draft.yaml", "--lang", "zh")
    #expect(result.status == 0, "\(result.errors)")
    let text = try String(contentsOfFile: folder.file("draft.yaml"), encoding: .utf8)
    #expect(
      text.contains("store: sqlite:store\n# 有 1 个名称含不可见字符，未列出命名文件行；请改用其他名称上报。\nsources:\n"),
      "\(text)")
    #expect(!text.contains("factory_id"))
  }
}
