import Register
import Testing

@Suite("The encoding of a register file without a mark is recognised by its words, or asked for")
struct EncodingRecognitionTests {
  /// A file of English headings and `names`.
  static func file(_ names: [String]) -> String {
    "equipment_id,factory_id,workshop,name\n"
      + names.enumerated().map { "E\($0.offset + 1),F001,W01,\($0.element)\n" }.joined()
  }

  static let ambiguous =
    "equipment.csv: UTF-8 and GB18030 are equally plausible; name one with --encoding utf-8 or --encoding gb18030"

  @Test(
    "Chinese names in GB18030 under English headings",
    arguments: [
      ["CNC磨", "CNC模", "PVC膜"], ["CNC磨"], ["CNC模"], ["PVC膜"], ["cnc磨"], ["pvc膜"], ["B模"], ["模A"], ["A母1"],
      ["压装"], ["涂装"], ["模压"], ["联通"], ["压装", "涂装", "模压"], ["模 磨"], ["模-1"], ["磨1"], ["1#磨"], ["①模"], ["“模”"],
      ["磨"], ["模"], ["膜"], ["铣"], ["铜"], ["水"], ["煤"], ["铆"], ["锚"], ["毛"], ["炉"], ["猫"],
      ["1#炉"], ["3楼"], ["A路"], ["1路"], ["A位"], ["3号位"], ["2台"], ["A台"], ["1站"], ["A芯"], ["芯A"], ["鲁A123"],
      ["Kuka模"], ["CNC磨床"], ["1#压装机"], ["1#铣"], ["装配1站"], ["煤磨"], ["水洗"], ["冲压", "模"],
      ["㐀"], ["車床"], ["喆", "磨床"],
    ])
  func gb18030(_ names: [String]) throws {
    let file = Self.file(names)
    #expect(try RegisterFileTests.text(RegisterFileTests.gbk(file)) == file)
    #expect(try RegisterFileTests.text(Array(file.utf8)) == file)
  }

  @Test(
    "names in UTF-8 under English headings",
    arguments: [
      // German, French, Spanish, Vietnamese, Polish, Czech, Turkish; composed and decomposed.
      ["Müller-Drehbank é ñ"], ["Müller"], ["Größe"], ["ÖFEN"], ["mühle"], ["über"], ["Mu\u{308}ller"],
      ["école"], ["été"], ["René"], ["Garçon"], ["Presse à injecter"], ["Señal"], ["Año"], ["Torno número 3"],
      ["Máy tiện"], ["Żuraw"], ["ŻURAW"], ["Próg"], ["Frézka"], ["Škoda"], ["İnce"], ["Citroën"],
      // Cyrillic and Greek.
      ["Станок"], ["плунжер"], ["Фонд"], ["«Станок»"], ["Пресс №2"], ["МК-6"], ["УЗС"], ["уголь"], ["Πρέσα"],
      ["Μύλος"],
      // Japanese, Korean, Chinese.
      ["旋盤"], ["フライス"], ["ドリル 3"], ["선반"], ["Bühler", "磨"],
      // Signs, also as the first or last character of a cell.
      ["Φ50 drill"], ["Φ"], ["Ωmega"], ["10 kΩ"], ["Ω"], ["5µm"], ["25°C"], ["°"], ["±5"], ["2 m²"], ["3×5"],
      ["№3"],
      ["Bosch®"], ["™"], ["“x”"], ["a—b"], ["①"], ["5㎡"], ["Ø50"], ["ø50"], ["Nº 3"], ["kW·h"], ["α-Al"],
      ["🔧"], ["🔧 drill"],
    ])
  func utf8(_ names: [String]) throws {
    let file = Self.file(names)
    #expect(try RegisterFileTests.text(Array(file.utf8)) == file)
  }

  @Test(
    "bytes that are plausible in both encodings are not guessed",
    arguments: [
      ("位1", "λ1"), ("1位", "1λ"), ("未", "δ"), ("楼", "¥"), ("小", "С"), ("芯", "о"), ("锌芯", "по"),
      ("茅", "é"), ("陆", "½"), ("漏", "©"), ("Bosch帽", "Boschñ"), ("S铆", "Sí"), ("Per煤", "Perú"),
      ("prvn铆", "první"), ("NH漂NG", "NHƯNG"),
    ])
  func both(_ chinese: String, _ other: String) throws {
    let bytes = try RegisterFileTests.gbk(Self.file([chinese]))
    #expect(bytes == Array(Self.file([other]).utf8))
    #expect(RegisterFileTests.complaint(bytes) == Self.ambiguous)
    for (encoding, name) in [(TextEncoding.gb18030, chinese), (.utf8, other)] {
      let text = try RegisterFile(name: "equipment.csv", bytes: bytes, encoding: encoding).text()
      #expect(String(decoding: text, as: UTF8.self) == Self.file([name]))
    }
  }

  @Test(
    "a doubtful name is read as the rest of the file",
    arguments: [["位1", "磨床"], ["小", "CNC磨"], ["芯", "压装"], ["Bosch帽", "PVC膜", "模"]],
    [["λ1", "Станок"], ["é", "Müller"], ["С", "镗床"], ["Perú", "Señal"]])
  func rest(_ chinese: [String], _ others: [String]) throws {
    #expect(try RegisterFileTests.text(RegisterFileTests.gbk(Self.file(chinese))) == Self.file(chinese))
    #expect(try RegisterFileTests.text(Array(Self.file(others).utf8)) == Self.file(others))
  }

  @Test("text in another encoding of the West is not taken for GB18030")
  func western() {
    #expect(
      RegisterFileTests.complaint(Array("equipment_id,name\nE1,M".utf8) + [0xFC] + Array("ller\n".utf8))
        == "equipment.csv:2: the bytes FC 6C 6C 65 are neither UTF-8 nor GB18030; save the file as 'CSV UTF-8'"
    )
  }

  @Test("a line whose bytes are valid in both encodings is refused when it fits the other one only")
  func mixture() throws {
    #expect(
      RegisterFileTests.complaint(
        Array(Self.file(["数控车床", "磨床"]).utf8) + (try RegisterFileTests.gbk("E3,F001,W01,CNC磨\n")))
        == "equipment.csv:4: this line is GB18030, the rest of the file UTF-8; save the whole file as 'CSV UTF-8', "
        + "or name its encoding with --encoding")
    #expect(
      RegisterFileTests.complaint(
        try RegisterFileTests.gbk(Self.file(["数控车床", "磨床"])) + Array("E3,F001,W01,Müller\n".utf8))
        == "equipment.csv:4: this line is UTF-8, the rest of the file GB18030; save the whole file as 'CSV UTF-8', "
        + "or name its encoding with --encoding")
  }
}
