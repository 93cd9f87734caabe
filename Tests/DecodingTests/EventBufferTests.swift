import Decoding
import Telemetry
import Testing

@Suite("Names that a payload gives to equipment") struct EventBufferTests {
  @Test("have one place each in a message, few or many, and a message has at most 10,000") func places()
    throws
  {
    var buffer = EventBuffer()
    for count in [3, 10_000] {
      _ = buffer.begin(message: 0)
      for place in 0..<count {
        #expect(try buffer.sender(equipment: "E\(place)").place == Int32(place))
      }
      // Again, in the opposite order.
      for place in (0..<count).reversed() {
        #expect(try buffer.sender(equipment: "E\(place)").place == Int32(place))
      }
      #expect(buffer.names.count == count)
    }
    #expect(throws: Rejection(.tooLarge, "events")) { try buffer.sender(equipment: "E0", workshop: "W1") }
    // The next message has names of its own.
    _ = buffer.begin(message: 1)
    #expect(buffer.names.isEmpty)
    for place in 0..<20 {
      #expect(try buffer.sender(equipment: "E\(19 - place)", workshop: "W1").place == Int32(place))
    }
    #expect(try buffer.sender(equipment: "E19", workshop: "W2").place == 20)
    #expect(try buffer.sender(equipment: "E19", workshop: "W1").place == 0)
  }
}

@Suite("Records that make no event") struct BadRecordsTests {
  @Test("are of one message: the next begins without any, and so does an emptied buffer") func ofOneMessage()
  {
    var buffer = EventBuffer()
    #expect(!buffer.hasBadRecords)
    _ = buffer.begin(message: 0)
    buffer.note(badRecord: Rejection(.malformed, "time"), at: 3, places: [3])
    buffer.note(badRecord: Rejection(.missingField, "state"), at: 2, places: [2])
    #expect(buffer.hasBadRecords)
    let bad = buffer.badRecords
    #expect(bad?.rejection == Rejection(.missingField, "state"))
    #expect(bad?.excerpt == "#2 +1")
    #expect(bad?.places == [3, 2])
    _ = buffer.begin(message: 1)
    #expect(!buffer.hasBadRecords)
    #expect(buffer.badRecords == nil)
    buffer.note(badRecord: Rejection(.malformed, "time"), at: 1)
    #expect(buffer.badRecords?.places == [])
    #expect(buffer.badRecords?.count == 1)
    buffer.removeAll()
    #expect(!buffer.hasBadRecords)
    #expect(buffer.badRecords == nil)
  }
}
